/// @file
/// Which entries of an import or a migration met others in the store, one by one.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "holdfast/entry.hpp"
#include "holdfast/migration.hpp"

namespace holdfast::program {

enum class ConflictAction {
  skipped,      ///< The store's entry stays.
  overwritten,  ///< The file's took its place.
  refused,      ///< The import ended because of it.
};

/// Writes a conflict a line, as JSON, to the file of --report. Throws `InvalidArgument` where the
/// file cannot be made, other `Error`s where it cannot be written.
class ConflictReport {
 public:
  /// What becomes of a file that is there.
  enum class Existing {
    replaced,
    appended_to,  ///< For work that may be taken up again. Each line is then in the file at once.
  };

  /// @param file empty: nothing is written anywhere.
  explicit ConflictReport(const std::string& file, Existing existing = Existing::replaced);

  [[nodiscard]] bool is_wanted() const noexcept { return file_ != nullptr; }
  void add(const Entry& entry, Timestamp store_updated_at, ConflictAction action);
  void add(const Conflict& conflict);
  /// Brings what was added to the file; without that, its last lines may be lost.
  void flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  void write(const std::string& json);
  [[noreturn]] void fail() const;

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace holdfast::program
