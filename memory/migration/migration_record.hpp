// What a destination remembers of a migration, as a note.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "holdfast/migration.hpp"

namespace holdfast::migration {

struct MigrationRecord {
  RestoreRevisions revisions = RestoreRevisions::keep;
  ConflictPolicy policy = ConflictPolicy::fail;
  Revision base = 0;  // The destination's last revision before: what is above it are copies.
  bool others_there = false;  // The destination's scope held entries before.
  Revision first_until = 0;   // Up to which the first time through goes.
  Revision position = 0;      // Up to which all of the source's history is at the destination.
  bool finished = false;      // Had caught up when it ended.
  std::uint64_t copied = 0;
  std::uint64_t erased = 0;
  std::uint64_t bytes = 0;
  std::uint64_t skipped = 0;
  std::uint64_t overwritten = 0;

  [[nodiscard]] bool is_first_time() const noexcept { return position < first_until; }
};

// What tells this migration from others into the same destination: where it comes from, what moves
// and where to; a hash of it.
[[nodiscard]] std::string note_name(const MigrationOptions& options);

// For people too: says what moves.
[[nodiscard]] std::string to_text(const MigrationRecord& record, const MigrationOptions& options);
// Throws `Corruption` for text that `to_text` did not give.
[[nodiscard]] MigrationRecord parse_record(const std::string& text);

}  // namespace holdfast::migration
