// Cursors: where a page ended, bound to the query that it belongs to (contract, clause 7.1).
#pragma once

#include <string>
#include <string_view>

#include "holdfast/backend.hpp"

namespace holdfast {

// The text of a cursor. `query_text` is everything of the query that a cursor is bound to.
[[nodiscard]] std::string encode_cursor(std::string_view query_text, const Position& position);

// Throws `InvalidArgument` for text that is not a cursor, or is that of another query. What a
// forged cursor names is only ever a place to go on from, within the query's own scope.
[[nodiscard]] Position decode_cursor(std::string_view query_text, std::string_view cursor);

// The parts of a query that its cursors are bound to: all but `limit` and `cursor`.
[[nodiscard]] std::string text_of(const MemoryQuery& query);
[[nodiscard]] std::string text_of(const NamespaceQuery& query);
[[nodiscard]] std::string text_of(const SearchQuery& query);  // Nor `explain`.

}  // namespace holdfast
