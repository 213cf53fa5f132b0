// The words of the JSON form of filters.
#pragma once

#include <array>
#include <string_view>

#include "holdfast/filter.hpp"

namespace holdfast::filter_text {

struct OperatorName {
  Filter::Operator op;
  std::string_view name;
};

inline constexpr std::array<OperatorName, 10> operators{{
    {Filter::Operator::eq, "$eq"},
    {Filter::Operator::ne, "$ne"},
    {Filter::Operator::gt, "$gt"},
    {Filter::Operator::gte, "$gte"},
    {Filter::Operator::lt, "$lt"},
    {Filter::Operator::lte, "$lte"},
    {Filter::Operator::in, "$in"},
    {Filter::Operator::nin, "$nin"},
    {Filter::Operator::exists, "$exists"},
    {Filter::Operator::contains, "$contains"},
}};

inline constexpr std::string_view all = "$and";
inline constexpr std::string_view any = "$or";
inline constexpr std::string_view none = "$not";

[[nodiscard]] constexpr std::string_view name_of(Filter::Operator op) noexcept {
  return operators.at(static_cast<std::size_t>(op)).name;
}

}  // namespace holdfast::filter_text
