#include "reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "support/key_ranges.hpp"

namespace holdfast::postgresql {

namespace {

// The server says when it is, and what lies there; whether that has expired is told here. The plans
// of conditions on the time, and of a row that comes back in any case, cost more than the lookup.
#define HOLDFAST_POSTGRESQL_GET(columns)                                                  \
  "SELECT @schema@.instant(NULL::bigint, 0), " HOLDFAST_POSTGRESQL_RECORD_COLUMNS columns \
  " FROM @schema@.entry e WHERE e.namespace = $1 AND e.key = $2"

// OFFSET 0 keeps the planner from joining in another way than address by address: it does not know
// how many there are. (Nor does it know how large a namespace is: of `key = ANY` it would make a
// scan of all of it, where most are small.)
#define HOLDFAST_POSTGRESQL_GET_MANY(columns, addresses, ns)                               \
  "SELECT (SELECT @schema@.instant(NULL::bigint, 0)), " HOLDFAST_POSTGRESQL_RECORD_COLUMNS \
  ", a.place" columns " FROM " addresses                                                   \
  " CROSS JOIN LATERAL (SELECT * FROM @schema@.entry s"                                    \
  " WHERE s.namespace = " ns " AND s.key = a.key OFFSET 0) e"
#define HOLDFAST_POSTGRESQL_ADDRESSES \
  "unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(namespace, key, place)"
#define HOLDFAST_POSTGRESQL_KEYS "unnest($2::text[]) WITH ORDINALITY AS a(key, place)"

// Expired entries that were not reclaimed are subtracted: they are in the tallies. Range by range,
// since an index has one.
constexpr const char* count_sql =
    "SELECT n.now, sum(h.entries - x.entries)::bigint"
    " FROM (SELECT @schema@.instant($1, $2) AS now) n"
    " CROSS JOIN (VALUES ($3::text, $4::text), ($5, $6)) r(first, past)"
    " CROSS JOIN LATERAL (SELECT coalesce(sum(t.entries), 0) AS entries FROM @schema@.tally t"
    " WHERE t.namespace >= r.first AND t.namespace < r.past) h"
    " CROSS JOIN LATERAL (SELECT count(*) AS entries FROM @schema@.entry e"
    " WHERE e.expires_at <= n.now AND e.namespace >= r.first AND e.namespace < r.past) x"
    " GROUP BY n.now";

// The same for one namespace. The server keeps one plan for it; that for ranges, whose sizes it
// guesses too high in a large store, it makes anew for each call, which costs more than the count.
constexpr const char* count_one_sql =
    "SELECT n.now, ((SELECT coalesce(sum(t.entries), 0) FROM @schema@.tally t"
    " WHERE t.namespace = $3) - (SELECT count(*) FROM @schema@.entry e"
    " WHERE e.expires_at <= n.now AND e.namespace = $3))::bigint"
    " FROM (SELECT @schema@.instant($1, $2) AS now) n";

constexpr const char* stats_sql =
    "WITH expired AS (SELECT e.namespace, count(*) AS entries, sum(e.size) AS bytes"
    " FROM @schema@.entry e WHERE e.expires_at <= @schema@.instant($1, $2) GROUP BY e.namespace),"
    " held AS (SELECT t.namespace, sum(t.entries) AS entries, sum(t.bytes) AS bytes"
    " FROM @schema@.tally t GROUP BY t.namespace)"
    " SELECT @schema@.instant($1, $2), coalesce(sum(h.entries - coalesce(x.entries, 0)), "
    "0)::bigint,"
    " coalesce(sum(h.bytes - coalesce(x.bytes, 0)), 0)::bigint,"
    " count(*) FILTER (WHERE h.entries > coalesce(x.entries, 0)),"
    " (SELECT r.last_value FROM @schema@.revision r)"
    " FROM held h LEFT JOIN expired x USING (namespace)";

constexpr const char* details_sql =
    "SELECT current_setting('server_version'), current_database()::text, current_user::text,"
    " pg_is_in_recovery(), (SELECT s.format_version FROM @schema@.store s),"
    " (SELECT s.change_log FROM @schema@.store s),"
    " pg_total_relation_size('@schema@.entry'::regclass),"
    " pg_indexes_size('@schema@.entry'::regclass),"
    " (SELECT count(*) FROM @schema@.session),"
    " pg_total_relation_size('@schema@.search_document'::regclass)"
    " + pg_total_relation_size('@schema@.search_vector'::regclass)";

// Up to $2, nothing more can appear. What was overwritten since that was asked for comes later.
// OFFSET 0 keeps the look at what lies there now from becoming a join with all entries.
constexpr const char* changes_sql =
    "WITH n AS (SELECT @schema@.instant($4, $5) AS now, s.change_log FROM @schema@.store s)"
    " SELECT * FROM ("
    "(SELECT c.revision, c.created_revision, c.created_at, c.updated_at, c.expires_at,"
    " c.namespace, c.key, CASE WHEN c.expires_at <= n.now THEN NULL ELSE c.value END AS value"
    " FROM n, @schema@.entry c WHERE c.revision > $1 AND c.revision <= $2"
    // Expired and not yet reclaimed is a removal, too: what lay there before must go.
    " AND (n.change_log OR c.expires_at IS NULL OR c.expires_at > n.now)"
    " ORDER BY c.revision LIMIT $3)"
    " UNION ALL (SELECT d.revision, 0, 0, 0, NULL, d.namespace, d.key, NULL"
    " FROM @schema@.tombstone d WHERE d.revision > $1 AND d.revision <= $2"
    " AND NOT EXISTS (SELECT FROM @schema@.entry e WHERE e.namespace = d.namespace"
    " AND e.key = d.key OFFSET 0) AND NOT EXISTS (SELECT FROM @schema@.tombstone l"
    " WHERE l.namespace = d.namespace AND l.key = d.key AND l.revision > d.revision OFFSET 0)"
    " ORDER BY d.revision LIMIT $3)) e ORDER BY revision LIMIT $3";

void add_ranges(Arguments& arguments, const Scope& scope) {
  const support::SubtreeRanges subtree(scope.ns.text());
  arguments.add(subtree.own.first).add(subtree.own.end);
  arguments.add(subtree.below.first).add(subtree.below.end);
}

MemoryValue value_at(const Rows& rows, std::size_t row, std::size_t column) {
  return MemoryValue::from_canonical(SharedText::copy_of(rows.text(row, column)));
}

bool is_live(const Rows& rows, std::size_t row, std::size_t record_column, std::int64_t now) {
  const std::size_t column = record_column + expires_at_column;
  return rows.is_null(row, column) || rows.integer(row, column) > now;
}

}  // namespace

Reader::Reader(Store& store)
    : store_(store),
      get_(store.binary_statement("holdfast_get", HOLDFAST_POSTGRESQL_GET(", e.value"))),
      get_without_value_(store.binary_statement("holdfast_find", HOLDFAST_POSTGRESQL_GET(""))),
      get_many_(store.binary_statement(
          "holdfast_get_many",
          HOLDFAST_POSTGRESQL_GET_MANY(", e.value", HOLDFAST_POSTGRESQL_ADDRESSES, "a.namespace"))),
      get_many_without_value_(store.binary_statement(
          "holdfast_find_many",
          HOLDFAST_POSTGRESQL_GET_MANY("", HOLDFAST_POSTGRESQL_ADDRESSES, "a.namespace"))),
      get_keys_(store.binary_statement(
          "holdfast_get_many_keys",
          HOLDFAST_POSTGRESQL_GET_MANY(", e.value", HOLDFAST_POSTGRESQL_KEYS, "$1"))),
      get_keys_without_value_(
          store.binary_statement("holdfast_find_many_keys",
                                 HOLDFAST_POSTGRESQL_GET_MANY("", HOLDFAST_POSTGRESQL_KEYS, "$1"))),
      count_(store.statement("holdfast_count", count_sql)),
      count_one_(store.statement("holdfast_count_one", count_one_sql)),
      stats_(store.statement("holdfast_stats", stats_sql)),
      details_(store.statement("holdfast_details", details_sql)),
      now_(store.statement("holdfast_now", "SELECT @schema@.instant($1, $2)")),
      stable_revision_(store.statement("holdfast_stable", "SELECT @schema@.stable_revision()")),
      changes_(store.statement("holdfast_changes", changes_sql)),
      note_(
          store.statement("holdfast_note", "SELECT n.text FROM @schema@.note n WHERE n.name = $1")),
      change_log_(
          store.statement("holdfast_change_log", "SELECT s.change_log FROM @schema@.store s")),
      was_written_(store.statement("holdfast_was_written",
                                   "SELECT NOT s.restored_only FROM @schema@.store s")) {}

// The instant of a read where the server is not asked.
std::optional<std::int64_t> Reader::own_instant(const Context& context) const {
  if (store_.instants.asks_server(context)) return std::nullopt;
  return to_ms(store_.instants.local(context));
}

void Reader::read_one(Connection& connection, const AddressView& address,
                      std::optional<Record>& record, Detail detail, const Context& context) const {
  Arguments arguments;
  arguments.add(address.ns).add(address.key);
  const auto own = own_instant(context);
  const std::int64_t floor = store_.instants.floor();
  const bool with_value = detail == Detail::record;
  const Rows rows = connection.execute(with_value ? get_ : get_without_value_, arguments, context);
  record.reset();
  if (rows.empty()) return;
  const std::int64_t now = own ? *own : std::max(floor, rows.integer(0, 0));
  if (!own) store_.instants.saw(now);
  if (!is_live(rows, 0, 1, now)) return;
  fill_record(record.emplace(), rows, 0, 1);
  if (with_value) record->value = value_at(rows, 0, 1 + record_columns);
}

Rows Reader::look_up(Connection& connection, std::span<const AddressView> addresses,
                     bool with_value, const Context& context) const {
  const std::string_view ns = addresses[0].ns;
  const bool in_one = std::all_of(addresses.begin(), addresses.end(),
                                  [&](const AddressView& address) { return address.ns == ns; });
  ArrayBytes keys(ArrayBytes::Of::text, addresses.size());
  for (const AddressView& address : addresses) keys.add(address.key);
  if (in_one) {
    return connection.execute(with_value ? get_keys_ : get_keys_without_value_,
                              Arguments().add(ns).add(keys), context);
  }
  ArrayBytes namespaces(ArrayBytes::Of::text, addresses.size());
  for (const AddressView& address : addresses) namespaces.add(address.ns);
  return connection.execute(with_value ? get_many_ : get_many_without_value_,
                            Arguments().add(namespaces).add(keys), context);
}

void Reader::read(Connection& connection, std::span<const AddressView> addresses,
                  std::span<std::optional<Record>> records, Detail detail,
                  const Context& context) const {
  if (addresses.empty()) return;
  if (addresses.size() == 1) {
    return read_one(connection, addresses[0], records[0], detail, context);
  }
  const auto own = own_instant(context);
  const std::int64_t floor = store_.instants.floor();
  const bool with_value = detail == Detail::record;
  const Rows rows = look_up(connection, addresses, with_value, context);
  std::fill(records.begin(), records.end(), std::nullopt);
  if (rows.empty()) return;
  const std::int64_t now = own ? *own : std::max(floor, rows.integer(0, 0));
  if (!own) store_.instants.saw(now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_live(rows, i, 1, now)) continue;
    const auto place = static_cast<std::size_t>(rows.integer(i, 1 + record_columns)) - 1;
    fill_record(records[place].emplace(), rows, i, 1);
    if (with_value) records[place]->value = value_at(rows, i, 2 + record_columns);
  }
}

std::uint64_t Reader::count(Connection& connection, const Scope& scope,
                            const Context& context) const {
  Arguments arguments;
  store_.instants.add_to(arguments, context);
  if (scope.subtree) {
    add_ranges(arguments, scope);
  } else {
    arguments.add(scope.ns.text());
  }
  const Rows rows = connection.execute(scope.subtree ? count_ : count_one_, arguments, context);
  store_.instants.saw(rows.integer(0, 0));
  return static_cast<std::uint64_t>(rows.integer(0, 1));
}

void Reader::stats(Connection& connection, MemoryStats& stats, const Context& context) const {
  Arguments arguments;
  store_.instants.add_to(arguments, context);
  const Rows rows = connection.execute(stats_, arguments, context);
  store_.instants.saw(rows.integer(0, 0));
  stats.entries = static_cast<std::uint64_t>(rows.integer(0, 1));
  stats.bytes = static_cast<std::uint64_t>(rows.integer(0, 2));
  stats.namespaces = static_cast<std::uint64_t>(rows.integer(0, 3));
  stats.last_revision = rows.integer(0, 4);
}

MemoryValue Reader::details(Connection& connection, const Context& context) const {
  const Rows rows = connection.execute(details_, {}, context);
  const PostgresqlOptions& options = store_.options;
  const PoolFacts pool = store_.pool.facts();
  std::vector<MemoryValue> paths;
  for (const Path& path : store_.indexed_paths) paths.emplace_back(path.text());
  return MemoryValue::map({
      {"engine", "PostgreSQL"},
      {"engine_version", rows.text(0, 0)},
      {"database", rows.text(0, 1)},
      {"user", rows.text(0, 2)},
      {"schema", options.schema},
      {"standby", rows.boolean(0, 3)},
      {"format_version", rows.integer(0, 4)},
      {"change_log", rows.boolean(0, 5)},
      {"durability", options.durability == PostgresqlDurability::full ? "full" : "normal"},
      {"read_only", options.read_only},
      {"prepare", options.prepare},
      {"table_bytes", rows.integer(0, 6)},
      {"index_bytes", rows.integer(0, 7)},
      {"search_bytes", rows.integer(0, 9)},
      {"vector_cache_bytes", options.vector_cache_bytes},
      {"sessions", rows.integer(0, 8)},
      {"indexed_paths", MemoryValue::list(std::move(paths))},
      {"pool_size", options.pool_size},
      {"pool_open", pool.open},
      {"pool_idle", pool.idle},
      {"pool_waiting", pool.waiting},
      {"pool_opened", pool.opened},
      {"pool_discarded", pool.discarded},
  });
}

Timestamp Reader::now(Connection& connection, const Context& context) const {
  Arguments arguments;
  store_.instants.add_to(arguments, context);
  const Rows rows = connection.execute(now_, arguments, context);
  store_.instants.saw(rows.integer(0, 0));
  return to_timestamp(rows.integer(0, 0));
}

Revision Reader::stable_revision(Connection& connection, const Context& context) const {
  const Revision told = connection.execute(stable_revision_, {}, context).integer(0, 0);
  Revision known = store_.stable.load();
  while (known < told && !store_.stable.compare_exchange_weak(known, told)) continue;
  return std::max(known, told);
}

bool Reader::was_written(Connection& connection, const Context& context) const {
  return connection.execute(was_written_, {}, context).boolean(0, 0);
}

bool Reader::change_log(Connection& connection, const Context& context) const {
  return connection.execute(change_log_, {}, context).boolean(0, 0);
}

std::optional<std::string> Reader::note(Connection& connection, std::string_view name,
                                        const Context& context) const {
  const Rows rows = connection.execute(note_, Arguments().add(name), context);
  if (rows.empty()) return std::nullopt;
  return std::string(rows.text(0, 0));
}

ChangePage Reader::changes(Connection& connection, Revision after, std::size_t limit,
                           const Context& context) const {
  const Revision stable = stable_revision(connection, context);
  Arguments arguments;
  arguments.add(after).add(stable).add(static_cast<std::int64_t>(limit) + 1);
  store_.instants.add_to(arguments, context);
  const Rows rows = connection.execute(changes_, arguments, context);
  ChangePage page;
  page.more = rows.size() > limit;
  const std::size_t delivered = std::min(rows.size(), limit);
  for (std::size_t i = 0; i < delivered; ++i) {
    Change change{rows.integer(i, 0),
                  {Namespace::from_canonical(SharedText::copy_of(rows.text(i, record_columns))),
                   std::string(rows.text(i, record_columns + 1))},
                  std::nullopt};
    if (!rows.is_null(i, record_columns + 2)) {
      fill_record(change.record.emplace(), rows, i, 0);
      change.record->value = value_at(rows, i, record_columns + 2);
    }
    page.changes.push_back(std::move(change));
  }
  page.next_after = page.more ? page.changes.back().revision : std::max(after, stable);
  return page;
}

}  // namespace holdfast::postgresql
