// Searching by vectors, and keeping them.
#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "bytes_text.hpp"
#include "repeating.hpp"
#include "schema.hpp"
#include "search.hpp"
#include "search/vector_search.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

using search::ScoredVector;

// What one statement takes or gives of vectors, about; as text it is twice as much.
constexpr std::size_t bytes_at_once = std::size_t{16} << 20;

constexpr const char* put_sql =
    "SELECT @schema@.search_put_vectors($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr const char* heads_sql = "SELECT * FROM @schema@.search_vector_heads($1, $2, $3, $4, $5)";
constexpr const char* after_sql = "SELECT * FROM @schema@.search_vectors_after($1, $2, $3)";

// Entries of vectors that are still there.
constexpr const char* entries_sql =
    "SELECT v.id, e.namespace, e.key, " HOLDFAST_POSTGRESQL_RECORD_COLUMNS
    ", e.value FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])"
    " AS a(namespace_id, namespace, created, id)"
    " CROSS JOIN LATERAL (SELECT s.id FROM @schema@.search_vector s"
    " WHERE s.namespace_id = a.namespace_id AND s.created_revision = a.created"
    " AND s.id = a.id AND s.vector IS NOT NULL OFFSET 0) v"
    " CROSS JOIN LATERAL (SELECT * FROM @schema@.entry s"
    " WHERE s.namespace = a.namespace AND s.created_revision = a.created OFFSET 0) e";

// Some of a range's entries with their vectors, or of those for which one is awaited.
constexpr const char* page_sql =
    "SELECT e.namespace, e.key, @schema@.instant($5, $6), " HOLDFAST_POSTGRESQL_RECORD_COLUMNS
    ", e.value, coalesce(encode(e.vector, 'hex'), '') FROM ("
    "SELECT s.*, p.vector, sum(s.size::bigint + coalesce(octet_length(p.vector), 0))"
    " OVER (ORDER BY s.namespace, s.created_revision ROWS BETWEEN UNBOUNDED PRECEDING AND 1 "
    "PRECEDING) AS bytes_before FROM @schema@.search_vector_page($1, $2, $3, $4, $7) p"
    " CROSS JOIN LATERAL (SELECT * FROM @schema@.entry s"
    " WHERE s.namespace = p.namespace AND s.created_revision = p.created_revision OFFSET 0) s) e"
    " WHERE e.bytes_before IS NULL OR e.bytes_before < 4194304"
    " ORDER BY e.namespace, e.created_revision";
// Its columns.
constexpr std::size_t page_instant = 2;
constexpr std::size_t page_record = 3;
constexpr std::size_t page_value = page_record + record_columns;
constexpr std::size_t page_vector = page_value + 1;

bool is_live(const Record& record, std::int64_t now_ms) {
  return !record.expires_at || to_ms(*record.expires_at) > now_ms;
}

// How many vectors, at least one.
std::size_t vectors_in(std::size_t bytes, int dimensions) {
  return std::max<std::size_t>(bytes / search::VectorTable::bytes_of(dimensions, 1), 1);
}

// Rows behind one another, by their namespaces and keys as writers hold entries.
std::vector<const VectorRow*> in_order(std::span<const VectorRow> vectors) {
  std::vector<const VectorRow*> ordered;
  for (const VectorRow& row : vectors) ordered.push_back(&row);
  std::ranges::stable_sort(ordered, {}, [](const VectorRow* row) {
    return std::pair(row->address.ns, row->address.key);
  });
  return ordered;
}

void add_vectors(Arguments& arguments, std::span<const VectorRow* const> rows) {
  ArrayText namespaces;
  ArrayText keys;
  ArrayText revisions;
  ArrayText vectors;
  for (const VectorRow* const row : rows) {
    namespaces.add(row->address.ns);
    keys.add(row->address.key);
    revisions.add(row->revision);
    vectors.add(bytea_text(search::encode_vector(row->vector)));
  }
  arguments.add(namespaces.take()).add(keys.take()).add(revisions.take()).add(vectors.take());
}

// Pages of a range of namespaces.
class VectorPages {
 public:
  VectorPages(const Store& store, const Statement& statement, const support::TextRange& namespaces,
              bool awaited)
      : store_(store),
        statement_(statement),
        namespace_(namespaces.first),
        end_(namespaces.end),
        awaited_(awaited) {}

  // None: there are no more.
  [[nodiscard]] Rows next(Connection& connection, const Context& context) {
    constexpr std::int64_t most = 500;
    Arguments arguments;
    arguments.add(namespace_).add(created_).add(end_).add(awaited_);
    store_.instants.add_to(arguments, context);
    arguments.add(limit_);
    limit_ = most;
    Rows rows = connection.execute(statement_, arguments, context);
    if (!rows.empty()) {
      namespace_ = rows.text(rows.size() - 1, 0);
      created_ = rows.integer(rows.size() - 1, page_record + 1);
    }
    return rows;
  }

 private:
  const Store& store_;
  const Statement& statement_;
  std::string namespace_;
  std::string end_;
  bool awaited_;
  std::int64_t created_ = -1;
  std::int64_t limit_ = 100;  // As many as are asked for most of the time.
};

}  // namespace

VectorStatements::VectorStatements(const Store& store)
    : put(store.statement("holdfast_search_put_vectors", put_sql)),
      heads(store.statement("holdfast_search_vector_heads", heads_sql)),
      after(store.statement("holdfast_search_vectors_after", after_sql)),
      entries(store.statement("holdfast_search_vector_entries", entries_sql)),
      page(store.statement("holdfast_search_vector_page", page_sql)) {}

// In the snapshot that is open.
class PostgresqlSearch::VectorsView final : public search::VectorView {
 public:
  VectorsView(PostgresqlSearch& index, Connection& connection, const SearchState& state,
              const Scope& scope, int dimensions, const Context& context);

  [[nodiscard]] std::size_t namespaces() const override { return namespaces_.size(); }
  void score(std::uint32_t ns, std::span<const float> unit, std::vector<ScoredVector>& to) override;
  void expect(std::span<const ScoredVector> vectors) override;
  void read(const ScoredVector& vector, const Deliver& deliver) override;
  // Tells the cache what was found to be gone.
  void forget_gone();

 private:
  struct Found {
    std::int64_t id = 0;
    std::string_view ns;
    std::int64_t last = 0;
    std::size_t count = 0;
    std::vector<std::int64_t> gone{};
  };

  void read_after(std::int64_t id, std::int64_t after, const search::VectorCache::Row& row);

  PostgresqlSearch& index_;
  Connection& connection_;
  const Context& context_;
  const int dimensions_;
  Rows heads_;
  std::int64_t now_ms_ = 0;
  std::vector<Found> namespaces_;
  Rows entries_;
  std::unordered_map<std::int64_t, std::size_t> rows_of_entries_;
};

PostgresqlSearch::VectorsView::VectorsView(PostgresqlSearch& index, Connection& connection,
                                           const SearchState& state, const Scope& scope,
                                           int dimensions, const Context& context)
    : index_(index), connection_(connection), context_(context), dimensions_(dimensions) {
  Store& store = index_.store_;
  Arguments arguments;
  store.instants.add_to(arguments, context_);
  add_ranges(arguments, state.governed(scope));
  arguments.add(static_cast<std::int64_t>(
      vectors_in(static_cast<std::size_t>(store.options.vector_cache_bytes), dimensions)));
  heads_ = connection_.execute(index_.vectors_.heads, arguments, context_);
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    now_ms_ = heads_.integer(i, 0);
    namespaces_.push_back({heads_.integer(i, 1), heads_.text(i, 2), heads_.integer(i, 3),
                           static_cast<std::size_t>(heads_.integer(i, 4))});
  }
  if (!namespaces_.empty()) store.instants.saw(now_ms_);
}

void PostgresqlSearch::VectorsView::read_after(std::int64_t id, std::int64_t after,
                                               const search::VectorCache::Row& row) {
  const std::size_t limit = vectors_in(bytes_at_once, dimensions_);
  while (true) {
    const Rows rows = connection_.execute(
        index_.vectors_.after, Arguments().add(id).add(after).add(static_cast<std::int64_t>(limit)),
        context_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      after = rows.integer(i, 0);
      row(after, rows.integer(i, 1), from_hex(rows.text(i, 2)));
    }
    if (rows.size() < limit) return;
  }
}

void PostgresqlSearch::VectorsView::score(std::uint32_t ns, std::span<const float> unit,
                                          std::vector<ScoredVector>& to) {
  const Found& found = namespaces_[ns];
  search::VectorCache::Source source;
  source.namespace_id = found.id;
  source.dimensions = dimensions_;
  source.last = found.last;
  source.count = found.count;
  source.read = [&](std::int64_t after, const search::VectorCache::Row& row) {
    read_after(found.id, after, row);
  };
  index_.cache_.score(source, unit, ns, to);
}

void PostgresqlSearch::VectorsView::expect(std::span<const ScoredVector> vectors) {
  ArrayText ids_of_namespaces;
  ArrayText namespaces;
  ArrayText created;
  ArrayText ids;
  for (const ScoredVector& vector : vectors) {
    ids_of_namespaces.add(namespaces_[vector.ns].id);
    namespaces.add(namespaces_[vector.ns].ns);
    created.add(vector.created);
    ids.add(vector.id);
  }
  Arguments arguments;
  arguments.add(ids_of_namespaces.take()).add(namespaces.take());
  arguments.add(created.take()).add(ids.take());
  entries_ = connection_.execute(index_.vectors_.entries, arguments, context_);
  rows_of_entries_.clear();
  for (std::size_t row = 0; row < entries_.size(); ++row) {
    rows_of_entries_[entries_.integer(row, 0)] = row;
  }
}

void PostgresqlSearch::VectorsView::read(const ScoredVector& vector, const Deliver& deliver) {
  constexpr std::size_t record_column = 3;
  const auto found = rows_of_entries_.find(vector.id);
  if (found == rows_of_entries_.end()) {
    // One with a greater id may have come since this state.
    if (vector.id <= namespaces_[vector.ns].last) namespaces_[vector.ns].gone.push_back(vector.id);
    return;
  }
  const std::size_t row = found->second;
  Record record;
  fill_record(record, entries_, row, record_column);
  if (!is_live(record, now_ms_)) return;
  record.value = MemoryValue::from_canonical(
      SharedText::copy_of(entries_.text(row, record_column + record_columns)));
  deliver({entries_.text(row, 1), entries_.text(row, 2)}, record);
}

void PostgresqlSearch::VectorsView::forget_gone() {
  for (const Found& found : namespaces_) {
    if (!found.gone.empty()) index_.cache_.forget(found.id, found.gone);
  }
}

void PostgresqlSearch::nearest(const VectorRequest& request, const RankedSink& sink,
                               const Context& context) {
  bool delivered = false;
  const RankedSink noting = [&](const RankedRow& row) {
    delivered = true;
    return sink(row);
  };
  repeatedly(store_, context, delivered, [&](Connection& connection) {
    const OpenTransaction snapshot(connection, begin_snapshot_, context);
    const SearchStates::State state = in_snapshot(connection, snapshot.began(), context);
    search::require_vector(state->catalog, request.scope.ns.text(), request.vector);
    VectorsView view(*this, connection, *state, request.scope,
                     static_cast<int>(request.vector.size()), context);
    search::nearest(request, view, noting, context);
    view.forget_gone();
  });
}

void PostgresqlSearch::walk(const Scope& scope, bool awaited, const Visit& visit,
                            const Context& context) {
  bool delivered = false;
  repeatedly(store_, context, delivered, [&](Connection& connection) {
    const OpenTransaction snapshot(connection, begin_snapshot_, context);
    const SearchStates::State state = in_snapshot(connection, snapshot.began(), context);
    const SearchConfig& config =
        search::require_embedding(state->catalog, scope.ns.text()).indexer->config();
    for (const support::TextRange& range : state->governed(scope)) {
      VectorPages pages(store_, vectors_.page, range, awaited);
      for (Rows rows = pages.next(connection, context); !rows.empty();
           rows = pages.next(connection, context)) {
        const std::int64_t now_ms = rows.integer(0, page_instant);
        store_.instants.saw(now_ms);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          Record record;
          fill_record(record, rows, i, page_record);
          if (!is_live(record, now_ms)) continue;
          record.value = MemoryValue::from_canonical(SharedText::copy_of(rows.text(i, page_value)));
          delivered = true;
          const AddressView address{rows.text(i, 0), rows.text(i, 1)};
          const std::string vector = from_hex(rows.text(i, page_vector));
          if (!visit(address, record, vector, config.embedding->dimensions)) return;
        }
      }
    }
  });
}

void PostgresqlSearch::without_vector(const Scope& scope, const EntrySink& sink,
                                      const Context& context) {
  walk(
      scope, true,
      [&](const AddressView& address, const Record& record, std::string_view, int) {
        return sink(address, record);
      },
      context);
}

void PostgresqlSearch::vectors(const Scope& scope, const VectorSink& sink, const Context& context) {
  walk(
      scope, false,
      [&](const AddressView& address, const Record& record, std::string_view bytes,
          int dimensions) {
        const std::vector<float> vector = search::decode_vector(bytes, dimensions);
        return sink(address, record, vector);
      },
      context);
}

std::vector<std::int64_t> PostgresqlSearch::keep(Connection& connection,
                                                 std::span<const VectorRow* const> vectors,
                                                 const Context& context) {
  const SearchStates::State state = states_.read(connection, context);
  for (const VectorRow* const row : vectors) {
    search::require_vector(state->catalog, *row);
  }
  std::vector<std::int64_t> kept{0, 0};
  while (!vectors.empty()) {
    const auto size = static_cast<int>(vectors.front()->vector.size());
    const auto some = vectors.first(std::min(vectors.size(), vectors_in(bytes_at_once, size)));
    vectors = vectors.subspan(some.size());
    Arguments arguments;
    arguments.add(connection.session).add(connection.nonce);
    store_.instants.add_to(arguments, context);
    arguments.add(state->generation).add(kept[1]);
    add_vectors(arguments, some);
    kept = connection.execute(vectors_.put, arguments, context).integers(0, 0);
  }
  return kept;
}

std::uint64_t PostgresqlSearch::put_vectors(std::span<const VectorRow> vectors,
                                            const Context& context) {
  store_.process.check_not_forked();
  context.check();
  store_.refuse_where_read_only();
  const std::vector<const VectorRow*> ordered = in_order(vectors);
  std::vector<std::int64_t> kept;
  IndexWriter::Write write;
  write.needs_transaction = true;
  write.namespaces = [] { return std::vector<std::string_view>(); };  // No entry is written.
  writer_.write({[&](Connection& connection) {
                   write.run = [&]() -> std::optional<std::vector<WrittenEntry>> {
                     kept = keep(connection, ordered, context);
                     return std::vector<WrittenEntry>();
                   };
                   index_writer_.run(connection, write, context);
                 },
                 [&](const std::vector<std::int64_t>& results) {
                   kept = results;
                   return kept.size() == 2;
                 }},
                context);
  store_.instants.saw(kept[0]);
  return static_cast<std::uint64_t>(kept[1]);
}

}  // namespace holdfast::postgresql
