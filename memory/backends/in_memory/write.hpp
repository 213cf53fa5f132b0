// Evaluates the operations of a write against what lies there.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "holdfast/write.hpp"
#include "staged_batch.hpp"

namespace holdfast::in_memory {

// One call of `Backend::write`.
class Write {
 public:
  Write(Store& store, std::span<const WriteOp> ops, std::span<WriteResult> results,
        const Context& context);

  // As `Backend::write`.
  [[nodiscard]] std::optional<std::size_t> run();

 private:
  [[nodiscard]] std::optional<std::size_t> evaluate_all();
  // False where its precondition does not hold.
  [[nodiscard]] bool evaluate(std::size_t i);
  void set(std::size_t i, Staged& staged);
  void erase(const WriteOp& op, WriteResult& result, Staged& staged);
  void increment(const WriteOp& op, WriteResult& result, Staged& staged);
  void touch(const WriteOp& op, WriteResult& result, Staged& staged);
  // Stages `block` over what is live there and fills its times, revisions and the result.
  void stage(BlockRef block, std::int64_t expires_at_ms, WriteResult& result, Staged& staged);
  void settle_results(Revision base);
  void fill_unmet(std::size_t failed);

  Store& store_;
  std::span<const WriteOp> ops_;
  std::span<WriteResult> results_;
  const Context& context_;
  std::int64_t now_ms_;
  std::vector<BlockRef> prepared_;  // The new blocks of `set`s, made before anything is locked.
  StagedBatch batch_;
};

}  // namespace holdfast::in_memory
