/// @file
/// The arithmetic of `increment`, the same on every backend (contract, clause 4).
#pragma once

#include <cstdint>

#include "holdfast/value.hpp"

namespace holdfast {

/// `current` (null pointer: nothing lies there) plus `delta`. Throws `FailedPrecondition` where
/// `current` is no int64, `OutOfRange` on overflow.
[[nodiscard]] std::int64_t incremented(const MemoryValue* current, std::int64_t delta);

}  // namespace holdfast
