#include "rows.hpp"

namespace holdfast::sqlite {

void fill_record(Record& record, const Row& row) {
  record.revision = row.revision;
  record.created_revision = row.created_revision;
  record.created_at = to_timestamp(row.created_at);
  record.updated_at = to_timestamp(row.updated_at);
  record.expires_at.reset();
  if (row.expires_at) record.expires_at = to_timestamp(*row.expires_at);
}

SubtreeRanges::SubtreeRanges(std::string_view ns) {
  if (ns.empty()) {
    own = {"", std::string(after_all_text)};
    return;
  }
  const std::string path(ns);
  // U+0000 stands in no namespace, so nothing lies between a path and the path with it appended.
  own = {path, path + '\0'};
  below = {path + '/', path + static_cast<char>('/' + 1)};
}

std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string ScanShape::sql() const {
  std::string sql = "SELECT " HOLDFAST_SQLITE_ROW_COLUMNS ", e.key";
  if (with_value) sql += ", e.large_value_id, e.value";
  sql += " FROM entry e ";
  std::string column = "e.key";
  if (order == OrderBy::created) {
    sql += "INDEXED BY entry_by_created ";
    column = "e.created_revision";
  } else if (order == OrderBy::updated) {
    sql += "INDEXED BY entry_by_revision ";
    column = "e.revision";
  }
  sql += "WHERE e.namespace_id = ?1 AND " + column + (first_excluded ? " > ?2" : " >= ?2");
  sql += " AND " + column + " < ?3 ORDER BY " + column + (descending ? " DESC" : "");
  return sql;
}

}  // namespace holdfast::sqlite
