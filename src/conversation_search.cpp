// Searching in a conversation, and what stands around the messages found.
#include <algorithm>
#include <utility>

#include "holdfast/conversation.hpp"
#include "holdfast/error.hpp"
#include "message_walk.hpp"

namespace holdfast {
namespace {

// Up to `count` messages beside the one created at `revision`, oldest first.
std::vector<Message> beside(Memory& memory, const Namespace& ns, Revision revision,
                            Direction direction, std::size_t count, const Context& context) {
  MemoryQuery query = in_order_of_conversation(ns, direction);
  query.limit = count;
  query.cursor = cursor_after(query, revision);
  std::vector<Message> messages;
  for (const Entry& entry : memory.query(query, context).entries) {
    messages.push_back(Message::from_entry(entry));
  }
  if (direction == Direction::descending) std::reverse(messages.begin(), messages.end());
  return messages;
}

}  // namespace

bool Conversation::make_searchable(const Context& context) {
  const std::vector<SearchConfiguration> configurations = memory_->search_configurations(context);
  const bool is_governed =
      std::any_of(configurations.begin(), configurations.end(),
                  [&](const SearchConfiguration& each) { return each.ns.contains(ns_); });
  if (is_governed) return false;
  memory_->configure_search(ns_, SearchConfig::conversation(), context);
  return true;
}

MessageSearchPage Conversation::search(const MessageSearch& wanted, const Context& context) const {
  if (wanted.around > MessageSearch::max_around) {
    throw_invalid_argument("around is " + std::to_string(wanted.around) + "; up to " +
                           std::to_string(MessageSearch::max_around) + " are allowed");
  }
  SearchPage found = memory_->search({.scope = {ns_, false},
                                      .text = wanted.text,
                                      .filter = wanted.filter,
                                      .limit = wanted.limit,
                                      .explain = wanted.explain,
                                      .cursor = wanted.cursor},
                                     context);
  MessageSearchPage page;
  page.cursor = std::move(found.cursor);
  page.hits.reserve(found.hits.size());
  for (SearchHit& each : found.hits) {
    MessageHit hit{
        Message::from_entry(each.entry), each.score, {}, {}, std::move(each.explanation)};
    if (wanted.around > 0) {
      const Revision place = each.entry.created_revision;
      hit.before = beside(*memory_, ns_, place, Direction::descending, wanted.around, context);
      hit.after = beside(*memory_, ns_, place, Direction::ascending, wanted.around, context);
    }
    page.hits.push_back(std::move(hit));
  }
  return page;
}

}  // namespace holdfast
