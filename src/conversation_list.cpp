// Listing the conversations of an owner.
#include <utility>

#include "holdfast/conversation.hpp"
#include "message_walk.hpp"

namespace holdfast {
namespace {

std::optional<Entry> first_entry(Memory& memory, const Namespace& ns, Direction direction,
                                 const Context& context) {
  MemoryQuery query = in_order_of_conversation(ns, direction);
  query.limit = 1;
  Page page = memory.query(query, context);
  if (page.entries.empty()) return std::nullopt;
  return std::move(page.entries.front());
}

bool is_message(const Entry& entry) {
  const auto role = entry.value["role"].get_if<std::string>();
  return role && role_named(*role);
}

// Empty where the namespace holds no conversation, or holds nothing any more.
std::optional<ConversationSummary> summarise(Memory& memory, const Namespace& ns,
                                             const Context& context) {
  const auto newest = first_entry(memory, ns, Direction::descending, context);
  if (!newest || !is_message(*newest)) return std::nullopt;
  const auto oldest = first_entry(memory, ns, Direction::ascending, context);
  if (!oldest) return std::nullopt;
  return ConversationSummary{ns, memory.count(Scope{ns, false}, context), oldest->created_at,
                             newest->created_at};
}

}  // namespace

ConversationPage list_conversations(Memory& memory, const Namespace& owner, std::size_t limit,
                                    const std::string& cursor, const Context& context) {
  ConversationPage page;
  NamespaceQuery query;
  query.prefix = NamespacePattern(owner);
  query.limit = limit;
  query.cursor = cursor;
  do {
    NamespacePage found = memory.list_namespaces(query, context);
    for (const Namespace& ns : found.namespaces) {
      if (auto summary = summarise(memory, ns, context)) {
        page.conversations.push_back(std::move(*summary));
      }
    }
    query.cursor = std::move(found.cursor);
    query.limit = limit - page.conversations.size();
  } while (query.limit > 0 && !query.cursor.empty());
  page.cursor = std::move(query.cursor);
  return page;
}

}  // namespace holdfast
