// Inputs that engines get wrong.
#pragma once

#include <random>

#include "holdfast/conformance/random_inputs.hpp"

namespace holdfast::differential {

// Names that sort, quote, escape or match in surprising ways: some of each, others for each seed.
[[nodiscard]] conformance::InputPool awkward_pool(std::uint64_t seed);

// Numbers at the edges, U+0000 in strings, maps that look like the form of bytes, long texts, ...
[[nodiscard]] MemoryValue awkward_value(std::mt19937_64& random);

// A condition on what awkward values hold, or one of `RandomFilter`.
[[nodiscard]] Filter awkward_filter(std::mt19937_64& random, int depth = 3);

}  // namespace holdfast::differential
