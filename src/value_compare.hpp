// Comparison of values by their canonical text: without handles, so that many threads may use one
// operand without writing to its count of references.
#pragma once

#include <compare>
#include <string_view>

namespace holdfast {

// As `equivalent` and `compare` of the public headers.
[[nodiscard]] bool equivalent_texts(std::string_view a, std::string_view b);
[[nodiscard]] std::partial_ordering compare_texts(std::string_view a, std::string_view b);

// Whether the string `part` occurs in the string `whole`; both quoted canonical text.
[[nodiscard]] bool contains_quoted(std::string_view whole, std::string_view part);

}  // namespace holdfast
