// Calls of several steps that a player chooses.
#include <algorithm>
#include <span>
#include <utility>

#include "player.hpp"

namespace holdfast::fault_tests {

using Action = Step::Action;
using Call = Operation::Call;

void Player::write() {
  const std::size_t size = 2 + below(3);
  call(Call::write, [&](Operation& operation, const Context& context) {
    WriteBatch batch;
    for (std::size_t i = 0; i < size; ++i) add_to_batch(batch, operation);
    const BatchResult result = seat_.writing.write(batch, context);
    const std::span<Step> steps = operation.all_steps();
    for (std::size_t i = 0; result.applied && i < size; ++i) answer(steps[i], result.results[i]);
    if (result.applied) return;
    operation.failed = result.failed;
    Step& failed = steps[result.failed.value()];
    const Revision known = known_revisions_[failed.key];
    answer(failed, result.results.at(*result.failed));
    const auto earlier = steps.first(*result.failed);
    if (std::ranges::find(earlier, failed.key, &Step::key) == earlier.end()) return;
    // The batch itself had changed it: the revision is none that was ever given.
    failed.tells_revision = false;
    known_revisions_[failed.key] = known;
  });
}

void Player::add_to_batch(WriteBatch& batch, Operation& operation) {
  constexpr Action actions[] = {Action::set,       Action::set,   Action::erase,
                                Action::increment, Action::touch, Action::check};
  const Action action = actions[below(std::size(actions))];
  const std::size_t key = random_key();
  Step& step = operation.add(action, key);
  const bool may_compare = action == Action::set || action == Action::erase;
  if (action == Action::check || (may_compare && below(3) == 0)) {
    step.precondition = random_precondition(key);
    step.skip = may_compare && below(2) == 0;
  }
  const OnUnmet on_unmet = step.skip ? OnUnmet::skip : OnUnmet::abort_batch;
  const Namespace& ns = history_namespace();
  const std::string& name = history_key(key);
  switch (action) {
    case Action::read:
      break;
    case Action::check:
      batch.check(ns, name, step.precondition);
      break;
    case Action::set:
      ask_to_set(step);
      batch.set(ns, name, step.number, set_options(step), on_unmet);
      break;
    case Action::erase:
      batch.erase(ns, name, {step.precondition, false}, on_unmet);
      break;
    case Action::increment:
      step.number = 1 + static_cast<std::int64_t>(below(3));
      batch.increment(ns, name, step.number);
      break;
    case Action::touch:
      step.ttl = game_.deadlines ? random_ttl() : 0;
      batch.touch(ns, name, ttl_of(step));
      break;
  }
}

void Player::transaction() {
  const std::size_t size = 2 + below(4);
  call(Call::transaction, [&](Operation& operation, const Context& context) {
    seat_.writing.transaction(
        [&](Transaction& transaction) {
          operation.step_count = 0;  // Of an attempt before this one nothing is left.
          operation.steps = {};
          if (below(4) == 0) read_together(transaction, operation);
          while (operation.step_count < size) act(transaction, operation);
        },
        context);
  });
}

void Player::read_together(Transaction& transaction, Operation& operation) {
  const std::vector<Address> addresses{{history_namespace(), history_key(0)},
                                       {history_namespace(), history_key(1)}};
  const auto values = transaction.get_many(addresses);
  for (std::size_t key = 0; key < values.size(); ++key) {
    answer_value(operation.add(Action::read, key), values[key]);
  }
}

void Player::act(Transaction& transaction, Operation& operation) {
  constexpr Action actions[] = {Action::read, Action::read, Action::set, Action::erase,
                                Action::increment};
  const std::size_t key = random_key();
  Step& step = operation.add(actions[below(std::size(actions))], key);
  const Namespace& ns = history_namespace();
  const std::string& name = history_key(key);
  switch (step.action) {
    case Action::set:
      ask_to_set(step);
      if (step.keep_ttl) {
        transaction.replace(ns, name, step.number);
      } else {
        transaction.set(ns, name, step.number, ttl_of(step));
      }
      break;
    case Action::erase:
      step.status = transaction.erase(ns, name) ? WriteStatus::erased : WriteStatus::absent;
      break;
    case Action::increment:
      step.number = 1 + static_cast<std::int64_t>(below(3));
      step.sum = transaction.increment(ns, name, step.number);
      break;
    default:
      answer_value(step, transaction.get(ns, name));
  }
}

}  // namespace holdfast::fault_tests
