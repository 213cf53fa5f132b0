// Changes of what is configured for searching, and making the index of what they concern anew.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "entry_pages.hpp"
#include "errors.hpp"
#include "repeating.hpp"
#include "schema.hpp"
#include "search.hpp"
#include "search/vector_search.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

using search::ConfiguredNamespace;
using search::StoredConfiguration;

using Stored = std::vector<StoredConfiguration>;

constexpr const char* create_triggers_sql =
    "CREATE TRIGGER search_guard BEFORE INSERT OR UPDATE ON @schema@.entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION @schema@.search_guard();"
    "CREATE TRIGGER search_forget_gone AFTER DELETE ON @schema@.entry"
    " REFERENCING OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION @schema@.search_forget_gone();"
    "CREATE TRIGGER search_forget_replaced AFTER UPDATE ON @schema@.entry"
    " FOR EACH ROW WHEN (OLD.created_revision <> NEW.created_revision)"
    " EXECUTE FUNCTION @schema@.search_forget_replaced()";
constexpr const char* drop_triggers_sql =
    "DROP TRIGGER search_guard ON @schema@.entry;"
    "DROP TRIGGER search_forget_gone ON @schema@.entry;"
    "DROP TRIGGER search_forget_replaced ON @schema@.entry";

constexpr const char* configure_sql =
    "INSERT INTO @schema@.search_configuration VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (namespace) DO UPDATE SET config = excluded.config, version = excluded.version,"
    " stale = excluded.stale";

constexpr const char* entries_sql =
    "SELECT coalesce(sum(t.entries), 0)::bigint FROM unnest($1::text[], $2::text[]) AS r(first, "
    "past)"
    " CROSS JOIN LATERAL (SELECT sum(s.entries) AS entries FROM @schema@.tally s"
    " WHERE s.namespace >= r.first AND s.namespace < r.past) t";

Stored::iterator find(Stored& stored, std::string_view ns) {
  return std::ranges::find(stored, ns, &StoredConfiguration::ns);
}

}  // namespace

struct PostgresqlSearch::Change {
  Namespace ns;
  // What shall be configured, given what is; empty: all is well.
  std::function<std::optional<Stored>(const SearchState&)> decide;
  std::uint64_t documents = 0;  // That were made.
  bool done = false;            // Or may be: the connection was lost while it committed.
};

// One configuration governs all of it, before and after.
std::uint64_t PostgresqlSearch::build(Connection& connection, const SearchState& before,
                                      const SearchState& after, const Scope& scope,
                                      const Context& context) {
  const std::vector<support::TextRange> ranges = after.governed(scope);
  Arguments arguments;
  add_ranges(arguments, ranges);
  const ConfiguredNamespace* const former = before.catalog.governing(scope.ns.text());
  const ConfiguredNamespace* const configured = after.catalog.governing(scope.ns.text());
  const bool keeps_vectors =
      former != nullptr && configured != nullptr &&
      search::keeps_vectors(former->indexer->config(), configured->indexer->config());
  connection.execute(store_.statement("", "SELECT @schema@.search_clear($1, $2, $3)"),
                     Arguments(arguments).add(keeps_vectors), context);
  if (configured == nullptr) return 0;
  if (configured->indexer->indexes_nothing()) {
    const Rows counted = connection.execute(store_.statement("", entries_sql), arguments, context);
    return static_cast<std::uint64_t>(counted.integer(0, 0));
  }
  std::uint64_t entries = 0;
  DocumentArguments documents;
  for (const support::TextRange& range : ranges) {
    EntryPages pages(store_, range);
    for (Rows rows = pages.next(connection, context); !rows.empty();
         rows = pages.next(connection, context)) {
      for (std::size_t i = 0; i < rows.size(); ++i) documents.add(rows, i, after);
      if (!documents.empty())
        index_writer_.put(connection, documents.take(after.generation), context);
      entries += rows.size();
    }
  }
  return entries;
}

void PostgresqlSearch::make(Connection& connection, Change& change, const Context& context) {
  // Without a lock at first: where nothing is to be done, nobody has to wait for it.
  std::optional<Stored> wanted = change.decide(*states_.read(connection, context));
  if (!wanted) return;
  const auto run = [&](std::string_view sql) {
    connection.execute_text(in_schema(sql, store_.options.schema), context);
  };
  OpenTransaction transaction(connection, in_schema(begin_change, store_.options.schema), context);
  // In this order, as writers lock them.
  run("SELECT FROM @schema@.store FOR UPDATE");
  // Dropping triggers takes the stronger lock, which is not to be waited for under a weaker one.
  const bool drops_triggers = wanted->empty();
  run(drops_triggers ? "LOCK TABLE @schema@.entry IN ACCESS EXCLUSIVE MODE"
                     : "LOCK TABLE @schema@.entry IN SHARE ROW EXCLUSIVE MODE");
  const SearchStates::State before = states_.read(connection, context);
  wanted = change.decide(*before);
  if (!wanted) return;
  if (wanted->empty() && !drops_triggers) {
    throw EngineError(ErrorCode::aborted, "others changed what is configured for searching", {},
                      std::string(search_changed_state), false);
  }
  SearchState after{before->generation + 1, *wanted, {}, false};
  after.catalog = search::SearchCatalog(after.stored, before->catalog);
  const auto own = find(*wanted, change.ns.text());
  if (own != wanted->end()) {
    Arguments arguments;
    arguments.add(own->ns).add(own->config).add(own->version).add(own->stale);
    connection.execute(store_.statement("", configure_sql), arguments, context);
  } else {
    connection.execute(
        store_.statement("", "DELETE FROM @schema@.search_configuration WHERE namespace = $1"),
        Arguments().add(change.ns.text()), context);
  }
  run("UPDATE @schema@.store SET search_generation = " + std::to_string(after.generation));
  change.documents = build(connection, *before, after, Scope{change.ns, true}, context);
  if (before->catalog.empty()) run(create_triggers_sql);
  if (wanted->empty()) run(drop_triggers_sql);
  change.done = true;
  transaction.commit(context);
  // Most likely none of them holds any more.
  cache_.clear();
}

void PostgresqlSearch::make(Change& change, const Context& context) try {
  store_.process.check_not_forked();
  context.check();
  store_.refuse_where_read_only();
  repeatedly(store_, context, [&](Connection& connection) { make(connection, change, context); });
} catch (const EngineError& error) {
  if (error.code() != ErrorCode::permission_denied) throw;
  fail(
      ErrorCode::permission_denied,
      "what a store is configured for searching, and making its index anew, is up to the role that "
      "owns it",
      error.cause());
}

bool PostgresqlSearch::configure(const Namespace& ns, const SearchConfig* config,
                                 const Context& context) {
  Change change;
  change.ns = ns;
  change.decide = [&](const SearchState& state) -> std::optional<Stored> {
    const ConfiguredNamespace* const own = state.catalog.at(ns.text());
    if (config == nullptr ? own == nullptr : own != nullptr && own->indexer->config() == *config) {
      return std::nullopt;
    }
    Stored stored = state.stored;
    if (own != nullptr) stored.erase(find(stored, ns.text()));
    if (config != nullptr) stored.push_back(search::to_store(ns.text(), *config));
    return stored;
  };
  make(change, context);
  return change.done;
}

std::uint64_t PostgresqlSearch::reindex(const Namespace& ns, const Context& context) {
  Change change;
  change.ns = ns;
  change.decide = [&](const SearchState& state) -> std::optional<Stored> {
    const SearchConfig& config = state.catalog.require_at(ns.text()).indexer->config();
    Stored stored = state.stored;
    *find(stored, ns.text()) = search::to_store(ns.text(), config);
    return stored;
  };
  make(change, context);
  return change.documents;
}

}  // namespace holdfast::postgresql
