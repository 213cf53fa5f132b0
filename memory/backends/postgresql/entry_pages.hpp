// Entries as the search index takes them: in the order of their creation, namespace by namespace.
#pragma once

#include <cstdint>
#include <string>

#include "connection.hpp"
#include "store.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::postgresql {

// Pages of at most some hundred entries and some MiB, or of one entry. All that lies there, expired
// entries included. Of one state where the transaction has one, or where nobody writes.
class EntryPages {
 public:
  EntryPages(const Store& store, const support::TextRange& namespaces);

  // Rows of HOLDFAST_POSTGRESQL_INDEXED_COLUMNS; none: there are no more.
  [[nodiscard]] Rows next(Connection& connection, const Context& context);

 private:
  Statement statement_;
  std::string namespace_;
  std::string end_;
  std::int64_t created_ = -1;
};

}  // namespace holdfast::postgresql
