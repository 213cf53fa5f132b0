// Sums over all of a store, without going through its namespaces.
#pragma once

#include <cstdint>

#include "namespace_index.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

struct Totals {
  std::uint64_t entries = 0;  // Expired ones that were not reclaimed included.
  std::uint64_t logical_bytes = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t namespaces = 0;  // That hold anything.
  std::uint64_t live_namespaces = 0;
  NamespaceIndex::Expired expired;
};

// As of one state. Costs the number of shards and, where something is expired and not reclaimed,
// that of those entries.
[[nodiscard]] Totals totals_of(Store& store, std::int64_t now_ms);

}  // namespace holdfast::in_memory
