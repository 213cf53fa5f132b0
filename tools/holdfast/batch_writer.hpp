/// @file
/// Writes batches of an import, and settles what meets entries of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conflict_report.hpp"
#include "holdfast/memory.hpp"
#include "holdfast/migration.hpp"
#include "import_batch.hpp"

namespace holdfast::program {

struct ImportOutcome {
  std::uint64_t imported = 0;     ///< Written, those that took another's place included.
  std::uint64_t overwritten = 0;  ///< Took another's place.
  std::uint64_t skipped = 0;      ///< The store's stayed.
  std::uint64_t expired = 0;      ///< In the file, but past their deadline.
};

struct BatchWriterOptions {
  ConflictPolicy policy = ConflictPolicy::fail;
  RestoreRevisions revisions = RestoreRevisions::assign;
  /// Whether the order of the file's revisions counts, or that of its lines.
  bool has_revisions = true;
  /// Nothing is looked up before the first attempt: conflicts are not expected.
  bool expects_no_conflict = false;
};

/// Each entry is written only where the store is still as the policy was applied to: what others
/// write meanwhile is looked at again. Each batch is one atomic step, but for those entries.
class BatchWriter {
 public:
  /// All must outlive it.
  BatchWriter(Memory& memory, const BatchWriterOptions& options, ConflictReport& report,
              const Context& context)
      : memory_(memory), options_(options), report_(report), context_(context) {}

  /// Throws `FailedPrecondition`, with the line, for a conflict under `ConflictPolicy::fail`, and
  /// `Aborted` where others never leave the entries alone.
  void write(const ImportBatch& batch);
  struct Conflicts {
    std::uint64_t number = 0;
    std::string first{};  ///< The message for the first of them.
  };
  /// Looks for entries that lie there already, and reports them as refused; writes none.
  [[nodiscard]] Conflicts conflicts(const ImportBatch& batch);

  [[nodiscard]] const ImportOutcome& outcome() const noexcept { return outcome_; }

 private:
  /// What lies at the address of an entry to be written.
  struct Existing {
    Revision revision = 0;
    Timestamp updated_at{};
  };
  struct Step {
    std::size_t index = 0;  ///< In the batch.
    std::optional<Existing> existing{};
  };

  [[nodiscard]] static std::vector<Step> all_of(const ImportBatch& batch);
  void look_up(const ImportBatch& batch, std::vector<Step>& steps);
  /// Leaves those that are to be written.
  void apply_policy(const ImportBatch& batch, std::vector<Step>& steps);
  [[nodiscard]] bool gives_way(const Existing& existing, const Entry& entry) const;
  /// Returns those that found another state than was looked up.
  [[nodiscard]] std::vector<Step> restore(const ImportBatch& batch, const std::vector<Step>& steps);
  [[nodiscard]] std::vector<RestoreStatus> send(const ImportBatch& batch,
                                                const std::vector<Step>& steps);

  Memory& memory_;
  BatchWriterOptions options_;
  ConflictReport& report_;
  Context context_;
  ImportOutcome outcome_;
};

}  // namespace holdfast::program
