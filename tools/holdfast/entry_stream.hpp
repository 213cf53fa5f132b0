/// @file
/// The entries of a file to import, one at a time, each line checked.
#pragma once

#include <cstdint>
#include <string>

#include "export_format.hpp"
#include "holdfast/error.hpp"
#include "input.hpp"

namespace holdfast::program {

enum class ImportFormat {
  holdfast,    ///< What `export` wrote: with a header and a closing line.
  plain,       ///< JSON Lines of entries alone.
  mcp_memory,  ///< The knowledge graph of the MCP reference memory server.
};

/// How a file is to be read.
struct ImportForm {
  ImportFormat format = ImportFormat::holdfast;
  Namespace graph{};  ///< Where a knowledge graph goes.
  Timestamp now{};    ///< The times of entries that have none.
};

/// Reads a file of one of the formats. Every error about its content begins with "line N".
class EntryStream {
 public:
  EntryStream(InputFile& file, ImportForm form);

  /// The next entry; false at the end, after the closing line was found and fits. Throws
  /// `InvalidArgument` where a line is wrong, or the closing line is missing.
  bool next(Entry& entry);
  /// Of the entry handed out last.
  [[nodiscard]] std::uint64_t line_number() const noexcept { return lines_.line_number(); }
  [[nodiscard]] std::uint64_t entries() const noexcept { return sum_.entries(); }
  /// What was read up to here, to be compared with another reading.
  [[nodiscard]] ExportClosing closing() const { return sum_.closing(); }

 private:
  bool next_line(std::string_view& line);
  void read_header();
  void read_end(std::string_view line);
  void read_entry(std::string_view line, Entry& entry);

  LineReader lines_;
  ImportForm form_;
  bool exported_;
  Namespace scope_{};
  ExportSum sum_;
  bool header_read_ = false;
};

/// Throws `error` with `place` put before its message.
[[noreturn]] void rethrow_at(const std::string& place, const Error& error);

}  // namespace holdfast::program
