// Takes everything out of a scope.
#pragma once

#include <cstdint>

#include "store.hpp"

namespace holdfast::in_memory {

// In one step; returns how many live entries went.
std::uint64_t empty_scope(Store& store, const Scope& scope, Store::Traces traces,
                          const Context& context);

}  // namespace holdfast::in_memory
