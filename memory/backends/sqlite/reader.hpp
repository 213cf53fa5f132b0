// Everything that is read: on one connection, from one state of the file at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog_cache.hpp"
#include "connection.hpp"
#include "holdfast/backend.hpp"
#include "index_statements.hpp"
#include "rows.hpp"
#include "search/vector_cache.hpp"
#include "vector_statements.hpp"

namespace holdfast::search {
class IndexCheck;
}

namespace holdfast::sqlite {

// The counter row.
struct StoreState {
  Revision last_revision = 0;
  Revision reserved_revision = 0;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t commit_nonce = 0;
  bool change_log = false;
  bool restored_only = true;
  std::int64_t search_generation = 0;
};

// Of the row that `statement`, of `state_sql`, comes to. It stays there.
[[nodiscard]] StoreState step_to_state(Statement& statement);
// The same; resets it.
[[nodiscard]] StoreState read_state(Statement& statement);
inline constexpr std::string_view state_sql =
    "SELECT last_revision, reserved_revision, entries, bytes, commit_nonce, change_log, "
    "restored_only, search_generation FROM counter WHERE id = 1";

struct ExpiredTotals {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
};

// For one thread at a time.
class Reader {
 public:
  Reader(const std::string& path, const ConnectionOptions& options);

  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, Timestamp now);
  void scan(const ScanRequest& request, const RowSink& sink, Timestamp now, const Context& context);
  [[nodiscard]] std::uint64_t count(const Scope& scope, Timestamp now);
  void scan_namespaces(std::string_view root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, Timestamp now, const Context& context);
  // Fills entries, bytes, namespaces and last_revision.
  void stats(MemoryStats& stats, Timestamp now);
  [[nodiscard]] StoreState state();
  [[nodiscard]] ChangePage changes(Revision after, std::size_t limit, Timestamp now,
                                   const Context& context);
  [[nodiscard]] std::optional<std::string> note(std::string_view name);
  // As those of SearchIndex; in reader_search.cpp.
  [[nodiscard]] std::vector<SearchConfiguration> search_configurations(CatalogCache& catalogs);
  void search(const SearchRequest& request, const RankedSink& sink, CatalogCache& catalogs,
              Timestamp now, const Context& context);
  [[nodiscard]] SearchCheck check_search(const Namespace& ns, CatalogCache& catalogs,
                                         const Context& context);
  // Adds to `report` what is wrong with all that is kept of all namespaces.
  void check_index(SearchCheck& report, CatalogCache& catalogs, const Context& context);
  // Likewise; in reader_vectors.cpp.
  void nearest(const VectorRequest& request, const RankedSink& sink, CatalogCache& catalogs,
               search::VectorCache& cache, Timestamp now, const Context& context);
  void without_vector(const Scope& scope, const EntrySink& sink, CatalogCache& catalogs,
                      Timestamp now, const Context& context);
  void vectors(const Scope& scope, const VectorSink& sink, CatalogCache& catalogs, Timestamp now,
               const Context& context);
  [[nodiscard]] Connection& connection() noexcept { return connection_; }

 private:
  // Keeps all statements of the connection on one state of the file while it lives: a transaction
  // lasts as long as one of its statements has not been reset. Not to be nested.
  class Snapshot {
   public:
    explicit Snapshot(Statement& hold) : use_(hold), state_(step_to_state(hold)) {}
    [[nodiscard]] const StoreState& state() const noexcept { return state_; }

   private:
    Using use_;
    StoreState state_;
  };
  class IndexView;
  class VectorView;
  struct Head;
  class Delivery;

  void find(const AddressView& address, Detail detail, Timestamp now, std::optional<Record>& found);
  [[nodiscard]] std::unordered_map<std::int64_t, ExpiredTotals> expired_by_namespace(Timestamp now);
  [[nodiscard]] Statement& scan_statement(const ScanShape& shape);
  // One namespace, by one statement, which needs no other one to keep it on one state.
  void scan_namespace(const ScanRequest& request, Delivery& delivery);
  // All below a namespace, too; the caller holds a snapshot.
  void scan_subtree(const ScanRequest& request, const RowSink& sink, Timestamp now,
                    const Context& context);
  void scan_by_key(const ScanRequest& request, Delivery& delivery);
  // `place`: the namespace's id or, where that is not known, its path.
  template <typename Place>
  bool scan_keys_of(const Place& place, std::string_view path, const ScanRequest& request,
                    Delivery& delivery);
  void scan_by_revision(const ScanRequest& request, Delivery& delivery);
  [[nodiscard]] std::vector<Head> heads_of(const ScanRequest& request, Revision from);
  void merge(std::vector<Head> heads, const ScanRequest& request, Delivery& delivery);
  // Gives the entries of a namespace that were created from `first` (included) until `end`, in
  // order.
  void scan_created(std::int64_t id, std::string_view path, Revision first, Revision end,
                    const RowSink& sink, Timestamp now, const Context& context);
  [[nodiscard]] IndexStatements& index_statements();
  [[nodiscard]] VectorStatements& vector_statements();
  // Gives the entry that was created with a revision, if it is live; says whether it was.
  [[nodiscard]] bool read_entry(
      const PlacedNamespace& ns, Revision created,
      const std::function<void(const AddressView&, const Record&)>& deliver, Timestamp now,
      const Context& context);
  // Calls `visit` with the namespaces of a scope that a configuration governs, of those that `list`
  // gives (as `list_namespaces_` does), until it returns false.
  void each_governed(Statement& list, const search::ConfiguredNamespace& configured,
                     const Scope& scope, const search::SearchCatalog& catalog,
                     const std::function<bool(const PlacedNamespace&)>& visit);
  // All of them.
  [[nodiscard]] std::vector<PlacedNamespace> governed_by(
      const search::ConfiguredNamespace& configured, const Scope& scope,
      const search::SearchCatalog& catalog);
  void check_governed(const search::ConfiguredNamespace& configured,
                      const search::SearchCatalog& catalog, SearchCheck& report,
                      const Context& context);
  void check_namespace(const PlacedNamespace& ns, const DocumentIndexer& indexer,
                       SearchCheck& report, const Context& context);
  void check_vectors(const PlacedNamespace& ns, int dimensions, search::IndexCheck& check);

  Connection connection_;
  Statement hold_snapshot_;
  Statement find_record_;
  Statement find_live_;
  Statement find_large_value_;
  Statement list_namespaces_;
  Statement list_namespaces_descending_;
  Statement any_expired_;
  std::array<std::unique_ptr<Statement>, ScanShape::count> scans_;
  std::unique_ptr<IndexStatements> index_statements_;  // Null until somebody searches.
  std::unique_ptr<VectorStatements> vector_statements_;
};

}  // namespace holdfast::sqlite
