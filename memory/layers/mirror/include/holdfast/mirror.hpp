/// @file
/// Moving a store that is in use: a layer that writes to two stores (docs/migration.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/memory.hpp"
#include "holdfast/migration.hpp"

namespace holdfast {

struct MirrorOptions {
  /// What moves and where to. `mirrored`, `dry_run`, `restart` and `on_conflict` have no part in
  /// it: the destination has to be one that nothing but this migration has ever written to.
  MigrationOptions migration{};
  /// How long a write waits for the destination at the most, once the source has taken it. After
  /// that, or a failure, the destination is behind at its addresses, and writes do not ask it again
  /// for as long.
  std::chrono::milliseconds destination_patience{2000};
};

struct MirrorStatus {
  bool cut_over = false;       ///< All calls go to the destination.
  std::uint64_t mirrored = 0;  ///< Writes that are at both sides.
  std::uint64_t behind = 0;    ///< Addresses at which the destination lacks a write.
  /// More than can be remembered were behind: only comparing all of both sides finds them.
  bool behind_unknown = false;
  std::string last_failure{};  ///< Of the destination; empty: none.
};

struct CutOverOptions {
  /// Compares digests of both sides while writes wait, and stays with the source where they differ
  /// in spite of mending. Without it writes wait for what is behind alone.
  bool verify = true;
};

/// Moves a store to another one while an agent reads and writes. The agent uses `memory()`:
///
/// - Reads, and what writes return, are the source's. It wins always.
/// - A write is first the source's. When that has taken it, the destination is made equal at its
///   addresses before the call returns. A failure of the source is the call's; nothing is written
///   to the destination. A failure of the destination is not: the write is done, and the addresses
///   are remembered as behind.
/// - `copy` brings what was there before, while calls go on. `cut_over` lets writes wait, brings
///   what is behind, compares, and turns all calls to the destination.
///
/// Any number of threads may use it and its handles at once. Several processes may each have a
/// mirror of the same two stores until one of them cuts over; then the others must have stopped.
/// Writers that do not know of the mirror are caught up with by `copy` and by `cut_over`, by
/// revision; they must have stopped before the cut-over.
class Mirror {
 public:
  /// Writes down at the destination that the migration has begun. `FailedPrecondition` where
  /// anything else has written there.
  Mirror(std::unique_ptr<Backend> source, std::unique_ptr<Backend> destination,
         MirrorOptions options = {});
  Mirror(Mirror&&) noexcept;
  Mirror& operator=(Mirror&&) noexcept;
  /// Closes the stores once the last handle is gone too.
  ~Mirror();

  /// A handle for the agent. It may outlive the mirror.
  [[nodiscard]] Memory memory();
  /// Brings all that was there before and has changed since; may be called again, and goes on where
  /// it was. See `MigrationOptions::mirrored`.
  MigrationResult copy(const Context& context = {});
  /// Brings what is behind; says how many addresses still are.
  std::uint64_t catch_up(const Context& context = {});
  /// Turns all calls to the destination. Reads go on meanwhile, writes wait. Throws
  /// `FailedPrecondition`, and stays with the source, where the sides are not equal; other errors
  /// of the stores likewise. After it has succeeded it may be called again and does nothing.
  MigrationResult cut_over(const CutOverOptions& options = {}, const Context& context = {});
  [[nodiscard]] MirrorStatus status() const;

  struct State;  ///< Shared with the handles; nothing for users.

 private:
  std::shared_ptr<State> state_;
};

}  // namespace holdfast
