// Searching by vectors, what awaits them, and comparing them with the entries.
#include <map>
#include <utility>

#include "errors.hpp"
#include "reader.hpp"
#include "search/index_check.hpp"
#include "search/vector_search.hpp"

namespace holdfast::sqlite {

using search::ConfiguredNamespace;
using search::ScoredVector;
using search::VectorCache;

namespace {

constexpr std::uint64_t rows_between_checks = 256;

}  // namespace

// What one search sees, within a snapshot.
class Reader::VectorView final : public search::VectorView {
 public:
  VectorView(Reader& reader, VectorCache& cache, int dimensions,
             std::vector<PlacedNamespace> namespaces, Timestamp now, const Context& context)
      : reader_(reader),
        statements_(reader.vector_statements()),
        cache_(cache),
        dimensions_(dimensions),
        namespaces_(std::move(namespaces)),
        now_(now),
        context_(context) {
    greatest_ = VectorStatements::number(statements_.greatest);
  }

  [[nodiscard]] std::size_t namespaces() const override { return namespaces_.size(); }
  void score(std::uint32_t ns, std::span<const float> unit,
             std::vector<ScoredVector>& to) override {
    const PlacedNamespace& in = namespaces_[ns];
    statements_.last.bind(1, in.id);
    VectorCache::Source source;
    source.namespace_id = in.id;
    source.dimensions = dimensions_;
    source.last = VectorStatements::number(statements_.last);
    source.count = static_cast<std::size_t>(in.entries);  // No more than that.
    source.read = [&](std::int64_t after, const VectorCache::Row& row) { read(in, after, row); };
    cache_.score(source, unit, ns, to);
  }
  void read(const ScoredVector& vector, const Deliver& deliver) override {
    if (is_there(vector.id)) {
      static_cast<void>(
          reader_.read_entry(namespaces_[vector.ns], vector.created, deliver, now_, context_));
    } else if (vector.id <= greatest_) {
      // Otherwise it came after the snapshot.
      gone_[namespaces_[vector.ns].id].push_back(vector.id);
    }
  }
  // Lets the cache forget what was not there any more.
  void clean_up() {
    for (const auto& [namespace_id, ids] : gone_) cache_.forget(namespace_id, ids);
  }

 private:
  void read(const PlacedNamespace& in, std::int64_t after, const VectorCache::Row& row) {
    Statement& made = statements_.made_after;
    const Using use(made);
    made.bind(1, in.id).bind(2, after);
    for (std::uint64_t rows = 0; made.step(); ++rows) {
      if (rows % rows_between_checks == 0) context_.check();
      row(made.integer(0), made.integer(1), made.blob(2));
    }
  }
  [[nodiscard]] bool is_there(std::int64_t id) {
    Using find(statements_.find);
    find->bind(1, id);
    return find->step();
  }

  Reader& reader_;
  VectorStatements& statements_;
  VectorCache& cache_;
  const int dimensions_;
  const std::vector<PlacedNamespace> namespaces_;
  std::int64_t greatest_ = 0;  // Of the ids that were given before the snapshot.
  std::map<std::int64_t, std::vector<std::int64_t>> gone_;  // By namespace.
  const Timestamp now_;
  const Context& context_;
};

VectorStatements& Reader::vector_statements() {
  if (vector_statements_ == nullptr) {
    vector_statements_ = std::make_unique<VectorStatements>(connection_);
  }
  return *vector_statements_;
}

void Reader::nearest(const VectorRequest& request, const RankedSink& sink, CatalogCache& catalogs,
                     VectorCache& cache, Timestamp now, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  const ConfiguredNamespace& configured =
      search::require_vector(*catalog, request.scope.ns.text(), request.vector);
  VectorView view(*this, cache, configured.indexer->config().embedding->dimensions,
                  governed_by(configured, request.scope, *catalog), now, context);
  search::nearest(request, view, sink, context);
  view.clean_up();
}

void Reader::without_vector(const Scope& scope, const EntrySink& sink, CatalogCache& catalogs,
                            Timestamp now, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  const ConfiguredNamespace& configured = search::require_embedding(*catalog, scope.ns.text());
  VectorStatements& statements = vector_statements();
  const auto give = [&](const PlacedNamespace& ns) {
    Using awaited(statements.awaited);
    awaited->bind(1, ns.id);
    bool goes_on = true;
    while (goes_on && awaited->step()) {
      const auto deliver = [&](const AddressView& address, const Record& record) {
        goes_on = sink(address, record);
      };
      static_cast<void>(read_entry(ns, awaited->integer(0), deliver, now, context));
    }
    return goes_on;
  };
  each_governed(statements.with_awaited, configured, scope, *catalog, give);
}

void Reader::vectors(const Scope& scope, const VectorSink& sink, CatalogCache& catalogs,
                     Timestamp now, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto catalog = catalogs.at(snapshot.state().search_generation, connection_);
  const ConfiguredNamespace& configured = search::require_embedding(*catalog, scope.ns.text());
  const int dimensions = configured.indexer->config().embedding->dimensions;
  Statement& entries = vector_statements().entries;
  const auto give = [&](const PlacedNamespace& ns) {
    const Using use(entries);
    entries.bind(1, ns.id);
    for (std::uint64_t rows = 0; entries.step(); ++rows) {
      if (rows % rows_between_checks == 0) context.check();
      const Row row = read_row(entries);
      if (!row.is_live(now)) continue;
      const std::vector<float> vector =
          search::decode_vector(entries.blob(row_columns + 1), dimensions);
      if (!sink({{ns.path, entries.text(row_columns)}, row.revision, vector})) return false;
    }
    return true;
  };
  each_governed(list_namespaces_, configured, scope, *catalog, give);
}

void Reader::check_vectors(const PlacedNamespace& ns, int dimensions, search::IndexCheck& check) {
  Statement list = connection_.prepare(
      "SELECT created_revision, length(vector) FROM search_vector INDEXED BY "
      "search_vector_by_created WHERE namespace_id = ?1 ORDER BY created_revision");
  list.bind(1, ns.id);
  const auto bytes = static_cast<std::int64_t>(sizeof(float)) * dimensions;
  std::vector<Revision> found;
  std::size_t damaged = 0;
  while (list.step()) {
    found.push_back(list.integer(0));
    if (list.optional_integer(1).value_or(bytes) != bytes) ++damaged;
  }
  check.compare_vectors(found);
  if (damaged > 0) check.report("vectors: " + std::to_string(damaged) + " of another length");
}

}  // namespace holdfast::sqlite
