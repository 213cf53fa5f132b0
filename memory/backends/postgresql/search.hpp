// Searching in a store, and configuring namespaces for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "holdfast/search.hpp"
#include "index_writer.hpp"
#include "search/vector_cache.hpp"
#include "search_state.hpp"
#include "store.hpp"
#include "writer.hpp"

namespace holdfast::postgresql {

// What is asked of the server about vectors.
struct VectorStatements {
  explicit VectorStatements(const Store& store);

  const Statement put;
  const Statement heads;
  const Statement after;
  const Statement entries;
  const Statement page;
};

class PostgresqlSearch final : public SearchIndex {
 public:
  // All must outlive it.
  PostgresqlSearch(Store& store, Writer& writer, SearchStates& states, IndexWriter& index_writer);

  [[nodiscard]] std::vector<SearchConfiguration> configurations(const Context& context) override;
  bool configure(const Namespace& ns, const SearchConfig* config, const Context& context) override;
  void search(const SearchRequest& request, const RankedSink& sink,
              const Context& context) override;
  std::uint64_t reindex(const Namespace& ns, const Context& context) override;
  [[nodiscard]] SearchCheck check(const Namespace& ns, const Context& context) override;

  std::uint64_t put_vectors(std::span<const VectorRow> vectors, const Context& context) override;
  void without_vector(const Scope& scope, const EntrySink& sink, const Context& context) override;
  void vectors(const Scope& scope, const VectorSink& sink, const Context& context) override;
  void nearest(const VectorRequest& request, const RankedSink& sink,
               const Context& context) override;
  // Of what this handle keeps in memory.
  void forget_vectors() { cache_.clear(); }

 private:
  struct Change;
  class View;
  class VectorsView;
  // Takes a live entry, and the bytes of its vector where it has one; whether there shall be more.
  using Visit = std::function<bool(const AddressView& address, const Record& record,
                                   std::string_view bytes, int dimensions)>;

  // The state in the snapshot that is open.
  [[nodiscard]] SearchStates::State in_snapshot(Connection& connection, const Rows& began,
                                                const Context& context);
  // Makes a change of what is configured, while nobody writes.
  void make(Change& change, const Context& context);
  void make(Connection& connection, Change& change, const Context& context);
  std::uint64_t build(Connection& connection, const SearchState& before, const SearchState& after,
                      const Scope& scope, const Context& context);
  void check_namespace(Connection& connection, std::string_view ns, const DocumentIndexer& indexer,
                       SearchCheck& report, const Context& context) const;
  // Keeps vectors in the transaction that is open: the instant, and how many there are.
  [[nodiscard]] std::vector<std::int64_t> keep(Connection& connection,
                                               std::span<const VectorRow* const> vectors,
                                               const Context& context);
  // The live entries with a vector, or those for which one is awaited: in their order, from one
  // state.
  void walk(const Scope& scope, bool awaited, const Visit& visit, const Context& context);

  Store& store_;
  Writer& writer_;
  SearchStates& states_;
  IndexWriter& index_writer_;
  search::VectorCache cache_;
  const std::string begin_snapshot_;
  const Statement read_;
  const Statement read_entries_;
  const VectorStatements vectors_;
};

}  // namespace holdfast::postgresql
