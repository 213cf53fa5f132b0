/// @file
/// Brings the entries of a file into a store.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "batch_writer.hpp"
#include "conflict_report.hpp"
#include "entry_stream.hpp"
#include "holdfast/memory.hpp"
#include "input.hpp"
#include "terminal.hpp"

namespace holdfast::program {

struct ImportOptions {
  std::string file;         ///< "-": standard input.
  ImportForm form{};
  ConflictPolicy policy = ConflictPolicy::fail;
  std::optional<RestoreRevisions> revisions{};  ///< Empty: kept where the store is new.
  std::string report{};     ///< A file for the conflicts; empty: none.
  std::stop_token stop{};
};

/// One import. A file is read once to check it wholly, and for conflicts where they are refused,
/// before the store is made and anything is written; what comes through a pipe is written as it
/// comes.
class EntryImport {
 public:
  /// @param open opens the store, and makes it where it is not there.
  EntryImport(ImportOptions options, std::function<Memory()> open);

  /// Errors say how many entries were written before them, and where a stop came, how to go on.
  [[nodiscard]] ImportOutcome run();

 private:
  enum class Step { check_form, check_conflicts, write, check_and_write };

  void run_steps();
  void open_store();
  /// Reads the file from its beginning; what it read, for comparison.
  ExportClosing pass(Step step);
  void read(EntryStream& stream, Step step);
  void finish_batch(Step step, const ImportBatch& batch);
  void refuse_conflicts(Step step, const ImportBatch& batch);
  void show(Progress& progress, Step step, const EntryStream& stream) const;
  [[nodiscard]] std::uint64_t imported() const;
  [[nodiscard]] std::string so_far() const;
  [[nodiscard]] std::string how_to_go_on() const;

  ImportOptions options_;
  std::function<Memory()> open_;
  Context context_;
  InputFile file_;
  std::optional<ConflictReport> report_;
  std::optional<Memory> memory_;
  std::optional<BatchWriter> writer_;
  bool keeps_revisions_ = false;
  bool store_is_new_ = false;
  std::uint64_t total_ = 0;    ///< Entries in the file, once they were counted; 0: not yet.
  std::uint64_t expired_ = 0;  ///< Left out when they were read.
  std::uint64_t conflicts_ = 0;
  std::string first_conflict_;
};

}  // namespace holdfast::program
