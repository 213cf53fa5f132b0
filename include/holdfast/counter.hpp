/// @file
/// The arithmetic of `increment`, the same on every backend (contract, clause 4).
#pragma once

#include <cstdint>

#include "holdfast/entry.hpp"

namespace holdfast {

/// `current`, which lies at `address` (null pointer: nothing does), plus `delta`. Throws
/// `FailedPrecondition` where `current` is no int64, `OutOfRange` on overflow.
[[nodiscard]] std::int64_t incremented(AddressView address, const MemoryValue* current,
                                       std::int64_t delta);

}  // namespace holdfast
