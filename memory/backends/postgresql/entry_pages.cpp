#include "entry_pages.hpp"

#include "index_writer.hpp"

namespace holdfast::postgresql {

namespace {

constexpr const char* page_sql =
    "SELECT " HOLDFAST_POSTGRESQL_INDEXED_COLUMNS
    " FROM (SELECT p.*, sum(p.size::bigint) OVER (ORDER BY p.namespace, p.created_revision)"
    " - p.size AS bytes_before FROM (SELECT * FROM @schema@.entry s"
    " WHERE (s.namespace, s.created_revision) > ($1, $2::bigint) AND s.namespace < $3"
    " ORDER BY s.namespace, s.created_revision LIMIT 500) p) e"
    " WHERE e.bytes_before < 4194304 ORDER BY e.namespace, e.created_revision";

}  // namespace

EntryPages::EntryPages(const Store& store, const support::TextRange& namespaces)
    : statement_(store.statement("holdfast_search_entries", page_sql)),
      namespace_(namespaces.first),
      end_(namespaces.end) {}

Rows EntryPages::next(Connection& connection, const Context& context) {
  Rows rows =
      connection.execute(statement_, Arguments().add(namespace_).add(created_).add(end_), context);
  if (!rows.empty()) {
    namespace_ = rows.text(rows.size() - 1, 0);
    created_ = rows.integer(rows.size() - 1, 1);
  }
  return rows;
}

}  // namespace holdfast::postgresql
