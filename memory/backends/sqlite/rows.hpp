// How rows of the tables become records, and which SQL reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connection.hpp"
#include "holdfast/entry.hpp"
#include "holdfast/query.hpp"

namespace holdfast::sqlite {

// The columns of `entry` as `read_row` expects them, from column 0 on.
#define HOLDFAST_SQLITE_ROW_COLUMNS \
  "e.revision, e.created_revision, e.created_at, e.updated_at, e.expires_at"
inline constexpr int row_columns = 5;

struct Row {
  Revision revision = 0;
  Revision created_revision = 0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::optional<std::int64_t> expires_at{};
  std::int64_t size = 0;  // Not read by `read_row`: only writers need it.

  [[nodiscard]] bool is_live(Timestamp now) const noexcept {
    return !expires_at || *expires_at > now.time_since_epoch().count();
  }
};

[[nodiscard]] inline Timestamp to_timestamp(std::int64_t ms) {
  return Timestamp(std::chrono::milliseconds(ms));
}
[[nodiscard]] inline std::int64_t to_ms(Timestamp timestamp) {
  return timestamp.time_since_epoch().count();
}

[[nodiscard]] inline Row read_row(const Statement& statement, int column = 0) {
  return {statement.integer(column), statement.integer(column + 1), statement.integer(column + 2),
          statement.integer(column + 3), statement.optional_integer(column + 4)};
}

// Leaves the value alone.
void fill_record(Record& record, const Row& row);

// A namespace as its row names it.
struct PlacedNamespace {
  std::int64_t id = 0;
  std::string path;
  std::int64_t entries = 0;
};

// Names the statement of one kind of scan over one namespace, and its SQL.
struct ScanShape {
  OrderBy order = OrderBy::key;
  bool descending = false;
  bool with_value = true;
  bool first_excluded = false;  // order by key: whether the lower bound itself is left out
  bool by_path = false;         // One statement, for a namespace whose id is not known.
  bool open_end = false;        // No bound at the far end, which every row would be compared with.

  static constexpr std::size_t count = 96;
  [[nodiscard]] std::size_t index() const noexcept {
    std::size_t index = static_cast<std::size_t>(order);
    for (const bool each : {descending, with_value, first_excluded, by_path, open_end}) {
      index = index * 2 + (each ? 1 : 0);
    }
    return index;
  }
  // Parameters: 1 the namespace's id or path, 2 the lower bound, 3 the upper bound (excluded); of
  // an open end, only the nearer one.
  // Columns: those of a row, key, then, with values, large_value_id and value.
  [[nodiscard]] std::string sql() const;
};

}  // namespace holdfast::sqlite
