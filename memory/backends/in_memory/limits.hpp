// The refusals of a store that has reached a limit, and the check of its options.
#pragma once

#include <cstddef>

#include "holdfast/in_memory.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

// Throws `InvalidArgument`.
void check_options(const InMemoryOptions& options);

// Both throw `ResourceExhausted`, naming the limit and the figures.
void check_value_size(const Store& store, std::size_t bytes);
[[noreturn]] void throw_resource_exhausted(const Refusal& refusal);

}  // namespace holdfast::in_memory
