/// @file
/// The file that `export` writes and `import` reads (docs/program.md): JSON Lines, of version 1.
///
///     {"holdfast_export":1,"scope":"","order":"created"}
///     {"namespace":"a","key":"k","value":1,"created_at":...,"updated_at":...,"expires_at":null,
///      "created_revision":1,"revision":1}                                    (one line an entry)
///     {"holdfast_export_end":1,"entries":1,"fnv1a64":"..."}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/entry.hpp"

namespace holdfast::program {

/// What stands in the closing line: how many entries came before it, and a check sum of their
/// lines (FNV-1a of 64 bits over their bytes, each followed by a line feed), which finds lines
/// that were lost, changed or moved by accident; it is no protection against intent.
class ExportSum {
 public:
  void add(std::string_view line) noexcept;
  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
  [[nodiscard]] std::string digest() const;
  [[nodiscard]] friend bool operator==(const ExportSum&, const ExportSum&) = default;

 private:
  std::uint64_t entries_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

[[nodiscard]] std::string export_header(const Namespace& scope);
[[nodiscard]] std::string export_line(const Entry& entry);
[[nodiscard]] std::string export_end(const ExportSum& sum);

/// Throws `InvalidArgument` for text that is no header, or one of another version.
void check_export_header(std::string_view line);
[[nodiscard]] bool is_export_end(std::string_view line) noexcept;
/// Throws `InvalidArgument` where the closing line does not fit what was read.
void check_export_end(std::string_view line, const ExportSum& sum);

enum class EntryForm {
  exported,  ///< Every member must be there, and no other.
  plain,     ///< namespace, key and value are enough; `size` is passed over.
};

/// Reads one entry. Throws `InvalidArgument` naming the member that is wrong or missing. Members
/// that a plain entry leaves out keep their defaults; its times are those of `now`.
[[nodiscard]] Entry parse_entry(std::string_view line, EntryForm form, Timestamp now);

}  // namespace holdfast::program
