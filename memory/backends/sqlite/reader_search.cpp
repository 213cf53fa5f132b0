// Searching, and comparing the index with the entries.
#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "errors.hpp"
#include "reader.hpp"
#include "search/index_check.hpp"
#include "search/index_search.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::sqlite {

using search::ConfiguredNamespace;
using search::DocumentList;
using search::PostingList;
using search::SearchCatalog;

// What one search sees, within a snapshot.
class Reader::IndexView final : public search::IndexView {
 public:
  IndexView(Reader& reader, std::vector<PlacedNamespace> namespaces, Timestamp now,
            const Context& context)
      : reader_(reader),
        statements_(reader.index_statements()),
        namespaces_(std::move(namespaces)),
        now_(now),
        context_(context) {}

  void prepare(std::span<const std::string>) override { find_expired(); }
  [[nodiscard]] std::size_t namespaces() const override { return namespaces_.size(); }
  [[nodiscard]] std::vector<Revision> expired(std::size_t ns) override {
    const auto found = expired_.find(namespaces_[ns].id);
    if (found == expired_.end()) return {};
    std::sort(found->second.begin(), found->second.end());
    return std::move(found->second);
  }
  void read_documents(std::size_t ns, DocumentList& to) override {
    statements_.read(namespaces_[ns].id, search::documents_term, to);
  }
  void read_postings(std::size_t ns, std::string_view term, PostingList& to) override {
    statements_.read(namespaces_[ns].id, term, to);
  }
  [[nodiscard]] bool read_entry(std::size_t ns, Revision created, const EntrySink& sink) override {
    return reader_.read_entry(namespaces_[ns], created, sink, now_, context_);
  }

 private:
  // Costs a step for each entry of the store that is expired and not yet reclaimed, and a look for
  // each of the scope.
  void find_expired() {
    Using list(statements_.expired);
    list->bind(1, to_ms(now_));
    if (!list->step()) return;
    for (const PlacedNamespace& each : namespaces_) expired_[each.id];
    do {
      const auto in_scope = expired_.find(list->integer(0));
      if (in_scope == expired_.end()) continue;
      Using created(statements_.created);
      created->bind(1, list->integer(0)).bind(2, list->text(1));
      if (!created->step()) fail(ErrorCode::corruption, "the index of deadlines names no entry");
      in_scope->second.push_back(created->integer(0));
    } while (list->step());
  }

  Reader& reader_;
  IndexStatements& statements_;
  std::vector<PlacedNamespace> namespaces_;
  std::unordered_map<std::int64_t, std::vector<Revision>> expired_;
  Timestamp now_;
  const Context& context_;
};

IndexStatements& Reader::index_statements() {
  if (index_statements_ == nullptr) {
    index_statements_ = std::make_unique<IndexStatements>(connection_);
  }
  return *index_statements_;
}

bool Reader::read_entry(const PlacedNamespace& ns, Revision created,
                        const std::function<void(const AddressView&, const Record&)>& deliver,
                        Timestamp now, const Context& context) {
  bool found = false;
  const RowSink take = [&](const ScanRow& row) {
    found = true;
    Record record = row.record;
    record.value = row.take_value();
    deliver(row.address, record);
    return false;
  };
  scan_created(ns.id, ns.path, created, created + 1, take, now, context);
  return found;
}

void Reader::each_governed(Statement& list, const ConfiguredNamespace& configured,
                           const Scope& scope, const SearchCatalog& catalog,
                           const std::function<bool(const PlacedNamespace&)>& visit) {
  const support::SubtreeRanges subtree(scope.ns.text());
  std::vector<support::TextRange> ranges = {subtree.own, subtree.below};
  if (!scope.subtree) ranges = {support::own_range(scope.ns.text())};
  for (const support::TextRange& range : ranges) {
    const Using use(list);
    list.bind(1, range.first).bind(2, range.end);
    while (list.step()) {
      if (catalog.governing(list.text(1)) != &configured) continue;
      if (!visit({list.integer(0), std::string(list.text(1)), list.integer(2)})) return;
    }
  }
}

std::vector<PlacedNamespace> Reader::governed_by(const ConfiguredNamespace& configured,
                                                 const Scope& scope, const SearchCatalog& catalog) {
  std::vector<PlacedNamespace> namespaces;
  each_governed(list_namespaces_, configured, scope, catalog, [&](const PlacedNamespace& each) {
    namespaces.push_back(each);
    return true;
  });
  return namespaces;
}

std::vector<SearchConfiguration> Reader::search_configurations(CatalogCache& catalogs) {
  const Snapshot snapshot(hold_snapshot_);
  return catalogs.at(snapshot.state().search_generation, connection_)->list();
}

void Reader::search(const SearchRequest& request, const RankedSink& sink, CatalogCache& catalogs,
                    Timestamp now, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  const ConfiguredNamespace& configured = catalog->require_usable(request.scope.ns.text());
  IndexView view(*this, governed_by(configured, request.scope, *catalog), now, context);
  search::search(*configured.indexer, request, view, sink, context);
}

SearchCheck Reader::check_search(const Namespace& ns, CatalogCache& catalogs,
                                 const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  static_cast<void>(catalog->require_at(ns.text()));
  SearchCheck report;
  check_governed(catalog->require_usable(ns.text()), *catalog, report, context);
  return report;
}

void Reader::check_index(SearchCheck& report, CatalogCache& catalogs, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  const auto refuse = [&](const std::string& table, const std::string& problem, bool is_vector) {
    Statement list = connection_.prepare(
        "SELECT n.path FROM namespace n WHERE EXISTS "
        "(SELECT 1 FROM " +
        table + " t WHERE t.namespace_id = n.id)");
    while (list.step()) {
      const ConfiguredNamespace* const governing = catalog->governing(list.text(0));
      const bool may_have =
          governing != nullptr && (!is_vector || governing->indexer->config().embedding);
      if (may_have) continue;
      report.problems.push_back("namespace \"" + std::string(list.text(0)) + "\": " + problem);
    }
  };
  refuse("search_block", "has an index, but no search configuration governs it", false);
  refuse("search_vector", "has vectors, but no search configuration with an embedding governs it",
         true);
  for (const SearchConfiguration& each : catalog->list()) {
    if (each.needs_reindex) continue;
    check_governed(*catalog->at(each.ns.text()), *catalog, report, context);
  }
}

void Reader::check_governed(const ConfiguredNamespace& configured, const SearchCatalog& catalog,
                            SearchCheck& report, const Context& context) {
  const Scope subtree{Namespace(configured.ns), true};
  for (const PlacedNamespace& each : governed_by(configured, subtree, catalog)) {
    check_namespace(each, *configured.indexer, report, context);
  }
}

void Reader::check_namespace(const PlacedNamespace& ns, const DocumentIndexer& indexer,
                             SearchCheck& report, const Context& context) {
  search::IndexCheck check(indexer, ns.path, report);
  const RowSink expect = [&](const ScanRow& row) {
    check.expect(row.record);
    return true;
  };
  scan_created(ns.id, ns.path, 0, std::numeric_limits<Revision>::max(), expect, Timestamp::min(),
               context);
  IndexStatements& statements = index_statements();
  const auto read = [&](std::string_view term, auto& list) {
    try {
      statements.read(ns.id, term, list);
    } catch (const EngineError&) {
      throw;
    } catch (const Error& error) {
      check.report("blocks of \"" + std::string(term) + "\": " + error.message());
    }
  };
  DocumentList documents(indexer.config().fields.size());
  read(search::documents_term, documents);
  check.compare_documents(documents);
  Statement terms = connection_.prepare(
      "SELECT DISTINCT term FROM search_block WHERE namespace_id = ?1 AND term > ''");
  terms.bind(1, ns.id);
  PostingList postings;
  while (terms.step()) {
    postings.clear();
    read(terms.text(0), postings);
    check.compare_postings(terms.text(0), postings);
    context.check();
  }
  const auto& embedding = indexer.config().embedding;
  if (embedding) check_vectors(ns, embedding->dimensions, check);
  check.finish();
}

}  // namespace holdfast::sqlite
