#include "index_writer.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "bytes_text.hpp"
#include "errors.hpp"
#include "search/block_codec.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

using search::ConfiguredNamespace;

// Changes of what is configured are rare: so many in a row would be somebody's mistake.
constexpr int most_attempts = 10;

constexpr const char* read_back_sql =
    "SELECT " HOLDFAST_POSTGRESQL_INDEXED_COLUMNS
    " FROM unnest($1::text[], $2::text[]) AS a(namespace, key)"
    " CROSS JOIN LATERAL (SELECT * FROM @schema@.entry s"
    " WHERE s.namespace = a.namespace AND s.key = a.key OFFSET 0) e";

bool leaves_entry(const WriteOp& op, const WriteResult& result) noexcept {
  return may_leave_entry(op) &&
         (result.status == WriteStatus::created || result.status == WriteStatus::updated);
}

bool keeps_vectors(const ConfiguredNamespace& configured) {
  return configured.indexer->config().embedding.has_value();
}

// The one whose index of words, or vectors, are to be kept; null: none. What has another analyzer's
// words has its vectors all the same.
const ConfiguredNamespace* kept_by(const SearchState& state, std::string_view ns) {
  const ConfiguredNamespace* const configured = state.catalog.governing(ns);
  if (configured == nullptr || configured->indexer->indexes_nothing()) return nullptr;
  return configured->needs_reindex && !keeps_vectors(*configured) ? nullptr : configured;
}

std::string begin_of(const SearchState& state) {
  std::string begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
  // By which `search_guard` goes.
  if (!state.catalog.empty()) {
    begin += "; SET LOCAL holdfast.search_generation = '" + std::to_string(state.generation) + "'";
  }
  return begin;
}

}  // namespace

std::vector<WrittenEntry> entries_written(std::span<const WriteOp> ops,
                                          std::span<const WriteResult> results,
                                          std::int64_t instant) {
  std::vector<WrittenEntry> written;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (!leaves_entry(ops[i], results[i])) continue;
    WrittenEntry& entry = written.emplace_back();
    entry.address = ops[i].address;
    if (ops[i].kind != WriteOp::Kind::set || results[i].status != WriteStatus::created) continue;
    entry.value = &ops[i].value;
    entry.created_revision = results[i].revision;
    entry.created_at = to_timestamp(instant);
  }
  return written;
}

std::vector<WrittenEntry> addresses_written(std::span<const WriteOp> ops,
                                            std::span<const WriteResult> results) {
  std::vector<WrittenEntry> written;
  std::set<AddressView> seen;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (!leaves_entry(ops[i], results[i]) || !seen.insert(ops[i].address).second) continue;
    written.emplace_back().address = ops[i].address;
  }
  return written;
}

std::vector<WrittenEntry> entries_restored(const RestoreBatch& batch,
                                           std::span<const RestoreStatus> statuses) {
  std::vector<WrittenEntry> written;
  for (std::size_t i = 0; i < batch.ops.size(); ++i) {
    if (!may_leave_entry(batch.ops[i]) || statuses[i] != RestoreStatus::applied) continue;
    written.emplace_back().address = batch.ops[i].address;
  }
  return written;
}

void DocumentArguments::add(const ConfiguredNamespace& configured, std::string_view ns,
                            Revision created, Timestamp created_at, const MemoryValue& value) {
  namespaces_.add(ns);
  created_.add(created);
  if (configured.needs_reindex) {
    for (ArrayText* const array : {&lengths_, &terms_, &counts_}) array->add_null();
  } else {
    add(configured.indexer->index(value, created_at));
  }
  std::string text;
  if (keeps_vectors(configured)) {
    awaits_ = true;
    text = configured.indexer->config().text_to_embed(value);
  }
  if (text.empty()) {
    texts_.add_null();
  } else {
    texts_.add(MemoryValue(text).json_text());  // Which has no U+0000.
  }
  ++count_;
}

void DocumentArguments::add(const IndexedDocument& document) {
  ArrayText terms;
  ArrayText counts;
  for (const TermCounts& term : document.terms) {
    terms.add(term.term);
    counts.add(bytea_text(search::encode(std::span(term.counts))));
  }
  lengths_.add(bytea_text(search::encode(std::span(document.lengths))));
  terms_.add(terms.take());
  counts_.add(counts.take());
}

void DocumentArguments::add(const Rows& rows, std::size_t row, const SearchState& state) {
  const std::string_view ns = rows.text(row, 0);
  const ConfiguredNamespace* const configured = kept_by(state, ns);
  if (configured == nullptr) return;
  const auto value = MemoryValue::from_canonical(SharedText::of_static(rows.text(row, 3)));
  add(*configured, ns, rows.integer(row, 1), to_timestamp(rows.integer(row, 2)), value);
}

Arguments DocumentArguments::take(std::int64_t generation) {
  Arguments arguments;
  arguments.add(generation);
  for (ArrayText* const array : {&namespaces_, &created_, &lengths_, &terms_, &counts_}) {
    arguments.add(array->take());
  }
  std::string texts = texts_.take();
  if (awaits_) {
    arguments.add(std::move(texts));
  } else {
    arguments.add_null();
  }
  awaits_ = false;
  count_ = 0;
  return arguments;
}

IndexWriter::IndexWriter(const Store& store, SearchStates& states)
    : states_(states),
      read_back_(store.statement("holdfast_search_read_back", read_back_sql)),
      put_(store.statement("holdfast_search_put",
                           "SELECT @schema@.search_put($1, $2, $3, $4, $5, $6, $7)")) {}

void IndexWriter::run(Connection& connection, const Write& write, const Context& context) {
  for (int attempts = 1;; ++attempts) {
    SearchStates::State state = states_.known();
    try {
      if (state->has_unmarked &&
          states_.mark_stale(connection, *state, write.namespaces(), context)) {
        state = states_.read(connection, context);
      }
      return attempt(connection, *state, write, context);
    } catch (const EngineError& error) {
      if (error.sqlstate() != search_changed_state || attempts == most_attempts) throw;
      states_.read(connection, context);
    }
  }
}

void IndexWriter::attempt(Connection& connection, const SearchState& state, const Write& write,
                          const Context& context) const {
  if (state.catalog.empty() && !write.needs_transaction) {
    static_cast<void>(write.run());
    return;
  }
  OpenTransaction transaction(connection, begin_of(state), context);
  const auto written = write.run();
  if (!written) return;
  keep_in_step(connection, state, *written, context);
  transaction.commit(context);
}

// Whoever writes an entry holds it until the transaction ends, so that its document is that of the
// last write.
void IndexWriter::keep_in_step(Connection& connection, const SearchState& state,
                               const std::vector<WrittenEntry>& written,
                               const Context& context) const {
  if (state.catalog.empty()) return;
  DocumentArguments documents;
  ArrayText namespaces;
  ArrayText keys;
  bool reads = false;
  for (const WrittenEntry& entry : written) {
    const ConfiguredNamespace* const configured = kept_by(state, entry.address.ns);
    if (configured == nullptr) continue;
    if (entry.value != nullptr) {
      documents.add(*configured, entry.address.ns, entry.created_revision, entry.created_at,
                    *entry.value);
    } else {
      namespaces.add(entry.address.ns);
      keys.add(entry.address.key);
      reads = true;
    }
  }
  if (reads) {
    const Rows rows = connection.execute(
        read_back_, Arguments().add(namespaces.take()).add(keys.take()), context);
    for (std::size_t i = 0; i < rows.size(); ++i) documents.add(rows, i, state);
  }
  if (!documents.empty()) put(connection, documents.take(state.generation), context);
}

void IndexWriter::put(Connection& connection, Arguments documents, const Context& context) const {
  connection.execute(put_, documents, context);
}

}  // namespace holdfast::postgresql
