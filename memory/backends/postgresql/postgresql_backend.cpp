#include "postgresql_backend.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "preselection.hpp"
#include "repeating.hpp"
#include "scan.hpp"
#include "schema.hpp"
#include "support/key_ranges.hpp"
#include "support/log.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::size_t sweep_at_once = 1000;
constexpr std::chrono::seconds longest_farewell{1};

void check_options(const PostgresqlOptions& options) {
  check_schema_name(options.schema);
  constexpr std::size_t most_connections = 1000;
  if (options.pool_size < 1 || options.pool_size > most_connections) {
    throw_invalid_argument("pool_size=" + std::to_string(options.pool_size) +
                           ": 1 to 1000 are allowed");
  }
  const auto check_time = [](const char* name, std::chrono::milliseconds time) {
    constexpr std::chrono::hours longest{24};
    if (time < std::chrono::milliseconds::zero() || time > longest) {
      throw_invalid_argument(std::string(name) + ": 0 ms to 24 hours are allowed");
    }
  };
  check_time("pool_wait", options.pool_wait);
  check_time("idle_check", options.idle_check);
  check_time("retry_for", options.retry_for);
  check_time("statement_timeout", options.statement_timeout.value_or(std::chrono::seconds(1)));
  if (options.max_value_bytes < 1 || options.max_value_bytes > max_value_bytes) {
    throw_invalid_argument("max_value_bytes=" + std::to_string(options.max_value_bytes) +
                           ": 1 to " + std::to_string(max_value_bytes) + " are allowed");
  }
  if (options.read_only && options.change_log) {
    throw_invalid_argument("change_log is a setting of the store, which read_only leaves as it is");
  }
  if (!options.prepare && options.statement_timeout) {
    throw_invalid_argument(
        "statement_timeout is kept in the server's session, and prepare=off keeps nothing there; "
        "set it for the role instead (ALTER ROLE ... SET statement_timeout)");
  }
  for (const Path& path : options.indexed_paths) {
    if (can_be_indexed(path)) continue;
    throw_invalid_argument("the path " + path.text() +
                           " cannot be indexed: \"$bytes\" and \"$map\" stand for forms of values");
  }
}

PoolOptions pool_options(const PostgresqlOptions& options) {
  check_options(options);
  return {{ConnectionString(options.connection), options.prepare, options.statement_timeout},
          options.pool_size,
          options.pool_wait,
          options.idle_check};
}

constexpr const char* write_one_sql =
    "SELECT * FROM @schema@.write_one($1, $2, $3, $4, $5, $6, $7, $8, $9::integer, $10, $11,"
    " $12::integer, $13, $14, $15, $16, $17, $18)";
constexpr const char* write_many_sql =
    "SELECT * FROM @schema@.write_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17, $18, $19, $20, $21)";
constexpr const char* enforce_limits_sql =
    "SELECT @schema@.enforce_limits($1, $2, $3, $4, $5, (SELECT s.change_log FROM @schema@.store "
    "s))";
constexpr const char* restore_sql =
    "SELECT * FROM @schema@.restore($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)";

}  // namespace

PostgresqlBackend::PostgresqlBackend(const PostgresqlOptions& options)
    : store_(options, pool_options(options)),
      reader_(store_),
      writer_(store_),
      search_states_(store_),
      index_writer_(store_, search_states_),
      search_(store_, writer_, search_states_, index_writer_),
      set_call_(store_),
      write_one_(store_.statement("holdfast_write_one", write_one_sql)),
      write_many_(store_.statement("holdfast_write_many", write_many_sql)),
      clear_(store_.statement("holdfast_clear",
                              "SELECT * FROM @schema@.clear($1, $2, $3, $4, $5, $6, $7, $8)")),
      sweep_(store_.statement("holdfast_sweep",
                              "SELECT * FROM @schema@.sweep($1, $2, $3, $4, $5, $6)")),
      restore_(store_.statement("holdfast_restore", restore_sql)),
      enforce_limits_(store_.statement("holdfast_enforce_limits", enforce_limits_sql)),
      probe_(store_.statement("holdfast_probe", "SELECT format_version FROM @schema@.store")),
      touch_session_(
          store_.statement("holdfast_touch_session", "SELECT @schema@.leave_write($1, $2, NULL)")) {
  open_store();
}

void PostgresqlBackend::open_store() {
  const PostgresqlOptions& options = store_.options;
  const Pool::Lease lease = store_.pool.acquire({});
  const bool may_create = options.create && !options.read_only;
  open_schema(*lease, options.schema, may_create, {});
  if (options.change_log) set_change_log(*lease, options.schema, *options.change_log, {});
  store_.indexed_paths =
      ensure_indexes(*lease, options.schema, options.indexed_paths, may_create, {});
  search_states_.read(*lease, {});
  store_.was_written = reader_.was_written(*lease, {});
  capabilities_.atomic_scope = AtomicScope::store;
  capabilities_.durability = options.durability == PostgresqlDurability::full
                                 ? Durability::power_loss
                                 : Durability::process;
  capabilities_.shared_between_processes = true;
  capabilities_.read_only = options.read_only;
  capabilities_.restore = !options.read_only;
  capabilities_.search = true;
  capabilities_.change_log = reader_.change_log(*lease, {});
}

PostgresqlBackend::~PostgresqlBackend() {
  if (!closed_) PostgresqlBackend::close();
}

void PostgresqlBackend::close() {
  closed_ = true;
  // Sessions that stay are forgotten later: a server that is silent keeps nobody waiting here.
  Context bounded;
  bounded.deadline = std::chrono::steady_clock::now() + longest_farewell;
  store_.pool.close([&](Connection& connection) { writer_.end_session(connection, bounded); });
}

void PostgresqlBackend::writing(const Writer::Write& write, const Context& context) {
  store_.process.check_not_forked();
  context.check();
  store_.refuse_where_read_only();
  writer_.write(write, context);
}

void PostgresqlBackend::took(const WriteOutcome& outcome) noexcept {
  store_.instants.saw(outcome.instant);
  store_.expired.fetch_add(outcome.reclaimed);
}

Timestamp PostgresqlBackend::now(const Context& context) {
  if (!store_.instants.asks_server(context)) return store_.instants.local(context);
  return repeatedly(store_, context,
                    [&](Connection& connection) { return reader_.now(connection, context); });
}

void PostgresqlBackend::read(std::span<const AddressView> addresses,
                             std::span<std::optional<Record>> records, Detail detail,
                             const Context& context) {
  repeatedly(store_, context, [&](Connection& connection) {
    reader_.read(connection, addresses, records, detail, context);
  });
}

void PostgresqlBackend::scan(const ScanRequest& request, const RowSink& sink,
                             const Context& context) {
  bool delivered = false;
  repeatedly(store_, context, delivered, [&](Connection& connection) {
    postgresql::scan(store_, connection, request, sink, delivered, context);
  });
}

void PostgresqlBackend::scan_namespaces(const Namespace& root,
                                        const std::optional<std::string>& after,
                                        const NamespaceSink& sink, const Context& context) {
  bool delivered = false;
  repeatedly(store_, context, delivered, [&](Connection& connection) {
    postgresql::scan_namespaces(store_, connection, root, after, sink, delivered, context);
  });
}

std::uint64_t PostgresqlBackend::count(const Scope& scope, const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    return reader_.count(connection, scope, context);
  });
}

std::uint64_t PostgresqlBackend::clear(const Scope& scope, const Context& context) {
  return take_out(scope, false, context);
}

std::uint64_t PostgresqlBackend::take_out(const Scope& scope, bool traceless,
                                          const Context& context) {
  ArrayText firsts;
  ArrayText ends;
  const support::SubtreeRanges subtree(scope.ns.text());
  firsts.add(subtree.own.first);
  ends.add(scope.subtree ? subtree.own.end : support::own_range(scope.ns.text()).end);
  if (scope.subtree && !subtree.below.empty()) {
    firsts.add(subtree.below.first);
    ends.add(subtree.below.end);
  }
  const std::string first_texts = firsts.take();
  const std::string end_texts = ends.take();
  WriteOutcome outcome;
  std::uint64_t cleared = 0;
  const auto take = [&](std::int64_t instant, std::int64_t gone, std::int64_t reclaimed) {
    cleared = static_cast<std::uint64_t>(gone);
    outcome = {instant, static_cast<std::uint64_t>(reclaimed), std::nullopt};
  };
  writing({[&](Connection& connection) {
             Arguments arguments;
             writer_.add_head(arguments, connection, context);
             arguments.add(first_texts).add(end_texts).add(traceless);
             const Rows rows = connection.execute(clear_, arguments, context);
             take(rows.integer(0, 0), rows.integer(0, 1), rows.integer(0, 2));
           },
           [&](const std::vector<std::int64_t>& kept) {
             if (kept.size() != 3) return false;
             take(kept[0], kept[2], kept[1]);
             return true;
           }},
          context);
  took(outcome);
  return cleared;
}

std::size_t PostgresqlBackend::sweep(std::size_t max_entries, const Context& context) {
  std::size_t total = 0;
  // In bounded steps, so that other writers come in between.
  while (total < max_entries) {
    const std::size_t wanted = std::min(max_entries - total, sweep_at_once);
    WriteOutcome outcome;
    writing({[&](Connection& connection) {
               Arguments arguments;
               writer_.add_head(arguments, connection, context);
               arguments.add(static_cast<std::int64_t>(wanted));
               const Rows rows = connection.execute(sweep_, arguments, context);
               outcome = {rows.integer(0, 0), static_cast<std::uint64_t>(rows.integer(0, 1)),
                          std::nullopt};
             },
             [&](const std::vector<std::int64_t>& kept) {
               if (kept.size() != 2) return false;
               outcome = {kept[0], static_cast<std::uint64_t>(kept[1]), std::nullopt};
               return true;
             }},
            context);
    took(outcome);
    total += outcome.reclaimed;
    if (outcome.reclaimed < wanted) break;
  }
  if (max_entries == 0) context.check();
  return total;
}

MemoryStats PostgresqlBackend::stats(const Context& context) {
  MemoryStats stats;
  stats.backend = name();
  repeatedly(store_, context, [&](Connection& connection) {
    reader_.stats(connection, stats, context);
    stats.details = reader_.details(connection, context);
  });
  stats.limits.max_entries = store_.options.max_entries;
  stats.limits.max_bytes = store_.options.max_bytes;
  stats.limits.max_value_bytes = store_.options.max_value_bytes;
  stats.limited_bytes = stats.bytes;
  stats.counters.expired = store_.expired.load();
  return stats;
}

void PostgresqlBackend::probe(const Context& context) {
  repeatedly(store_, context,
             [&](Connection& connection) { return connection.execute(probe_, {}, context); });
  if (store_.options.read_only) return;
  writing({[&](Connection& connection) {
             Arguments arguments;
             arguments.add(connection.session).add(connection.nonce);
             connection.execute(touch_session_, arguments, context);
           },
           [](const std::vector<std::int64_t>&) { return true; }},
          context);
}

Revision PostgresqlBackend::stable_revision(const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    return reader_.stable_revision(connection, context);
  });
}

ChangePage PostgresqlBackend::changes(Revision after, std::size_t limit, const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    return reader_.changes(connection, after, limit, context);
  });
}

std::optional<std::string> PostgresqlBackend::note(std::string_view name, const Context& context) {
  return repeatedly(store_, context, [&](Connection& connection) {
    return reader_.note(connection, name, context);
  });
}

std::optional<bool> PostgresqlBackend::resolve(const CommitToken& token, const Context& context) {
  store_.process.check_not_forked();
  context.check();
  const WriteMark mark = parse_token(token);
  store_.refuse_where_read_only();
  return writer_.resolve(mark, context);
}

}  // namespace holdfast::postgresql
