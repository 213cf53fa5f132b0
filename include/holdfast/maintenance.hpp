/// @file
/// Upkeep of a store that lies in files: an optional interface (see `Memory::maintenance`).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "holdfast/context.hpp"

namespace holdfast {

/// Safe to use from many threads, while others read and write the store.
class Maintenance {
 public:
  virtual ~Maintenance() = default;

  /// How far a backup has come; both in units of the backend (SQLite: pages).
  struct Progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
  };
  using OnProgress = std::function<void(const Progress&)>;

  struct IntegrityReport {
    bool ok = false;
    std::vector<std::string> problems;  ///< What is wrong and where; empty when ok.
  };

  /// Writes a consistent copy of the whole store as of one instant to a new file. Throws
  /// `FailedPrecondition` where `path` exists; leaves no partial file behind on failure.
  virtual void backup(const std::string& path, const OnProgress& on_progress,
                      const Context& context) = 0;
  /// Gives free space back to the file system.
  virtual void compact(const Context& context) = 0;
  /// Reads everything and says what is damaged, indexes and counts included. Changes nothing.
  [[nodiscard]] virtual IntegrityReport check_integrity(const Context& context) = 0;
  /// Moves the write-ahead log into the main file and empties it where readers allow.
  virtual void checkpoint(const Context& context) = 0;
};

}  // namespace holdfast
