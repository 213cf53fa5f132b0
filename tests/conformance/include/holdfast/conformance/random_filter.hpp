/// @file
/// Random values, and random filters with a second opinion on what they match.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "holdfast/filter.hpp"
#include "holdfast/value.hpp"

namespace holdfast::conformance {

/// Small ones of every kind, so that filters often match; maps have members `n`, `s` and `tags`.
[[nodiscard]] MemoryValue random_value(std::mt19937_64& random);

/// A filter and, apart from the library's own matching, whether a value meets it.
class RandomFilter {
 public:
  RandomFilter() = default;  ///< Met by everything.
  static RandomFilter draw(std::mt19937_64& random, int depth = 2);

  [[nodiscard]] Filter filter() const;
  [[nodiscard]] bool is_met_by(const MemoryValue& value) const;

 private:
  enum class Kind { condition, all, any, none };
  [[nodiscard]] bool condition_is_met_by(const MemoryValue& value) const;

  Kind kind_ = Kind::all;
  std::vector<RandomFilter> parts_;
  std::vector<Path::Step> path_;
  Filter::Operator op_ = Filter::Operator::eq;
  MemoryValue operand_;
};

}  // namespace holdfast::conformance
