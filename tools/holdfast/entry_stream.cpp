#include "entry_stream.hpp"

#include <utility>

#include "mcp_memory_format.hpp"

namespace holdfast::program {
namespace {

bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

void rethrow_at(const std::string& place, const Error& error) {
  throw Error(error.code(), place + error.message(), {error.backend(), error.operation()},
              error.cause(), error.token());
}

EntryStream::EntryStream(InputFile& file, ImportForm form)
    : lines_(file), form_(std::move(form)), exported_(form_.format == ImportFormat::holdfast) {}

bool EntryStream::next_line(std::string_view& line) {
  do {
    if (!lines_.next(line)) return false;
  } while (is_blank(line));
  return true;
}

void EntryStream::read_header() {
  header_read_ = true;
  std::string_view line;
  if (!next_line(line)) {
    throw_invalid_argument("line 1: there is nothing to read; an export begins with a header");
  }
  scope_ = parse_export_header(line);
  sum_ = ExportSum(scope_);
  sum_.add_line(line);
}

void EntryStream::read_end(std::string_view line) {
  check_export_end(line, sum_.closing());
  std::string_view more;
  if (next_line(more)) throw_invalid_argument("there is more after the closing line");
}

void EntryStream::read_entry(std::string_view line, Entry& entry) {
  switch (form_.format) {
    case ImportFormat::holdfast:
      entry = parse_entry(line, EntryForm::exported, form_.now);
      break;
    case ImportFormat::plain:
      entry = parse_entry(line, EntryForm::plain, form_.now);
      break;
    case ImportFormat::mcp_memory:
      entry = parse_mcp_line(line, form_.graph, form_.now);
      break;
  }
  if (!scope_.contains(entry.ns)) {
    throw_invalid_argument("the namespace '" + std::string(entry.ns.text()) +
                           "' lies outside that of the export, '" + std::string(scope_.text()) +
                           "'");
  }
  sum_.add_line(line);
  sum_.add_entry({entry.ns.text(), entry.key}, entry);
}

bool EntryStream::next(Entry& entry) {
  try {
    if (exported_ && !header_read_) read_header();
    std::string_view line;
    if (!next_line(line)) {
      if (!exported_) return false;
      throw_invalid_argument("the file ends here without its closing line: it was cut off");
    }
    if (exported_ && is_export_end(line)) {
      read_end(line);
      return false;
    }
    read_entry(line, entry);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument || error.message().starts_with("line ")) throw;
    rethrow_at("line " + std::to_string(lines_.line_number()) + ": ", error);
  }
}

}  // namespace holdfast::program
