// Batches of sets without conditions, by statements of their own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "connection.hpp"
#include "copy_call.hpp"
#include "holdfast/backend.hpp"
#include "store.hpp"
#include "write_call.hpp"
#include "writer.hpp"

namespace holdfast::postgresql {

// Safe to use from many threads.
class SetCall {
 public:
  explicit SetCall(const Store& store);

  // Whether the operations, whose addresses differ from one another, can be written so.
  [[nodiscard]] bool takes(std::span<const WriteOp> ops) const;
  // Writes them. A conflict may be one that only the general way gets over.
  [[nodiscard]] WriteOutcome set_many(Connection& connection, const Writer& writer,
                                      std::span<const WriteOp> ops, std::span<WriteResult> results,
                                      const Context& context) const;
  // Fills `results` from what set_many left in its session.
  [[nodiscard]] static WriteOutcome take_results(const std::vector<std::int64_t>& kept,
                                                 std::span<WriteResult> results);

 private:
  const Store& store_;
  const CopyCall copy_call_;
  const Statement set_many_;
};

}  // namespace holdfast::postgresql
