#include "search.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

namespace holdfast::fault_tests {
namespace {

std::uint64_t end_of(const Operation& operation) {
  return operation.in_doubt ? Operation::open_end : operation.returned;
}

// The keys that it names, as bits, where the entry may have gone by itself when it came.
unsigned may_have_gone(const Operation& operation, const State& state, const Rules& rules) {
  unsigned keys = 0;
  for (const Step& step : operation.all_steps()) {
    const Cell& cell = state[step.key];
    const bool is_over = cell.present && !cell.is_live(operation.latest);
    if (rules.evicts || is_over) keys |= 1U << step.key;
  }
  return keys;
}

// Whether its answers say that it changed nothing, so that it may come as early as it fits. What
// does not tell may have changed something later on.
bool tells_that_nothing_changed(const Operation& operation) {
  if (operation.in_doubt) return false;
  if (operation.failed) return true;
  return std::ranges::all_of(operation.all_steps(), [](const Step& step) {
    const bool is_look = step.action == Step::Action::read || step.action == Step::Action::check;
    return is_look || step.status == WriteStatus::absent || step.status == WriteStatus::unmet;
  });
}

// `state` without those of the entries at `keys` that `gone` names.
State without(State state, unsigned gone) {
  for (std::size_t key = 0; key < max_keys; ++key) {
    if ((gone >> key & 1U) == 0) continue;
    const Revision floor = state[key].floor;
    state[key] = {};
    state[key].floor = floor;
  }
  return state;
}

}  // namespace

std::size_t OrderSearch::NodeHash::operator()(const Node& node) const {
  std::size_t hash = hash_of(node.state);
  for (const std::uint16_t done : node.done) hash = hash * 31 + done;
  return hash;
}

OrderSearch::OrderSearch(const State& initial, const std::vector<const Operation*>& operations,
                         const Rules& rules)
    : initial_(initial), rules_(rules), operations_(operations) {
  std::ranges::sort(operations_, {}, &Operation::called);
  std::map<std::uint16_t, std::size_t> lane_of_thread;
  for (const Operation* operation : operations_) {
    if (operation->in_doubt) {
      lanes_.push_back({operation});
      continue;
    }
    const auto [lane, is_new] = lane_of_thread.try_emplace(operation->thread, lanes_.size());
    if (is_new) lanes_.emplace_back();
    lanes_[lane->second].push_back(operation);
  }
}

Finding OrderSearch::run() {
  deepest_ = {std::vector<std::uint16_t>(lanes_.size()), initial_};
  open_.push_back(deepest_);
  while (!open_.empty()) {
    const Node node = std::move(open_.back());
    open_.pop_back();
    if (!seen_.insert(node).second) continue;
    note_depth(node);
    if (is_finished(node)) return {};
    if (seen_.size() > rules_.max_states) {
      return {Verdict::too_large, report("The search was given up.")};
    }
    expand(node);
  }
  return {Verdict::impossible, report("No order explains the answers.")};
}

const Operation* OrderSearch::next_of(const Node& node, std::size_t lane) const {
  const std::size_t done = node.done[lane];
  return done == lanes_[lane].size() ? nullptr : lanes_[lane][done];
}

// An operation in doubt need not have happened.
bool OrderSearch::is_finished(const Node& node) const {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const Operation* next = next_of(node, lane);
    if (next != nullptr && !next->in_doubt) return false;
  }
  return true;
}

// Any operation may come next that was called before each of the others had returned.
void OrderSearch::expand(const Node& node) {
  std::uint64_t first_end = Operation::open_end;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const Operation* next = next_of(node, lane);
    if (next != nullptr) first_end = std::min(first_end, end_of(*next));
  }
  std::vector<std::size_t> candidates;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const Operation* next = next_of(node, lane);
    if (next != nullptr && next->called <= first_end) candidates.push_back(lane);
  }
  // The order in which they returned is the best guess: what is added last is tried first.
  std::ranges::sort(candidates, std::ranges::greater(),
                    [&](std::size_t lane) { return end_of(*next_of(node, lane)); });
  const auto before = static_cast<std::ptrdiff_t>(open_.size());
  for (const std::size_t lane : candidates) {
    if (!try_next(node, lane)) continue;
    // It may as well come next, so that no other has to be tried.
    open_.erase(open_.begin() + before, open_.end() - 1);
    return;
  }
}

bool OrderSearch::try_next(const Node& node, std::size_t lane) {
  const Operation& operation = *next_of(node, lane);
  for (Ms now = operation.earliest; now <= operation.latest; now += rules_.tick) {
    if (try_next(node, lane, now)) return true;
  }
  return false;
}

bool OrderSearch::try_next(const Node& node, std::size_t lane, Ms now) {
  const Operation& operation = *next_of(node, lane);
  const unsigned keys = may_have_gone(operation, node.state, rules_);
  // Any of them may have gone before it, or none.
  for (unsigned gone = 0; gone < 1U << max_keys; ++gone) {
    if ((gone & ~keys) != 0) continue;
    Node next{node.done, without(node.state, gone)};
    if (!apply(operation, now, rules_.creations_rise, next.state)) continue;
    ++next.done[lane];
    if (is_dead(next)) continue;
    // Whatever explains the rest explains it after one that changes nothing, too.
    const bool changes_nothing = tells_that_nothing_changed(operation) && next.state == node.state;
    open_.push_back(std::move(next));
    if (changes_nothing) return true;
  }
  return false;
}

bool OrderSearch::is_dead(const Node& node) const {
  for (std::size_t lane = 0; lane < lanes_.size() && rules_.creations_rise; ++lane) {
    const Operation* next = next_of(node, lane);
    if (next == nullptr) continue;
    for (const Step& step : next->all_steps()) {
      const Revision given = step.given_revision();
      if (given != 0 && given <= node.state[step.key].floor) return true;
    }
  }
  return false;
}

void OrderSearch::note_depth(const Node& node) {
  const auto depth = std::accumulate(node.done.begin(), node.done.end(), std::size_t{0});
  if (depth < depth_) return;
  depth_ = depth;
  deepest_ = node;
}

std::string OrderSearch::report(const char* what) const {
  std::string text = std::string(what) + " States tried: " + std::to_string(seen_.size()) + "\n";
  for (std::size_t key = 0; key < max_keys; ++key) {
    const std::string name(1, static_cast<char>('a' + key));
    text += name + " at first: " + describe(initial_[key]) +
            "; at the end of the longest order: " + describe(deepest_.state[key]) + "\n";
  }
  std::map<const Operation*, bool> placed;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    for (std::size_t i = 0; i < deepest_.done[lane]; ++i) placed[lanes_[lane][i]] = true;
  }
  text += "The history; what has no place in the longest order is marked:\n";
  for (const Operation* operation : operations_) {
    text += (placed.contains(operation) ? "    " : " ?? ") + describe(*operation) + "\n";
  }
  return text;
}

}  // namespace holdfast::fault_tests
