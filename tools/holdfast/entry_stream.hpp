/// @file
/// The entries of a file to import, one at a time, each line checked.
#pragma once

#include <cstdint>
#include <string>

#include "export_format.hpp"
#include "holdfast/error.hpp"
#include "input.hpp"

namespace holdfast::program {

/// Reads an export, or plain JSON Lines of entries. Every error begins with "line N: ".
class EntryStream {
 public:
  EntryStream(InputFile& file, EntryForm form, Timestamp now);

  /// The next entry; false at the end, after the closing line was found and fits. Throws
  /// `InvalidArgument` where a line is wrong, or the closing line is missing.
  bool next(Entry& entry);
  /// Of the entry handed out last.
  [[nodiscard]] std::uint64_t line_number() const noexcept { return lines_.line_number(); }
  [[nodiscard]] const ExportSum& sum() const noexcept { return sum_; }

 private:
  bool next_line(std::string_view& line);
  void read_header();
  void read_end(std::string_view line);

  LineReader lines_;
  EntryForm form_;
  Timestamp now_;
  ExportSum sum_;
  bool header_read_ = false;
};

/// Throws `error` with `place` put before its message.
[[noreturn]] void rethrow_at(const std::string& place, const Error& error);

}  // namespace holdfast::program
