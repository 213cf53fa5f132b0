// Which rows the server sends: a query's conditions in SQL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "holdfast/filter.hpp"

namespace holdfast::postgresql {

// A condition that every entry which `filter` matches meets.
struct Preselection {
  std::string sql;     // Refers to the columns of `entry` as `e`; empty: none could be made.
  bool exact = false;  // Whether it is met by nothing else either.
};

// The arguments of conditions are added to `arguments`; the SQL holds placeholders only ($n), never
// text from the filter. The steps of paths are arguments, too (text[]), except those of
// `indexed_paths`, whose expressions stand in the SQL as they do in the index.
[[nodiscard]] Preselection preselection_of(const Filter& filter,
                                           const std::vector<Path>& indexed_paths,
                                           Arguments& arguments);

// The SQL of the expression that an index on a path holds: a hash of the text of what lies there,
// NULL where nothing does. `column` is the column of the value, such as "e.value".
[[nodiscard]] std::string index_expression(const Path& path, std::string_view column);

// Whether an index can be made for the path: no step is a key of the forms in which bytes and maps
// that look like them are stored, "$bytes" and "$map".
[[nodiscard]] bool can_be_indexed(const Path& path);

}  // namespace holdfast::postgresql
