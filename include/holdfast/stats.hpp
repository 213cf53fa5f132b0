/// @file
/// What a store tells about itself (contract, clauses 8 and 9).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "holdfast/entry.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

/// Events seen by one handle since it was opened.
struct HandleCounters {
  std::uint64_t hits = 0;     ///< Reads of single entries that found one.
  std::uint64_t misses = 0;   ///< Reads of single entries that found none.
  std::uint64_t writes = 0;   ///< Operations that changed an entry, those of batches included.
  std::uint64_t expired = 0;  ///< Expired entries whose space this handle reclaimed.
  std::uint64_t evicted = 0;  ///< Live entries that gave way to others.
};

/// Limits in force; empty: none.
struct Limits {
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};  ///< As `MemoryStats::limited_bytes` counts them.
  std::uint64_t max_value_bytes = holdfast::max_value_bytes;
};

struct MemoryStats {
  std::string backend;           ///< For example "sqlite".
  std::uint64_t entries = 0;     ///< Live entries, exactly.
  std::uint64_t bytes = 0;       ///< Logical size of the live entries; equal on every backend.
  std::uint64_t namespaces = 0;  ///< Namespaces that hold a live entry.
  Revision last_revision = 0;    ///< The greatest given so far.
  Limits limits;
  /// What `Limits::max_bytes` bounds on this backend, for example allocated blocks; 0 where the
  /// backend has no such limit.
  std::uint64_t limited_bytes = 0;
  HandleCounters counters;
  /// Facts of the backend, a map: engine version, file size, pool, durability, ...
  MemoryValue details;
};

struct Health {
  bool ok = false;
  std::chrono::microseconds latency{0};  ///< Of the real input and output that was done.
  std::string message;                   ///< Why it is not ok; empty otherwise.
};

/// As maps, for programs.
[[nodiscard]] MemoryValue to_value(const MemoryStats& stats);
[[nodiscard]] MemoryValue to_value(const Health& health);

}  // namespace holdfast
