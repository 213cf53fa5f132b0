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

std::string ScanShape::sql() const {
  std::string sql = "SELECT " HOLDFAST_SQLITE_ROW_COLUMNS ", e.key";
  if (with_value) sql += ", e.large_value_id, e.value";
  sql += by_path ? " FROM namespace n CROSS JOIN entry e " : " FROM entry e ";
  std::string column = "e.key";
  if (order == OrderBy::created) {
    sql += "INDEXED BY entry_by_created ";
    column = "e.created_revision";
  } else if (order == OrderBy::updated) {
    sql += "INDEXED BY entry_by_revision ";
    column = "e.revision";
  }
  sql += by_path ? "WHERE n.path = ?1 AND e.namespace_id = n.id AND "
                 : "WHERE e.namespace_id = ?1 AND ";
  const std::string lower = column + (first_excluded ? " > ?2" : " >= ?2");
  const std::string upper = column + " < ?3";
  if (!open_end) {
    sql += lower + " AND " + upper;
  } else {
    sql += descending ? upper : lower;
  }
  sql += " ORDER BY " + column + (descending ? " DESC" : "");
  return sql;
}

}  // namespace holdfast::sqlite
