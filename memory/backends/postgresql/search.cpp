#include "search.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bytes_text.hpp"
#include "entry_pages.hpp"
#include "errors.hpp"
#include "repeating.hpp"
#include "schema.hpp"
#include "search/block_codec.hpp"
#include "search/index_check.hpp"
#include "search/index_search.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

using search::ConfiguredNamespace;
using search::DocumentList;
using search::PostingList;

constexpr const char* read_sql = "SELECT * FROM @schema@.search_read($1, $2, $3, $4, $5)";

constexpr const char* read_entries_sql =
    "SELECT a.place, e.namespace, e.key, " HOLDFAST_POSTGRESQL_RECORD_COLUMNS
    ", e.value FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS a(namespace, created, "
    "place)"
    " CROSS JOIN LATERAL (SELECT * FROM @schema@.entry s"
    " WHERE s.namespace = a.namespace AND s.created_revision = a.created OFFSET 0) e";

// With an index or with entries.
constexpr const char* namespaces_sql =
    "SELECT DISTINCT n.namespace FROM unnest($1::text[], $2::text[]) AS r(first, past)"
    " CROSS JOIN LATERAL (SELECT t.namespace FROM @schema@.tally t"
    " WHERE t.namespace >= r.first AND t.namespace < r.past UNION ALL"
    " SELECT s.namespace FROM @schema@.search_namespace s"
    " WHERE s.namespace >= r.first AND s.namespace < r.past) n ORDER BY n.namespace";

constexpr const char* all_documents_sql =
    "SELECT coalesce(encode(string_agg(int8send(d.created_revision) || d.lengths, ''"
    " ORDER BY d.created_revision), 'hex'), '') FROM @schema@.search_namespace n"
    " JOIN @schema@.search_document d ON d.namespace_id = n.id WHERE n.namespace = $1";

constexpr const char* all_postings_sql =
    "SELECT substr(t.term, strpos(t.term, ' ') + 1), encode(string_agg("
    "int8send(d.created_revision) || t.counts, '' ORDER BY d.created_revision), 'hex')"
    " FROM @schema@.search_namespace n JOIN @schema@.search_document d ON d.namespace_id = n.id"
    " CROSS JOIN LATERAL unnest(d.terms, d.counts) AS t(term, counts)"
    " WHERE n.namespace = $1 GROUP BY t.term";

constexpr const char* all_vectors_sql =
    "SELECT coalesce(encode(string_agg(int8send(v.created_revision), ''"
    " ORDER BY v.created_revision), 'hex'), '') FROM @schema@.search_namespace n"
    " JOIN @schema@.search_vector v ON v.namespace_id = n.id WHERE n.namespace = $1";

}  // namespace

// In the snapshot that is open.
class PostgresqlSearch::View final : public search::IndexView {
 public:
  View(const PostgresqlSearch& index, Connection& connection, const SearchState& state,
       const Scope& scope, const Context& context)
      : index_(index), connection_(connection), context_(context), ranges_(state.governed(scope)) {}

  void prepare(std::span<const std::string> terms) override;
  [[nodiscard]] std::size_t namespaces() const override { return namespaces_.size(); }
  [[nodiscard]] std::vector<Revision> expired(std::size_t ns) override {
    return search::decode_revisions(from_hex(namespaces_[ns].expired));
  }
  void read_documents(std::size_t ns, DocumentList& to) override {
    search::decode_rows(from_hex(namespaces_[ns].documents), to);
  }
  void read_postings(std::size_t ns, std::string_view term, PostingList& to) override {
    const auto found = namespaces_[ns].postings.find(term);
    if (found != namespaces_[ns].postings.end()) search::decode_rows(from_hex(found->second), to);
  }
  void expect_entries(std::span<const Document> documents) override {
    expected_.assign(documents.begin(), documents.end());
  }
  [[nodiscard]] bool read_entry(std::size_t ns, Revision created, const EntrySink& sink) override;

 private:
  enum class Kind : std::int64_t { instant, documents, expired, postings };
  // Views of what came.
  struct Found {
    std::string_view ns;
    std::string_view documents;
    std::string_view expired;
    std::map<std::string_view, std::string_view> postings;
  };
  using Place = std::pair<std::size_t, Revision>;  // A namespace, and what was created there.

  void fetch(const Place& wanted);

  const PostgresqlSearch& index_;
  Connection& connection_;
  const Context& context_;
  std::vector<support::TextRange> ranges_;
  Rows rows_;
  std::int64_t now_ms_ = 0;
  std::vector<Found> namespaces_;
  std::vector<Document> expected_;
  Rows entries_;
  std::map<Place, std::size_t> rows_of_entries_;
};

void PostgresqlSearch::View::prepare(std::span<const std::string> terms) {
  Arguments arguments;
  index_.store_.instants.add_to(arguments, context_);
  add_ranges(arguments, ranges_);
  ArrayText texts;
  for (const std::string& term : terms) texts.add(term);
  arguments.add(texts.take());
  rows_ = connection_.execute(index_.read_, arguments, context_);
  std::map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::int64_t id = rows_.integer(i, 1);
    const std::string_view data = rows_.is_null(i, 3) ? std::string_view() : rows_.text(i, 3);
    switch (static_cast<Kind>(rows_.integer(i, 0))) {
      case Kind::instant:
        now_ms_ = id;
        index_.store_.instants.saw(now_ms_);
        break;
      case Kind::documents:
        places[id] = namespaces_.size();
        namespaces_.push_back({rows_.text(i, 2), data, {}, {}});
        break;
      case Kind::expired:
        namespaces_[places.at(id)].expired = data;
        break;
      case Kind::postings:
        namespaces_[places.at(id)].postings[rows_.text(i, 2)] = data;
        break;
    }
  }
}

// Those that are expected from this one on, so that hits do not cost a round trip each.
void PostgresqlSearch::View::fetch(const Place& wanted) {
  const auto is_wanted = [&](const Document& each) {
    return each.ns == wanted.first && each.created == wanted.second;
  };
  std::vector<Place> fetched;
  for (auto at = std::ranges::find_if(expected_, is_wanted); at != expected_.end(); ++at) {
    fetched.emplace_back(at->ns, at->created);
  }
  expected_.clear();
  if (fetched.empty()) fetched.push_back(wanted);
  ArrayText namespaces;
  ArrayText created;
  for (const auto& [ns, revision] : fetched) {
    namespaces.add(namespaces_[ns].ns);
    created.add(revision);
  }
  entries_ = connection_.execute(index_.read_entries_,
                                 Arguments().add(namespaces.take()).add(created.take()), context_);
  rows_of_entries_.clear();
  for (std::size_t row = 0; row < entries_.size(); ++row) {
    rows_of_entries_[fetched.at(static_cast<std::size_t>(entries_.integer(row, 0)) - 1)] = row;
  }
}

bool PostgresqlSearch::View::read_entry(std::size_t ns, Revision created, const EntrySink& sink) {
  constexpr std::size_t record_column = 3;
  const Place wanted{ns, created};
  auto found = rows_of_entries_.find(wanted);
  if (found == rows_of_entries_.end()) {
    fetch(wanted);
    found = rows_of_entries_.find(wanted);
  }
  if (found == rows_of_entries_.end()) return false;
  const std::size_t row = found->second;
  Record record;
  fill_record(record, entries_, row, record_column);
  if (record.expires_at && to_ms(*record.expires_at) <= now_ms_) return false;
  record.value = MemoryValue::from_canonical(
      SharedText::copy_of(entries_.text(row, record_column + record_columns)));
  sink({entries_.text(row, 1), entries_.text(row, 2)}, record);
  return true;
}

PostgresqlSearch::PostgresqlSearch(Store& store, Writer& writer, SearchStates& states,
                                   IndexWriter& index_writer)
    : store_(store),
      writer_(writer),
      states_(states),
      index_writer_(index_writer),
      cache_(store.options.vector_cache_bytes),
      begin_snapshot_(
          std::string(begin_snapshot) +
          in_schema("; SELECT search_generation FROM @schema@.store", store.options.schema)),
      read_(store.statement("holdfast_search_read", read_sql)),
      read_entries_(store.statement("holdfast_search_read_entries", read_entries_sql)),
      vectors_(store) {}

SearchStates::State PostgresqlSearch::in_snapshot(Connection& connection, const Rows& began,
                                                  const Context& context) {
  return states_.at(connection, began.integer(0, 0), context);
}

std::vector<SearchConfiguration> PostgresqlSearch::configurations(const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    return states_.read(connection, context)->catalog.list();
  });
}

void PostgresqlSearch::search(const SearchRequest& request, const RankedSink& sink,
                              const Context& context) {
  bool delivered = false;
  const RankedSink noting = [&](const RankedRow& row) {
    delivered = true;
    return sink(row);
  };
  repeatedly(store_, context, delivered, [&](Connection& connection) {
    const OpenTransaction snapshot(connection, begin_snapshot_, context);
    const SearchStates::State state = in_snapshot(connection, snapshot.began(), context);
    const ConfiguredNamespace& configured = state->catalog.require_usable(request.scope.ns.text());
    View view(*this, connection, *state, request.scope, context);
    search::search(*configured.indexer, request, view, noting, context);
  });
}

void PostgresqlSearch::check_namespace(Connection& connection, std::string_view ns,
                                       const DocumentIndexer& indexer, SearchCheck& report,
                                       const Context& context) const {
  search::IndexCheck check(indexer, ns, report);
  EntryPages pages(store_, support::own_range(ns));
  for (Rows rows = pages.next(connection, context); !rows.empty();
       rows = pages.next(connection, context)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (indexer.indexes_nothing()) {
        ++report.documents;
        continue;
      }
      Record record;
      record.created_revision = rows.integer(i, 1);
      record.created_at = to_timestamp(rows.integer(i, 2));
      record.value = MemoryValue::from_canonical(SharedText::of_static(rows.text(i, 3)));
      check.expect(record);
    }
  }
  const Arguments arguments = Arguments().add(ns);
  DocumentList documents(indexer.config().fields.size());
  const Statement all_documents = store_.statement("", all_documents_sql);
  search::decode_rows(from_hex(connection.execute(all_documents, arguments, context).text(0, 0)),
                      documents);
  check.compare_documents(documents);
  const Rows rows = connection.execute(store_.statement("", all_postings_sql), arguments, context);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PostingList postings;
    search::decode_rows(from_hex(rows.text(i, 1)), postings);
    check.compare_postings(rows.text(i, 0), postings);
  }
  const Statement all_vectors = store_.statement("", all_vectors_sql);
  check.compare_vectors(search::decode_revisions(
      from_hex(connection.execute(all_vectors, arguments, context).text(0, 0))));
  check.finish();
}

SearchCheck PostgresqlSearch::check(const Namespace& ns, const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    SearchCheck report;
    const OpenTransaction snapshot(connection, begin_snapshot_, context);
    const SearchStates::State state = in_snapshot(connection, snapshot.began(), context);
    const ConfiguredNamespace& configured = state->catalog.require_at(ns.text());
    static_cast<void>(state->catalog.require_usable(ns.text()));
    Arguments arguments;
    add_ranges(arguments, state->governed(Scope{ns, true}));
    const Rows rows = connection.execute(store_.statement("", namespaces_sql), arguments, context);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      check_namespace(connection, rows.text(i, 0), *configured.indexer, report, context);
    }
    return report;
  });
}

}  // namespace holdfast::postgresql
