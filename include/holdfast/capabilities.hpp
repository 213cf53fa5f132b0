/// @file
/// What a backend offers (contract, clause 14).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/value.hpp"

namespace holdfast {

/// How far a batch or transaction may reach and still be atomic.
enum class AtomicScope : std::uint8_t { entry, ns, store };

/// What survives once a write has returned.
enum class Durability : std::uint8_t {
  none,        ///< Nothing outlives the process.
  process,     ///< Survives the death of the process; loss of power may take the last writes.
  power_loss,  ///< Survives loss of power as well.
};

/// What a backend declares; the conformance suite holds it to that, and to refusing the rest with
/// `Unsupported`.
struct Capabilities {
  AtomicScope atomic_scope = AtomicScope::entry;
  Durability durability = Durability::none;
  bool shared_between_processes = false;  ///< Several processes may open one store at once.
  bool read_only = false;                 ///< This handle refuses every write.
  bool change_log = false;   ///< `changes` reports removals too (switched on, not only possible).
  bool restore = false;      ///< `restore` works.
  bool quotas = false;       ///< Limits for a namespace's subtree can be set.
  bool eviction = false;     ///< This handle evicts instead of refusing at its limits.
  bool maintenance = false;  ///< `maintenance` gives the interface.
  bool search = false;       ///< Namespaces can be configured for `search`.
  std::size_t bulk_batch_ops = 1000;  ///< Entries a batch with which bulk writing is fastest.
  std::size_t max_batch_ops = 100'000;
  std::size_t max_batch_bytes = std::size_t{256} << 20;  ///< Logical bytes of all operations.
};

/// As a map, for programs.
[[nodiscard]] MemoryValue to_value(const Capabilities& capabilities);

}  // namespace holdfast
