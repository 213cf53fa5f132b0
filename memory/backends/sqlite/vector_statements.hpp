// What is asked of the engine about vectors.
#pragma once

#include <cstdint>
#include <vector>

#include "connection.hpp"
#include "rows.hpp"

namespace holdfast::sqlite {

struct VectorStatements {
  explicit VectorStatements(const Connection& connection)
      : greatest(
            connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'search_vector'")),
        last(connection.prepare("SELECT id FROM search_vector INDEXED BY search_vector_made WHERE "
                                "namespace_id = ?1 AND vector IS NOT NULL ORDER BY id DESC "
                                "LIMIT 1")),
        made_after(connection.prepare(
            "SELECT id, created_revision, vector FROM search_vector INDEXED BY search_vector_made "
            "WHERE namespace_id = ?1 AND id > ?2 AND vector IS NOT NULL ORDER BY id")),
        find(
            connection.prepare("SELECT 1 FROM search_vector WHERE id = ?1 AND vector IS NOT NULL")),
        with_awaited(connection.prepare(
            "SELECT n.id, n.path, n.entries FROM namespace n WHERE n.path >= ?1 AND n.path < ?2 "
            "AND "
            "EXISTS (SELECT 1 FROM search_vector v INDEXED BY search_vector_awaited WHERE "
            "v.namespace_id = n.id AND v.vector IS NULL) ORDER BY n.path")),
        awaited(connection.prepare(
            "SELECT created_revision FROM search_vector INDEXED BY search_vector_awaited WHERE "
            "namespace_id = ?1 AND vector IS NULL ORDER BY created_revision")),
        entries(connection.prepare(
            "SELECT " HOLDFAST_SQLITE_ROW_COLUMNS ", e.key, v.vector FROM search_vector v "
            "INDEXED BY search_vector_by_created CROSS JOIN entry e INDEXED BY entry_by_created "
            "ON e.namespace_id = v.namespace_id AND e.created_revision = v.created_revision "
            "WHERE v.namespace_id = ?1 AND v.vector IS NOT NULL ORDER BY v.created_revision")) {}

  // The first column of the first row; 0: there is none.
  [[nodiscard]] static std::int64_t number(Statement& statement) {
    const Using use(statement);
    return statement.step() ? statement.integer(0) : 0;
  }

  Statement greatest;  // Of all ids that were ever given.
  Statement last;      // The greatest id of a vector of a namespace.
  Statement made_after;
  Statement find;
  Statement with_awaited;  // Namespaces, as `Reader::each_governed` wants them.
  Statement awaited;
  Statement entries;  // That have a vector.
};

}  // namespace holdfast::sqlite
