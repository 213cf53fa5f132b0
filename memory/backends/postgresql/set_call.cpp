#include "set_call.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "errors.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::size_t created_column = 2;        // Of what set_many gives.
constexpr std::int64_t revisions_of_row = 1024;  // The sequence's increment.

// In one statement, so that there is one plan to be started. The shared lock comes before the
// revision (function enter_write). Nothing is held before it is written: what was found is written
// if it is still what was found. No row comes back where that is not so, where something has
// expired there, or where the server has crashed since; nothing is written then.
constexpr const char* set_one_sql =
    "WITH begun AS MATERIALIZED (SELECT @schema@.instant($3, $4) AS now,"
    " pg_advisory_xact_lock_shared('@schema@.revision'::regclass::oid::bigint::bit(32)::integer,"
    " (pg_sequence_last_value('@schema@.revision'::regclass) / 1024 & 2147483647)::integer),"
    " @durability@ FROM @schema@.running),"
    " old AS MATERIALIZED (SELECT e.revision, e.size FROM begun b, @schema@.entry e"
    " WHERE e.namespace = $5 AND e.key = $6 AND (e.expires_at IS NULL OR e.expires_at > b.now)),"
    " done AS (INSERT INTO @schema@.entry AS e SELECT $5, $6, n.revision, n.revision, n.now, n.now,"
    " n.now + $8::bigint, octet_length($5) + octet_length($6) + octet_length($7), $7"
    " FROM (SELECT b.now, nextval('@schema@.revision') AS revision FROM begun b OFFSET 0) n"
    " ON CONFLICT (namespace, key) DO UPDATE SET revision = excluded.revision,"
    " updated_at = excluded.updated_at, expires_at = excluded.expires_at, size = excluded.size,"
    " value = excluded.value WHERE e.revision = (SELECT o.revision FROM old o)"
    " RETURNING e.revision, e.updated_at AS now, e.size,"
    " CASE WHEN e.created_revision = e.revision THEN 0 ELSE 1 END AS status),"
    " kept AS (UPDATE @schema@.session s SET nonce = $2,"
    " results = ARRAY[d.now, 0, d.status, d.revision, 0],"
    // By the clock of the server: by this sessions are forgotten.
    " used_at = @schema@.instant(NULL::bigint, 0)"
    " FROM done d WHERE s.id = $1 AND NOT s.fenced RETURNING s.id)"
    " SELECT d.now, d.status, d.revision,"
    " CASE WHEN NOT EXISTS (SELECT FROM kept) THEN @schema@.refuse_write(true) END,"
    " CASE WHEN d.status = 0 THEN @schema@.add_tally($5, 1, d.size)"
    " WHEN d.size <> (SELECT o.size FROM old o)"
    " THEN @schema@.add_tally($5, 0, d.size - (SELECT o.size FROM old o)) END"
    " FROM done d";

constexpr const char* set_many_sql =
    "SELECT @schema@.set_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

// As commit_durably and enter_write have it.
std::string with_durability(std::string sql, PostgresqlDurability durability) {
  constexpr std::string_view placeholder = "@durability@";
  const char* const setting = durability == PostgresqlDurability::full
                                  ? "CASE WHEN current_setting('synchronous_commit') = 'off'"
                                    " THEN set_config('synchronous_commit', 'on', true) END"
                                  : "set_config('synchronous_commit', 'off', true)";
  return sql.replace(sql.find(placeholder), placeholder.size(), setting);
}

// The order in which writers take addresses, so that none waits for another in a circle.
std::vector<std::size_t> in_order_of_addresses(std::span<const WriteOp> ops) {
  std::vector<std::size_t> order(ops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    const int by_namespace = ops[a].address.ns.compare(ops[b].address.ns);
    return by_namespace != 0 ? by_namespace < 0 : ops[a].address.key < ops[b].address.key;
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::sort(order.begin(), order.end(), before);
  }
  return order;
}

}  // namespace

SetCall::SetCall(const Store& store)
    : store_(store),
      copy_call_(store),
      set_one_(store.binary_statement("holdfast_write_one_set",
                                      with_durability(set_one_sql, store.options.durability))),
      set_many_(store.binary_statement("holdfast_write_many_set", set_many_sql)) {}

bool SetCall::takes(std::span<const WriteOp> ops) const {
  const PostgresqlOptions& options = store_.options;
  // Without prepared statements the longer plan costs more than it gains.
  if (!options.prepare || options.max_entries || options.max_bytes || !store_.was_written) {
    return false;
  }
  return std::all_of(ops.begin(), ops.end(), [&](const WriteOp& op) {
    return op.kind == WriteOp::Kind::set && op.precondition.kind == Precondition::Kind::none &&
           !op.keep_ttl && !op.return_previous &&
           op.value.json_text().size() <= options.max_value_bytes;
  });
}

std::optional<WriteOutcome> SetCall::set_one(Connection& connection, const WriteOp& op,
                                             WriteResult& result, const Context& context) const {
  Arguments arguments;
  arguments.add(connection.session).add(connection.nonce);
  store_.instants.add_to(arguments, context);
  arguments.add(op.address.ns).add(op.address.key).add(op.value.json_text());
  if (op.ttl) {
    arguments.add(std::int64_t{op.ttl->milliseconds().count()});
  } else {
    arguments.add_null();
  }
  const Rows rows = connection.execute(set_one_, arguments, context);
  if (rows.empty()) return std::nullopt;
  result = {};
  result.status = static_cast<WriteStatus>(rows.integer(0, 1));
  result.revision = rows.integer(0, 2);
  return WriteOutcome{rows.integer(0, 0), 0, std::nullopt};
}

WriteOutcome SetCall::set_many(Connection& connection, const Writer& writer,
                               std::span<const WriteOp> ops, std::span<WriteResult> results,
                               const Context& context) const {
  const std::vector<std::size_t> order = in_order_of_addresses(ops);
  if (const auto copied = copy_call_.copy(connection, ops, order, context)) {
    return take_results(*copied, results);
  }
  using enum ArrayBytes::Of;
  ArrayBytes namespaces(text, ops.size());
  ArrayBytes keys(text, ops.size());
  ArrayBytes values(text, ops.size());
  ArrayBytes ttls(bigint, ops.size());
  ArrayBytes places(bigint, ops.size());
  bool has_ttls = false;
  for (const std::size_t place : order) {
    const WriteOp& op = ops[place];
    namespaces.add(op.address.ns);
    keys.add(op.address.key);
    values.add(op.value.json_text());
    places.add(static_cast<std::int64_t>(place) + 1);
    if (op.ttl) {
      has_ttls = true;
      ttls.add(std::int64_t{op.ttl->milliseconds().count()});
    } else {
      ttls.add_null();
    }
  }
  Arguments arguments;
  writer.add_head(arguments, connection, context);
  arguments.add(namespaces).add(keys).add(values);
  if (has_ttls) {
    arguments.add(ttls);
  } else {
    arguments.add_null();
  }
  arguments.add(places);
  const auto kept = connection.execute(set_many_, arguments, context).integers(0, 0);
  const WriteOutcome outcome = take_results(kept, results);
  copy_call_.saw(ops.size(), static_cast<std::size_t>(kept[created_column]));
  return outcome;
}

WriteOutcome SetCall::take_results(const std::vector<std::int64_t>& kept,
                                   std::span<WriteResult> results) {
  constexpr std::size_t head = 3;
  const auto count = static_cast<std::int64_t>(results.size());
  const std::int64_t rows = (count + revisions_of_row - 1) / revisions_of_row;
  const std::size_t first_place = head + static_cast<std::size_t>(rows);
  const bool fits = kept.size() >= first_place;
  const std::int64_t created = fits ? kept[created_column] : 0;
  const bool mixed = created > 0 && created < count;
  if (!fits || created > count ||
      kept.size() != first_place + (mixed ? static_cast<std::size_t>(created) : 0)) {
    fail(ErrorCode::corruption, "a session's results do not fit the write that left them");
  }
  for (std::int64_t i = 0; i < count; ++i) {
    WriteResult& result = results[static_cast<std::size_t>(i)];
    result = {};
    result.status = created == count ? WriteStatus::created : WriteStatus::updated;
    const std::int64_t behind = count - 1 - i;
    const auto row = static_cast<std::size_t>(rows - 1 - behind / revisions_of_row);
    result.revision = kept[head + row] - behind % revisions_of_row;
  }
  for (std::size_t i = first_place; i < kept.size(); ++i) {
    if (kept[i] < 1 || kept[i] > count) {
      fail(ErrorCode::corruption, "a session's results name a place outside of its write");
    }
    results[static_cast<std::size_t>(kept[i] - 1)].status = WriteStatus::created;
  }
  return {kept[0], static_cast<std::uint64_t>(kept[1]), std::nullopt};
}

}  // namespace holdfast::postgresql
