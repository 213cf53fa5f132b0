// What is configured for searching, as a handle knows it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "search/search_catalog.hpp"
#include "store.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::postgresql {

// Begins a change of what is configured. A crash must not take it back: a generation that somebody
// has seen stands for one state.
inline constexpr const char* begin_change =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT @schema@.commit_durably()";

// As of one generation of the store.
struct SearchState {
  std::int64_t generation = 0;
  std::vector<search::StoredConfiguration> stored;
  search::SearchCatalog catalog;
  bool has_unmarked = false;  // Whether `is_unmarked` holds of some.

  // Whether its index was made by another version, and nobody has said so in the store: then
  // nothing may be written without saying so.
  [[nodiscard]] bool is_unmarked(const search::StoredConfiguration& configuration) const;
  // The namespaces of a scope, but for those that configurations below it govern: ascending.
  [[nodiscard]] std::vector<support::TextRange> governed(const Scope& scope) const;
};

// The namespaces of a scope, ascending.
[[nodiscard]] std::vector<support::TextRange> ranges_of(const Scope& scope);
// Their beginnings, and their ends, as arrays.
void add_ranges(Arguments& arguments, const std::vector<support::TextRange>& ranges);

// Safe to use from many threads.
class SearchStates {
 public:
  using State = std::shared_ptr<const SearchState>;

  explicit SearchStates(const Store& store);

  // The last one that was seen. Others may have changed it since.
  [[nodiscard]] State known() const;
  // As the connection sees it now.
  State read(Connection& connection, const Context& context);
  // The same, where the generation was read already, in the transaction that is open.
  State at(Connection& connection, std::int64_t generation, const Context& context);
  // Says in the store of those that govern the namespaces and are unmarked that their index is not
  // kept any more. Whether there were any.
  bool mark_stale(Connection& connection, const SearchState& state,
                  const std::vector<std::string_view>& namespaces, const Context& context) const;

 private:
  const std::string begin_;
  const Statement generation_;
  const Statement configurations_;
  const Statement mark_stale_;
  mutable std::mutex mutex_;
  State known_;
};

}  // namespace holdfast::postgresql
