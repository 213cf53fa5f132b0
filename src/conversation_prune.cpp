// Pruning: erasing from the beginning of a conversation.
#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "call_index.hpp"
#include "holdfast/conversation.hpp"
#include "holdfast/error.hpp"
#include "message_walk.hpp"

namespace holdfast {
namespace {

constexpr std::size_t messages_per_step = 10'000;

// What a prune would erase: the messages before a place, with those calls taken out again that
// have a result beyond it.
class PrunePlan {
 public:
  struct Victim {
    std::string id;
    Revision place = 0;
    bool is_result = false;
  };

  // Messages created before the revision `end` go, but for those the plan keeps.
  explicit PrunePlan(Revision end) : end_(end) {}

  // Takes messages oldest first. False: the plan needs to see no more.
  bool add(const Message& message, bool is_kept, bool keep_calls_with_results) {
    const Revision place = message.created_revision();
    if (place >= end_ && (!keep_calls_with_results || open_.empty())) return false;
    if (place < end_ && !is_kept) victims_.push_back({message.id(), place, message.is_result()});
    if (keep_calls_with_results) follow(message);
    return true;
  }

  [[nodiscard]] std::vector<Victim> finish() {
    // By descending place of the call, so that a link looked at earlier cannot cross again.
    std::sort(links_.rbegin(), links_.rend());
    for (const auto& [call, result] : links_) {
      if (call < end_ && end_ <= result) end_ = call;
    }
    std::erase_if(victims_, [&](const Victim& victim) { return victim.place >= end_; });
    return std::move(victims_);
  }

 private:
  void follow(const Message& message) {
    const Revision place = message.created_revision();
    if (message.is_result()) {
      const Revision call = calls_.call_of(message);
      if (call == 0) return;
      links_.emplace_back(call, place);
      close(call, message);
      return;
    }
    calls_.add(message);
    if (place >= end_) return;
    for (const ToolCall& call : message.tool_calls()) open_.emplace(place, call.id);
  }

  // One call at `place` has its result.
  void close(Revision place, const Message& result) {
    if (open_.erase({place, result.tool_call_id().value_or("")}) != 0) return;
    const auto any = open_.lower_bound({place, ""});
    if (!result.tool_call_id() && any != open_.end() && any->first == place) open_.erase(any);
  }

  Revision end_;
  std::vector<Victim> victims_;
  CallIndex calls_;
  std::vector<std::pair<Revision, Revision>> links_;  // Places of a call and of its result.
  std::set<std::pair<Revision, std::string>> open_;   // Calls before `end_` without a result.
};

// Whether a prune keeps a message for being a system message.
class KeptSystem {
 public:
  KeptSystem(KeepSystem keep, const std::vector<Message>& leading)
      : keep_(keep), last_leading_(leading.empty() ? 0 : leading.back().created_revision()) {}

  bool operator()(const Message& message) const {
    return keep_ == KeepSystem::all ? message.is_system()
                                    : message.created_revision() <= last_leading_;
  }

 private:
  KeepSystem keep_;
  Revision last_leading_;
};

// The place up to which all but the newest `keep` messages lie; 0: there are no more than these.
Revision end_for_keeping(Memory& memory, const Namespace& ns, std::size_t keep,
                         const KeptSystem& is_kept, const Context& context) {
  Revision end = 0;
  std::size_t seen = 0;
  MemoryQuery query = in_order_of_conversation(ns, Direction::descending);
  walk(memory, std::move(query), context, [&](const Message& message) {
    if (is_kept(message) || seen++ < keep) return true;
    end = message.created_revision() + 1;
    return false;
  });
  return end;
}

// The place of the first message created at `instant` or later; where there is none, the end.
Revision end_for_older(Memory& memory, const Namespace& ns, Timestamp instant,
                       const Context& context) {
  Revision end = std::numeric_limits<Revision>::max();
  MemoryQuery query = in_order_of_conversation(ns);
  walk(memory, std::move(query), context, [&](const Message& message) {
    if (*message.created_at() < instant) return true;
    end = message.created_revision();
    return false;
  });
  return end;
}

std::size_t erase_in_steps(Memory& memory, const Namespace& ns,
                           const std::vector<PrunePlan::Victim>& victims, const Context& context) {
  std::size_t erased = 0;
  const std::size_t step_max =
      std::min(messages_per_step, memory.capabilities().max_batch_ops / 2 + 1);
  std::vector<std::string> step;
  for (std::size_t i = 0; i < victims.size(); ++i) {
    step.push_back(victims[i].id);
    const bool is_last = i + 1 == victims.size();
    const bool may_end =
        is_last || !victims[i + 1].is_result || step.size() >= memory.capabilities().max_batch_ops;
    if (!is_last && (step.size() < step_max || !may_end)) continue;
    erased += memory.erase_many(ns, step, context);
    step.clear();
  }
  return erased;
}

}  // namespace

std::size_t Conversation::prune(const PruneOptions& options, const Context& context) {
  if (!options.keep_last && !options.older_than && options.before_id.empty()) {
    throw_invalid_argument("prune needs keep_last, older_than or before_id");
  }
  std::vector<Message> leading;
  if (options.keep_system == KeepSystem::leading)
    leading = kept_system(options.keep_system, context);
  const KeptSystem is_kept(options.keep_system, leading);

  Revision end = 0;
  if (!options.before_id.empty()) {
    end = require(options.before_id, "conversation.prune", context).created_revision();
  }
  if (options.older_than) {
    end = std::max(end, end_for_older(*memory_, ns_, *options.older_than, context));
  }
  if (options.keep_last) {
    end = std::max(end, end_for_keeping(*memory_, ns_, *options.keep_last, is_kept, context));
  }

  PrunePlan plan(end);
  walk(*memory_, in_order_of_conversation(ns_), context, [&](const Message& message) {
    return plan.add(message, is_kept(message), options.keep_calls_with_results);
  });
  return erase_in_steps(*memory_, ns_, plan.finish(), context);
}

}  // namespace holdfast
