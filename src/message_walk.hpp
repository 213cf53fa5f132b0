// Walking over the messages of a namespace, page by page.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cursor.hpp"
#include "holdfast/memory.hpp"
#include "holdfast/message.hpp"

namespace holdfast {

// All messages of a namespace in the order of the conversation, or against it.
[[nodiscard]] inline MemoryQuery in_order_of_conversation(
    const Namespace& ns, Direction direction = Direction::ascending) {
  MemoryQuery query;
  query.scope.ns = ns;
  query.order = OrderBy::created;
  query.direction = direction;
  return query;
}

// The cursor that goes on after the entry created at `revision`.
[[nodiscard]] inline std::string cursor_after(const MemoryQuery& query, Revision revision) {
  return encode_cursor(text_of(query), {{}, revision});
}

// Calls `visit(Message)` for each message of a query until it returns false. The first page has
// `query.limit` entries, each later one twice as many, up to a bound: who needs few reads few.
template <typename Visit>
void walk(Memory& memory, MemoryQuery query, const Context& context, Visit&& visit) {
  constexpr std::size_t page_max = 1000;
  for (;;) {
    Page page = memory.query(query, context);
    for (const Entry& entry : page.entries) {
      if (!visit(Message::from_entry(entry))) return;
    }
    if (page.cursor.empty()) return;
    query.cursor = std::move(page.cursor);
    query.limit = std::min(query.limit * 2, std::max(query.limit, page_max));
  }
}

}  // namespace holdfast
