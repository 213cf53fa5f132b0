/// @file
/// The SQLite store: one file, durable, shared by threads and processes.
///
///     holdfast::Memory memory = holdfast::open_sqlite({.path = "agent.db"});
///
/// As a URL: `sqlite:path/to/agent.db?durability=normal&readers=8`; the options bear the names
/// below (docs in memory/backends/sqlite/README.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "holdfast/memory.hpp"
#include "holdfast/open.hpp"

namespace holdfast {

/// What has happened when a write returns.
enum class SqliteDurability : std::uint8_t {
  full,    ///< It survives loss of power.
  normal,  ///< It survives the death of the process; loss of power may take the last writes, but
           ///< never lets a revision be given twice.
};

struct SqliteOptions {
  /// The file. Its folder must exist. In a URL `%XX` stands for a byte.
  std::string path{};
  SqliteDurability durability = SqliteDurability::full;  ///< URL: `durability=full|normal`
  /// Opens without writing to the file; every write is `PermissionDenied`. URL: `read_only=on`
  bool read_only = false;
  /// Makes the file, with mode 0600, where there is none. URL: `create=off`
  bool create = true;
  /// How many reads can run at once, 1 to 256; further ones wait. URL: `readers=4`
  std::size_t readers = 4;
  /// Whether removals leave a trace for `Memory::changes`. A setting of the file, kept by every
  /// process: empty leaves it as it is, off for a new file. URL: `change_log=on|off`
  std::optional<bool> change_log{};
  /// Overwrites what is erased, in the file and in its write-ahead log, before `erase`, `clear`
  /// or `sweep` returns. Costs a checkpoint each. URL: `secure_erase=on`
  bool secure_erase = false;
  /// How long a call waits for other processes (and reads for a free reader) when its context has
  /// no earlier deadline; then `Unavailable`. URL: `busy_timeout=5s`
  std::chrono::milliseconds busy_timeout{5000};
  /// Limits for all of the store, enforced by this handle; `bytes` are logical ones, as
  /// `MemoryStats::bytes` counts them. URL: `max_entries=1000`, `max_bytes=64MiB`
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};
  /// A limit for one value, 1 to `holdfast::max_value_bytes`. URL: `max_value_bytes=64KiB`
  std::uint64_t max_value_bytes = holdfast::max_value_bytes;
  /// For each connection. URL: `page_cache=8MiB`
  std::uint64_t page_cache_bytes = std::uint64_t{8} << 20;
  /// How much of the file is read through memory mapping; 0: none. URL: `mmap=256MiB`
  std::uint64_t mmap_bytes = 0;
  /// How much of the vectors that searches have read this handle keeps in memory, for all
  /// connections; the namespaces that were searched longest ago go first. What finds no room is
  /// read from the file by each search. URL: `vector_cache=1GiB`
  std::uint64_t vector_cache_bytes = std::uint64_t{1} << 30;
  std::shared_ptr<Clock> clock{};  ///< Empty: the machine's.
};

/// Opens or makes a store. Throws without changing the file:
/// - `InvalidArgument`: an option that no store takes;
/// - `FailedPrecondition`: missing file or folder, a directory, a newer format than this version
///   of Holdfast knows, or a file that this process holds open already (share that `Memory`);
/// - `Corruption`: a file that is damaged, truncated or not Holdfast's;
/// - `PermissionDenied`: missing rights; `Unavailable`: locked by others for `busy_timeout`.
[[nodiscard]] Memory open_sqlite(const SqliteOptions& options);

/// As `open_sqlite`, for wrapping in layers.
[[nodiscard]] std::unique_ptr<Backend> make_sqlite_backend(const SqliteOptions& options);

/// Adds the scheme `sqlite`.
void register_sqlite(BackendRegistry& registry);

}  // namespace holdfast
