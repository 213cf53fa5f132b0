/// @file
/// Migration: moving what a store holds to another one (docs/migration.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/digest.hpp"
#include "holdfast/memory.hpp"

namespace holdfast {

/// What happens where the destination holds an entry that this migration has not put there.
enum class ConflictPolicy : std::uint8_t {
  fail,  ///< The migration ends with `FailedPrecondition`; looked for before anything is copied.
  skip,  ///< It stays.
  overwrite,  ///< The source's takes its place.
  newer,      ///< That with the later `updated_at` stays; with equal times, the destination's.
};

[[nodiscard]] std::string_view to_string(ConflictPolicy policy) noexcept;

/// One conflict, for reports.
struct Conflict {
  Entry source;              ///< Without its value.
  Entry destination;         ///< Without its value; at the address that stands for the source's.
  bool overwritten = false;  ///< Whether the source's takes its place.
};

/// What a migration is doing.
enum class MigrationPhase : std::uint8_t {
  checking,   ///< Looking for conflicts.
  copying,    ///< The first time through.
  following,  ///< Catching up with what was written since.
  verifying,  ///< Comparing the two sides.
  repairing,  ///< Mending what the comparison found, such as entries that were erased meanwhile.
};

[[nodiscard]] std::string_view to_string(MigrationPhase phase) noexcept;

struct MigrationProgress {
  MigrationPhase phase = MigrationPhase::copying;
  std::uint64_t done = 0;   ///< Entries of this phase, those of an earlier run included.
  std::uint64_t total = 0;  ///< As far as is known; 0: not.
  std::uint64_t bytes = 0;  ///< Logical bytes copied by this run.
};

struct MigrationOptions {
  /// What moves: everything by default; a namespace, or its subtree; of that, what matches.
  Scope scope{Namespace(), true};
  Filter filter{};
  /// What stands for `scope.ns` at the destination; empty: the same.
  std::optional<Namespace> destination{};
  ConflictPolicy on_conflict = ConflictPolicy::fail;
  /// Tells this source from others with the same scope, in what the destination remembers of an
  /// unfinished migration: its URL without secrets, for example.
  std::string source_name{};
  /// Forgets what an earlier run of the same migration did, and begins anew.
  bool restart = false;
  /// Only looks: nothing is written.
  bool dry_run = false;
  /// Compares digests at the end and mends what differs.
  bool verify = true;
  /// Others write to the destination too, by `reconcile`: a `Mirror` does. Needs a destination
  /// where revisions are kept. What differs at the end is mended, but digests are not compared, as
  /// the sides never stand still together: `Mirror::cut_over` does that.
  bool mirrored = false;
  /// Entries a batch; 0: what the destination takes best.
  std::size_t batch_entries = 0;
  /// Called after each batch, by the thread that called `migrate`. What it throws ends the
  /// migration, which can be taken up again.
  std::function<void(const MigrationProgress&)> on_progress{};
  /// Called for each conflict, by the same thread; once for each, but again in a run that was
  /// taken up where it had not come past it.
  std::function<void(const Conflict&)> on_conflict_found{};
};

struct MigrationResult {
  bool resumed = false;                                 ///< Went on where an earlier run had ended.
  RestoreRevisions revisions = RestoreRevisions::keep;  ///< Kept where the destination was new.
  // Of all runs of this migration. With `dry_run`: what would be.
  std::uint64_t copied =
      0;  ///< Entries written, those written again because they changed included.
  std::uint64_t erased = 0;       ///< Copies erased because the source's entry went.
  std::uint64_t bytes = 0;        ///< Logical bytes of what was written.
  std::uint64_t skipped = 0;      ///< Conflicts in which the destination's entry stayed.
  std::uint64_t overwritten = 0;  ///< Conflicts in which it gave way.
  /// Search configurations that the destination was given, by this run: those of what moves, where
  /// it had none of its own. None where one of the stores cannot search.
  std::uint64_t configurations = 0;
  /// Vectors that copies were given, by this run: those of the originals, where the embedding and
  /// the text are the same. None within one store.
  std::uint64_t vectors = 0;
  /// The source up to which everything is at the destination.
  Revision position = 0;
  /// Digests of both sides, each as of one instant; empty without `verify`.
  std::optional<Digest> source_digest{};
  std::optional<Digest> destination_digest{};
  /// Whether they are equal. False without `verify`, and where the source was written to so fast
  /// that the two sides were never seen equal: run it again when its writers have stopped.
  bool verified = false;
};

/// Copies what `source` holds to `destination` and keeps it the same until it has caught up:
/// values, times, deadlines, the order of insertion and that of the last writes; revisions too
/// where nothing but this has ever written to the destination. Streams, with memory bounded by a
/// few batches; reads and writes at once. What has expired stays behind.
///
/// The source may be written to meanwhile. When it returns with `verified`, both sides were equal
/// as of one instant each. Nobody else may write to the destination's part of the scope meanwhile,
/// a `Mirror` excepted.
///
/// How far it has come lies at the destination, written in the same atomic step as the entries:
/// after any end (an error, `Cancelled` by `context`, the death of the process) the same call goes
/// on where it was. After it has finished, the same call catches up with what was written since.
///
/// Errors: those of the stores; `FailedPrecondition` for a conflict under `ConflictPolicy::fail`,
/// and where the destination remembers this migration with another policy; `Unsupported` where it
/// cannot restore.
MigrationResult migrate(Memory& source, Memory& destination, const MigrationOptions& options = {},
                        const Context& context = {});

/// Writes down at the destination that this migration has begun, where it has not: what it takes
/// for entries of others, and whether revisions are kept, is decided by what lies there now. Copies
/// nothing; `migrate` begins with it. A `Mirror` does so before the first entry is mirrored.
void begin_migration(Memory& source, Memory& destination, const MigrationOptions& options = {},
                     const Context& context = {});

}  // namespace holdfast
