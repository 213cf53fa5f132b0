// What makes the copies searchable as the originals are.
#pragma once

#include <cstdint>

#include "holdfast/memory.hpp"
#include "holdfast/reconcile.hpp"

namespace holdfast::migration {

// Gives the destination the search configurations of what moves, where it has none of its own and
// both stores can search; says how many.
std::uint64_t copy_search_configurations(Memory& source, Memory& destination, const AddressMap& map,
                                         const Context& context);

}  // namespace holdfast::migration
