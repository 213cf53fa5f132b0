// What searches by words and by vectors have in common.
#pragma once

#include "holdfast/backend.hpp"
#include "holdfast/search.hpp"

namespace holdfast {

/// `Unsupported` where the backend keeps none.
[[nodiscard]] SearchIndex& search_index_of(Backend& backend);

/// The most that `Memory::without_vector` gives at once.
inline constexpr std::size_t max_entries_without_vector = 10'000;

/// `InvalidArgument` unless it is 1 to `most`.
void check_search_limit(std::size_t limit, std::size_t most);

/// Whether the conditions of a `SearchQuery` or a `VectorQuery` let a record through.
template <typename Query>
[[nodiscard]] bool lets_through(const Query& query, const Record& record) {
  return query.created.contains(record.created_at) && query.updated.contains(record.updated_at) &&
         (query.filter.matches_everything() || query.filter.matches(record.value));
}

}  // namespace holdfast
