#include "matcher.hpp"

#include <string>

#include "validate.hpp"

namespace holdfast {
namespace {

bool is_open(const TimeRange& range) noexcept { return !range.from && !range.until; }

}  // namespace

bool Matcher::matches(const ScanRow& row) const {
  return row.address.key.starts_with(query_.key_prefix) &&
         query_.key_pattern.matches(row.address.key) &&
         query_.created.contains(row.record.created_at) &&
         query_.updated.contains(row.record.updated_at) &&
         (query_.filter.matches_everything() || query_.filter.matches(row.record.value));
}

bool Matcher::matches_everything() const noexcept {
  return query_.key_prefix.empty() && query_.key_pattern.matches_everything() &&
         is_open(query_.created) && is_open(query_.updated) && query_.filter.matches_everything();
}

void check_query(const MemoryQuery& query) {
  check_namespace(query.scope.ns);
  check_key_prefix(query.key_prefix);
  if (query.limit < 1 || query.limit > MemoryQuery::max_limit) {
    throw_invalid_argument("the limit is " + std::to_string(query.limit) + "; 1 to " +
                           std::to_string(MemoryQuery::max_limit) + " are allowed");
  }
  if (query.after_revision) {
    if (query.order == OrderBy::key || query.top) {
      throw_invalid_argument("after_revision goes with the orders created and updated");
    }
    if (*query.after_revision < 0) {
      throw_invalid_argument("revisions are not negative; 0 stands before all");
    }
  }
  if (query.top && !query.cursor.empty()) {
    throw_invalid_argument("a query by top has one page only; it takes no cursor");
  }
}

}  // namespace holdfast
