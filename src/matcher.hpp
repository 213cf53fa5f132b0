// The one place that decides which rows a query means (contract, clause 7.2).
#pragma once

#include "holdfast/backend.hpp"

namespace holdfast {

class Matcher {
 public:
  // `query` must outlive the matcher.
  explicit Matcher(const MemoryQuery& query) : query_(query) {}

  [[nodiscard]] bool matches(const ScanRow& row) const;
  [[nodiscard]] bool needs_value() const noexcept { return !query_.filter.matches_everything(); }
  // Whether it matches every row of the scope.
  [[nodiscard]] bool matches_everything() const noexcept;

 private:
  const MemoryQuery& query_;
};

// Throws `InvalidArgument` for a query that no store would answer.
void check_query(const MemoryQuery& query);

}  // namespace holdfast
