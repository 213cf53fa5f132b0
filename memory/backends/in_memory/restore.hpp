// Writes whole entries back, under conditions, with a note beside them.
#pragma once

#include <cstdint>
#include <span>

#include "holdfast/change.hpp"
#include "staged_batch.hpp"

namespace holdfast::in_memory {

// One call of `Backend::restore`.
class Restore {
 public:
  Restore(Store& store, const RestoreBatch& steps, std::span<RestoreStatus> statuses,
          const Context& context);

  void run();

 private:
  void stage_all();
  [[nodiscard]] RestoreStatus stage(const RestoreOp& op, Staged& staged) const;
  void stage_record(const RestoreOp& op, Staged& staged) const;
  void stage_removal(const RestoreOp& op, Staged& staged) const;
  void go_on_after_kept_revisions();

  Store& store_;
  const RestoreBatch& steps_;
  std::span<RestoreStatus> statuses_;
  const Context& context_;
  const bool keeps_;  // The revisions given.
  const std::int64_t now_ms_;
  Notes::Prepared note_{};
  StagedBatch batch_;
};

}  // namespace holdfast::in_memory
