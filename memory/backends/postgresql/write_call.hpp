// How operations become arguments of the store's functions, and their rows results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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

// The arguments from p_kind or p_conditional on.
void add_operation(Arguments& arguments, const WriteOp& op);
void add_operations(Arguments& arguments, std::span<const WriteOp> ops);

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
