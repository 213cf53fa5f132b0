/// @file
/// The lines that `export` writes and `import` reads (docs/program.md): JSON Lines, of version 1.
///
///     {"holdfast_export":1,"scope":"","order":"created"}
///     {"namespace":"a","key":"k","value":1,"created_at":...,"updated_at":...,"expires_at":null,
///      "created_revision":1,"revision":1}                                    (one line an entry)
///     {"holdfast_export_end":1,"entries":1,"digest":"...","lines":"..."}
#pragma once

#include <string>
#include <string_view>

#include "export_sum.hpp"
#include "holdfast/entry.hpp"

namespace holdfast::program {

/// @param filter JSON; empty: everything in the scope.
[[nodiscard]] std::string export_header(const Namespace& scope, std::string_view filter);
[[nodiscard]] std::string export_line(AddressView address, const Record& record);
[[nodiscard]] std::string export_end(const ExportClosing& closing);

/// The scope in the header. Throws `InvalidArgument` for text that is no header, or one of another
/// version.
[[nodiscard]] Namespace parse_export_header(std::string_view line);
[[nodiscard]] bool is_export_end(std::string_view line) noexcept;
/// Throws `InvalidArgument` where the closing line does not fit what was read.
void check_export_end(std::string_view line, const ExportClosing& read);

enum class EntryForm {
  exported,  ///< Every member must be there, and no other.
  plain,     ///< namespace, key and value are enough; `size` is passed over.
};

/// Reads one entry. Throws `InvalidArgument` naming the member that is wrong or missing. Members
/// that a plain entry leaves out keep their defaults; its times are those of `now`.
[[nodiscard]] Entry parse_entry(std::string_view line, EntryForm form, Timestamp now);

}  // namespace holdfast::program
