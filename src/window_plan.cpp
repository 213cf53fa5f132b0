#include "window_plan.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

bool WindowPlan::add(Message message, std::size_t tokens) {
  const std::size_t index = items_.size();
  const Role role = message.role();
  const bool is_result = message.is_result();
  items_.push_back({std::move(message), tokens});
  if (is_result) {
    waiting_.push_back(index);
  } else {
    tokens_ = sum(tokens_, sum(tokens, with_results_of(index)));
    const Cut cut{index + 1, tokens_};
    if (fits(tokens_) && !opening_ && role != Role::user) cuts_in_newest_.push_back(cut);
    if (fits(tokens_) && role == Role::user) whole_turns_ = cut;
    if (role == Role::user && !opening_) opening_ = index;
  }
  // Beyond the budget only the user message that opens the newest turn is of interest.
  return fits(tokens_) || !opening_;
}

std::size_t WindowPlan::with_results_of(std::size_t call) {
  std::size_t tokens = 0;
  std::erase_if(waiting_, [&](std::size_t result) {
    if (!answers(items_[result].message, items_[call].message)) return false;
    items_[result].call = call;
    tokens = sum(tokens, items_[result].tokens);
    return true;
  });
  return tokens;
}

WindowPlan::Choice WindowPlan::finish(bool all_seen) const {
  if (all_seen && fits(tokens_)) return choose({items_.size(), tokens_}, false);
  if (whole_turns_) return choose(*whole_turns_, false);
  return part_of_newest_turn();
}

WindowPlan::Choice WindowPlan::part_of_newest_turn() const {
  if (opening_) {
    const std::size_t tokens = items_[*opening_].tokens;
    for (auto cut = cuts_in_newest_.rbegin(); cut != cuts_in_newest_.rend(); ++cut) {
      if (fits(sum(cut->tokens, tokens))) return choose(*cut, true);
    }
  }
  return cuts_in_newest_.empty() ? Choice{} : choose(cuts_in_newest_.back(), false);
}

WindowPlan::Choice WindowPlan::choose(const Cut& cut, bool with_opening) const {
  Choice choice;
  choice.tokens = cut.tokens;
  for (std::size_t i = 0; i < cut.size; ++i) {
    const Item& item = items_[i];
    if (item.message.is_result() && (item.call == nowhere || item.call >= cut.size)) continue;
    choice.messages.push_back(item.message);
  }
  if (with_opening) {
    choice.messages.push_back(items_[*opening_].message);
    choice.tokens += items_[*opening_].tokens;
  }
  std::reverse(choice.messages.begin(), choice.messages.end());
  return choice;
}

}  // namespace holdfast
