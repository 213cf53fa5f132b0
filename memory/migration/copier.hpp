// Brings a source's events to the destination, in batches, with the record of how far it has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batch.hpp"
#include "migration_record.hpp"

namespace holdfast::migration {

// Everything that the parts of one migration share.
struct Job {
  Memory& source;
  Memory& destination;
  const MigrationOptions& options;
  const AddressMap map;
  const std::string note_name;
  const Context& context;
  MigrationRecord record{};

  [[nodiscard]] bool keeps_revisions() const noexcept {
    return record.revisions == RestoreRevisions::keep;
  }
  // Whether it must be looked for entries that are not copies.
  [[nodiscard]] bool may_conflict() const noexcept {
    return record.others_there && !keeps_revisions();
  }
  [[nodiscard]] ReconcileOptions reconcile_options() const {
    return {map, record.revisions, record.base};
  }
  // Writes the record, alone, or beside `ops`, in one step.
  std::vector<RestoreStatus> save(const RankedOps& ranked = {}) { return save(ranked, record); }
  std::vector<RestoreStatus> save(const RankedOps& ranked, const MigrationRecord& noted);
  [[nodiscard]] Note note_of(const MigrationRecord& noted) const {
    return {note_name, to_text(noted, options)};
  }
  void report(MigrationPhase phase, std::uint64_t done, std::uint64_t total) const;
};

// How a conflict is decided; counts and reports it. True: the source's entry takes the place.
[[nodiscard]] bool overwrites(Job& job, const Step& step, const Entry& there);
[[noreturn]] void refuse_conflict(const Entry& there);

class Copier {
 public:
  explicit Copier(Job& job);

  // Brings all events up to `until`; says how many there were. While it writes, the next ones are
  // read.
  std::uint64_t copy_until(Revision until, MigrationPhase phase, std::uint64_t total);

 private:
  void flush(EventBatch& batch, Revision position);
  void write(std::vector<Step> steps, Revision position);
  void leave_out_absent_erasures(std::vector<Step>& steps);
  void write_beside_others(std::vector<Step> steps);
  void write_mirrored(const std::vector<Step>& steps);
  [[nodiscard]] std::vector<Step> decide(std::vector<Step> steps);
  void count(const Step& step, RestoreStatus status);

  Job& job_;
  const std::size_t batch_entries_;
  const std::size_t batch_bytes_;
};

}  // namespace holdfast::migration
