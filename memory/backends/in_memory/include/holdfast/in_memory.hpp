/// @file
/// The in-memory store: fast, ordered, bounded, and gone with the process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "holdfast/backend.hpp"
#include "holdfast/entry.hpp"
#include "holdfast/memory.hpp"
#include "holdfast/namespace.hpp"
#include "holdfast/time.hpp"

namespace holdfast {

class BackendRegistry;

/// What an in-memory store does when a write would pass `max_entries` or `max_bytes`.
enum class Eviction : std::uint8_t {
  none,    ///< Refuses the write with `ResourceExhausted`.
  lru,     ///< Erases what was not used for longest, approximately (CLOCK).
  s3fifo,  ///< Erases by S3-FIFO, which keeps what is used again through scans of new keys.
};

/// Limits for one namespace and everything below it. They refuse and never evict.
struct Quota {
  Namespace subtree{};
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};  ///< As `MemoryStats::limited_bytes` counts them.
};

struct InMemoryOptions {
  std::optional<std::uint64_t> max_entries{};  ///< At least 1; empty: no limit.
  /// Of allocated memory, as `MemoryStats::limited_bytes` counts it; empty: no limit.
  std::optional<std::uint64_t> max_bytes{};
  std::uint64_t max_value_bytes = holdfast::max_value_bytes;  ///< Of canonical text; 1 to 16 MiB.
  Eviction eviction = Eviction::none;  ///< Other than `none` it needs one of the limits above.
  /// Keeps a tombstone for each address that was erased, cleared, evicted or reclaimed and not
  /// written again, so that `Memory::changes` reports removals. Tombstones count in `max_bytes`.
  bool change_log = false;
  std::vector<Quota> quotas{};     ///< At the most 64, each for another subtree.
  std::shared_ptr<Clock> clock{};  ///< Empty: `system_clock()`.
};

/// Opens an empty store. Throws `InvalidArgument` for options that make no sense.
[[nodiscard]] Memory open_in_memory(const InMemoryOptions& options = {});

/// The same as a backend, for layers.
[[nodiscard]] std::unique_ptr<Backend> make_in_memory_backend(const InMemoryOptions& options = {});

/// Adds the scheme `memory`: `memory:?max_entries=100000&max_bytes=1GiB&eviction=lru`, with the
/// options of `InMemoryOptions` by their names, and
/// `quota=users/42:entries=100:bytes=1MiB,tenants:entries=5000`.
void register_in_memory(BackendRegistry& registry);

}  // namespace holdfast
