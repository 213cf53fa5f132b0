/// @file
/// The PostgreSQL store: one database, shared by any number of processes and machines.
///
///     holdfast::Memory memory =
///         holdfast::open_postgresql({.connection = "postgresql://agent@db.example.org/memory"});
///
/// As a URL: `postgresql://agent@db.example.org/memory?pool_size=16&sslmode=verify-full`; the
/// options bear the names below, and every other parameter of libpq is handed on to it (docs in
/// memory/backends/postgresql/README.md and docs/operations.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/filter.hpp"
#include "holdfast/memory.hpp"
#include "holdfast/open.hpp"

namespace holdfast {

/// What has happened when a write returns.
enum class PostgresqlDurability : std::uint8_t {
  full,    ///< The server has flushed it, or done more where its `synchronous_commit` asks for it.
  normal,  ///< `synchronous_commit=off`: it survives the death of this process; the death of the
           ///< server may take the writes of the last moments, but never lets a revision be given
           ///< twice.
};

struct PostgresqlOptions {
  /// What libpq takes: a URI or `keyword=value` pairs. What it leaves out comes from libpq's
  /// environment variables, service file and password file.
  std::string connection{};
  /// The schema that holds the store; several stores share a database under several schemas.
  /// URL: `schema=holdfast`
  std::string schema = "holdfast";
  /// Makes the schema, or brings it up to date, where that is needed. URL: `create=off`
  bool create = true;
  /// Needs no more than the right to read; every write is `PermissionDenied`. URL: `read_only=on`
  bool read_only = false;
  PostgresqlDurability durability = PostgresqlDurability::full;  ///< URL: `durability=full|normal`
  /// How many connections this handle opens at the most, 1 to 1,000. URL: `pool_size=8`
  std::size_t pool_size = 8;
  /// How long a call waits for a connection when its context has no earlier deadline; then
  /// `Unavailable`. URL: `pool_wait=5s`
  std::chrono::milliseconds pool_wait{5000};
  /// A connection that was idle for longer is checked before it is used. URL: `idle_check=30s`
  std::chrono::milliseconds idle_check{30'000};
  /// How long reads are repeated, writes that a conflict undid are repeated, and the outcome of a
  /// doubtful commit is asked for (that for a second at least), before the error is reported.
  /// URL: `retry_for=5s`
  std::chrono::milliseconds retry_for{5000};
  /// The server ends a statement that runs for longer: `DeadlineExceeded`; empty: no limit but that
  /// of the context. Excludes `prepare=off`. URL: `statement_timeout=10s`
  std::optional<std::chrono::milliseconds> statement_timeout{};
  /// Off where a pooler in transaction mode stands in between: no statement is prepared, and
  /// nothing is kept in the server's session. URL: `prepare=off`
  bool prepare = true;
  /// Whether removals leave a trace for `Memory::changes`. A setting of the store, kept by every
  /// handle: empty leaves it as it is, off for a new store. URL: `change_log=on|off`
  std::optional<bool> change_log{};
  /// Paths that equality filters find by an index; those that are missing are made on opening, the
  /// others stay. URL: `index=role,meta.topic`
  std::vector<Path> indexed_paths{};
  /// Limits for all of the store, enforced by this handle, whose writes then wait for one another;
  /// `bytes` are logical ones. URL: `max_entries=1000`, `max_bytes=64MiB`
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};
  /// A limit for one value, 1 to `holdfast::max_value_bytes`. URL: `max_value_bytes=64KiB`
  std::uint64_t max_value_bytes = holdfast::max_value_bytes;
  /// What this handle keeps of vectors that it has read, for the searches to come; the namespaces
  /// that were searched longest ago go first. URL: `vector_cache=1GiB`
  std::uint64_t vector_cache_bytes = std::uint64_t{1} << 30;
  std::shared_ptr<Clock> clock{};  ///< Empty: the server's.
};

/// Opens or makes a store. Throws without changing the database:
/// - `InvalidArgument`: an option that no store takes;
/// - `FailedPrecondition`: no such database, an encoding other than UTF8, no such store with
///   `create=off`, or a newer format than this version of Holdfast knows;
/// - `PermissionDenied`: wrong password or missing rights; `Unavailable`: no server answers;
/// - `Corruption`: a schema of that name that is not Holdfast's.
[[nodiscard]] Memory open_postgresql(const PostgresqlOptions& options);

/// As `open_postgresql`, for wrapping in layers.
[[nodiscard]] std::unique_ptr<Backend> make_postgresql_backend(const PostgresqlOptions& options);

/// Adds the schemes `postgresql` and `postgres`.
void register_postgresql(BackendRegistry& registry);

}  // namespace holdfast
