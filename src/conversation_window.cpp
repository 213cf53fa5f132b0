// Windows: the newest messages that fit a budget of tokens.
#include <algorithm>
#include <iterator>
#include <utility>

#include "holdfast/conversation.hpp"
#include "holdfast/error.hpp"
#include "message_walk.hpp"
#include "window_plan.hpp"

namespace holdfast {
namespace {

constexpr std::size_t first_page = 32;

std::size_t cost_of(const Message& message, const TokenCounter& count_tokens) {
  if (const auto stored = message.tokens()) return *stored;
  if (count_tokens) return count_tokens(message);
  throw_invalid_argument("the message '" + message.id() +
                         "' has no stored number of tokens and no token counter was given");
}

bool is_older(const Message& a, const Message& b) {
  return a.created_revision() < b.created_revision();
}

// The system messages that fit, and whether all do.
bool take_system(std::vector<Message> system, const WindowOptions& options, Window& window) {
  for (auto message = system.begin(); message != system.end(); ++message) {
    const std::size_t tokens =
        WindowPlan::sum(window.tokens, cost_of(*message, options.count_tokens));
    if (tokens > options.max_tokens) {
      window.system_left_out = static_cast<std::size_t>(system.end() - message);
      return false;
    }
    window.tokens = tokens;
    window.messages.push_back(std::move(*message));
  }
  return true;
}

}  // namespace

std::vector<Message> Conversation::kept_system(KeepSystem keep, const Context& context) const {
  std::vector<Message> messages;
  if (keep == KeepSystem::none) return messages;
  MemoryQuery query = in_order_of_conversation(ns_);
  query.limit = first_page;
  if (keep == KeepSystem::all) {
    query.filter =
        Filter::where("role", Filter::Operator::in, MemoryValue::list({"system", "developer"}));
  }
  walk(*memory_, std::move(query), context, [&](Message message) {
    if (!message.is_system()) return false;
    messages.push_back(std::move(message));
    return true;
  });
  return messages;
}

Window Conversation::window(const WindowOptions& options, const Context& context) const {
  Window window;
  std::vector<Message> system = kept_system(options.keep_system, context);
  const Revision last_leading = system.empty() ? 0 : system.back().created_revision();
  if (take_system(std::move(system), options, window)) {
    WindowPlan plan(options.max_tokens - window.tokens);
    bool all_seen = true;
    MemoryQuery query = in_order_of_conversation(ns_, Direction::descending);
    query.limit = first_page;
    walk(*memory_, std::move(query), context, [&](Message message) {
      const bool counted_already = options.keep_system == KeepSystem::leading
                                       ? message.created_revision() <= last_leading
                                       : message.is_system();
      if (counted_already) return true;
      const std::size_t tokens = cost_of(message, options.count_tokens);
      all_seen = plan.add(std::move(message), tokens);
      return all_seen;
    });
    WindowPlan::Choice choice = plan.finish(all_seen);
    window.tokens += choice.tokens;
    std::vector<Message> merged;
    merged.reserve(window.messages.size() + choice.messages.size());
    std::merge(std::make_move_iterator(window.messages.begin()),
               std::make_move_iterator(window.messages.end()),
               std::make_move_iterator(choice.messages.begin()),
               std::make_move_iterator(choice.messages.end()), std::back_inserter(merged),
               is_older);
    window.messages = std::move(merged);
  }
  const std::uint64_t all = count(context);
  window.left_out =
      all > window.messages.size() ? static_cast<std::size_t>(all - window.messages.size()) : 0;
  return window;
}

}  // namespace holdfast
