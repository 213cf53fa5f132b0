#include "entry_stream.hpp"

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

EntryStream::EntryStream(InputFile& file, EntryForm form, Timestamp now)
    : lines_(file), form_(form), now_(now) {}

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
  check_export_header(line);
}

void EntryStream::read_end(std::string_view line) {
  check_export_end(line, sum_);
  std::string_view more;
  if (next_line(more)) throw_invalid_argument("there is more after the closing line");
}

bool EntryStream::next(Entry& entry) {
  try {
    const bool exported = form_ == EntryForm::exported;
    if (exported && !header_read_) read_header();
    std::string_view line;
    if (!next_line(line)) {
      if (!exported) return false;
      throw_invalid_argument("the file ends here without its closing line: it was cut off");
    }
    if (exported && is_export_end(line)) {
      read_end(line);
      return false;
    }
    entry = parse_entry(line, form_, now_);
    sum_.add(line);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument || error.message().starts_with("line ")) throw;
    rethrow_at("line " + std::to_string(lines_.line_number()) + ": ", error);
  }
}

}  // namespace holdfast::program
