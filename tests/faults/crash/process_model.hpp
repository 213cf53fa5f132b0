// What a process's store has to hold: its steps played on a store in memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crash_order.hpp"
#include "crash_steps.hpp"
#include "holdfast/conformance/revision_pairs.hpp"

namespace holdfast::fault_tests {

class ProcessModel {
 public:
  // For the first `steps` steps. `folder` is the test's.
  ProcessModel(const Script& script, std::size_t steps, bool change_log, const std::string& folder);

  // Plays what the process was told to be done. What is wrong with that; empty: nothing.
  [[nodiscard]] std::optional<std::string> follow(const Told& told);
  // Whether the store holds what the steps leave: those acknowledged, with or without the one in
  // doubt, which this decides. What differs; empty: nothing.
  [[nodiscard]] std::optional<std::string> explain(Player& store);

  // The step that comes next.
  [[nodiscard]] std::size_t next() const noexcept { return next_; }
  [[nodiscard]] Memory& memory() { return player_.memory(); }
  [[nodiscard]] const std::shared_ptr<ManualClock>& clock() const noexcept { return clock_; }
  [[nodiscard]] const std::string& step_text(std::size_t step) const;
  // No revision that is still to be given is below it.
  [[nodiscard]] Revision greatest_revision() const { return pairs_.greatest_real(); }
  [[nodiscard]] const Scope& scope() const noexcept { return scope_; }

 private:
  [[nodiscard]] std::optional<std::string> play(std::size_t step, Revision acknowledged);
  [[nodiscard]] std::optional<std::string> difference(const Answer& expected, const Answer& real);

  std::vector<ScriptedStep> steps_;
  Scope scope_;
  bool change_log_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  differential::StoreUnderTest store_ = differential::in_memory_store();
  Player player_;
  conformance::RevisionPairs pairs_;  // Of the model's revisions with the store's.
  std::size_t next_ = 0;
  std::optional<std::size_t> in_doubt_;
};

// Everything that is seen of what lies in the scope: entries in every order, one by one and
// counted, namespaces, what searches find; of the whole store its statistics, notes and changes as
// well.
[[nodiscard]] Step see(const Scope& scope, bool change_log);

}  // namespace holdfast::fault_tests
