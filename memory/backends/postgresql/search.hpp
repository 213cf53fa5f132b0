// Searching in a store, and configuring namespaces for it.
#pragma once

#include <cstdint>
#include <vector>

#include "holdfast/search.hpp"
#include "index_writer.hpp"
#include "search_state.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

class PostgresqlSearch final : public SearchIndex {
 public:
  // All must outlive it.
  PostgresqlSearch(Store& store, SearchStates& states, IndexWriter& writer);

  [[nodiscard]] std::vector<SearchConfiguration> configurations(const Context& context) override;
  bool configure(const Namespace& ns, const SearchConfig* config, const Context& context) override;
  void search(const SearchRequest& request, const RankedSink& sink,
              const Context& context) override;
  std::uint64_t reindex(const Namespace& ns, const Context& context) override;
  [[nodiscard]] SearchCheck check(const Namespace& ns, const Context& context) override;

 private:
  struct Change;
  class View;

  // The state in the snapshot that is open.
  [[nodiscard]] SearchStates::State in_snapshot(Connection& connection, const Rows& began,
                                                const Context& context);
  // Makes a change of what is configured, while nobody writes.
  void make(Change& change, const Context& context);
  void make(Connection& connection, Change& change, const Context& context);
  std::uint64_t build(Connection& connection, const SearchState& after, const Scope& scope,
                      const Context& context);
  void check_namespace(Connection& connection, std::string_view ns, const DocumentIndexer& indexer,
                       SearchCheck& report, const Context& context) const;

  Store& store_;
  SearchStates& states_;
  IndexWriter& writer_;
  const std::string begin_snapshot_;
  const Statement read_;
  const Statement read_entries_;
};

}  // namespace holdfast::postgresql
