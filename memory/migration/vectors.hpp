// The vectors of what moved.
#pragma once

#include <cstdint>

#include "holdfast/memory.hpp"
#include "holdfast/reconcile.hpp"

namespace holdfast::migration {

// Gives copies that await a vector that of the original, where both stores can search, both have
// the same text and the same embedding; says how many. Within one store it does nothing.
std::uint64_t copy_vectors(Memory& source, Memory& destination, const AddressMap& map,
                           const Context& context);

}  // namespace holdfast::migration
