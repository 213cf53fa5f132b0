// How operations become arguments of the store's functions, and their rows results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "holdfast/backend.hpp"
#include "rows.hpp"

namespace holdfast::postgresql {

// Statuses that the functions give beside those of WriteStatus: the operation ends the whole call.
enum class WriteRefusal : std::int64_t { increment = 6, value_too_large = 7 };

// What a call of write_one or write_many gave.
struct WriteOutcome {
  std::int64_t instant = 0;
  std::uint64_t reclaimed = 0;
  std::optional<std::size_t> failed{};  // As Backend::write.
};

// The number of operations at the front of `ops` whose addresses differ from one another.
[[nodiscard]] std::size_t distinct_front(std::span<const WriteOp> ops);

// A batch in which a check is one with the operation behind it at the same address, as transactions
// give them: what it read, then what it writes there.
struct FoldedBatch {
  explicit FoldedBatch(std::span<const WriteOp> given);
  // The results of the batch that was given, from those of `ops`; likewise the place of the one
  // that failed.
  std::optional<std::size_t> unfold(std::optional<std::size_t> failed,
                                    std::span<const WriteResult> folded,
                                    std::span<WriteResult> results) const;

  std::vector<WriteOp> ops;
  // Where the preconditions and the operations stood in the batch that was given.
  std::vector<std::int64_t> ranks;

 private:
  std::vector<std::size_t> places_;                       // Of `ops` in the batch that was given.
  std::vector<std::optional<std::size_t>> check_places_;  // Of the checks that were folded in.
};

// The arguments from p_kind or p_conditional on. `ranks` may be empty: the order of `ops`.
// `must_hold` says that what is absent is to stay so until the transaction ends, whether or not an
// operation has a precondition.
void add_operation(Arguments& arguments, const WriteOp& op);
void add_operations(Arguments& arguments, std::span<const WriteOp> ops,
                    std::span<const std::int64_t> ranks, bool must_hold);

// Fills `results` from the rows of write_one or write_many. Throws what a refusal stands for:
// FailedPrecondition or OutOfRange for an increment, ResourceExhausted for a value.
[[nodiscard]] WriteOutcome take_results(const Rows& rows, std::span<const WriteOp> ops,
                                        std::span<WriteResult> results,
                                        std::uint64_t max_value_bytes);

// Fills `results` from what the write left in its session.
[[nodiscard]] WriteOutcome take_results(const std::vector<std::int64_t>& kept,
                                        std::span<WriteResult> results);

[[noreturn]] void refuse_value(std::int64_t bytes, std::uint64_t max_value_bytes);

}  // namespace holdfast::postgresql
