// Every text under which a value that equals an operand can be stored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "holdfast/value.hpp"

namespace holdfast::postgresql {

// Canonical texts differ between equivalent values in the spelling of numbers alone (1, 1.0), so
// a value is equivalent to `operand` exactly where its text is one of these. Empty where a list or
// map holds so many numbers that the texts are too many.
[[nodiscard]] std::optional<std::vector<std::string>> spellings_of(const MemoryValue& operand);

}  // namespace holdfast::postgresql
