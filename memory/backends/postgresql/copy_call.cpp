#include "copy_call.hpp"

#include <string>

#include "errors.hpp"
#include "schema.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

// The round trips around a COPY cost as much as INSERT loses on so many rows.
constexpr std::size_t fewest_rows = 300;
// Whoever fills a store has written so many batches of new entries, and writes more of them. A
// wrong guess costs what was copied until then.
constexpr int batches_before = 2;
constexpr std::int64_t revisions_of_row = 1024;  // The sequence's increment.
constexpr std::string_view unique_violation_state = "23505";

std::int64_t size_of(const WriteOp& op) {
  return static_cast<std::int64_t>(op.address.ns.size() + op.address.key.size() +
                                   op.value.json_text().size());
}

void append_text(std::string& rows, std::string_view text) {
  append_int32(rows, static_cast<std::int32_t>(text.size()));
  rows += text;
}

void append_bigint(std::string& rows, std::int64_t number) {
  append_int32(rows, sizeof number);
  append_int64(rows, number);
}

// The columns in the order of copy_sql_.
void append_row(std::string& rows, const WriteOp& op, std::int64_t revision, std::int64_t now) {
  constexpr std::int16_t columns = 9;
  append_int16(rows, columns);
  append_text(rows, op.address.ns);
  append_text(rows, op.address.key);
  for (const std::int64_t number : {revision, revision, now, now}) append_bigint(rows, number);
  if (op.ttl) {
    append_bigint(rows, now + std::int64_t{op.ttl->milliseconds().count()});
  } else {
    append_int32(rows, -1);
  }
  append_int32(rows, sizeof(std::int32_t));
  append_int32(rows, static_cast<std::int32_t>(size_of(op)));
  append_text(rows, op.value.json_text());
}

// What COPY takes in its binary form.
std::string rows_of(std::span<const WriteOp> ops, std::span<const std::size_t> order,
                    const std::vector<std::int64_t>& begun) {
  constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
  constexpr std::size_t numbers_of_row = 100;
  std::size_t bytes = signature.size();
  for (const WriteOp& op : ops) bytes += static_cast<std::size_t>(size_of(op)) + numbers_of_row;
  std::string rows;
  rows.reserve(bytes);
  rows += signature;
  append_int32(rows, 0);  // No flags,
  append_int32(rows, 0);  // and no more of a head.
  for (const std::size_t place : order) {
    const auto behind = static_cast<std::int64_t>(ops.size() - 1 - place);
    const std::int64_t row =
        begun[begun.size() - 1 - static_cast<std::size_t>(behind / revisions_of_row)];
    append_row(rows, ops[place], row - behind % revisions_of_row, begun[0]);
  }
  append_int16(rows, -1);
  return rows;
}

}  // namespace

CopyCall::CopyCall(const Store& store)
    : store_(store),
      begin_(store.binary_statement("holdfast_begin_copy",
                                    "SELECT @schema@.begin_copy($1, $2, $3, $4)")),
      end_(store.binary_statement("holdfast_end_copy",
                                  "SELECT @schema@.end_copy($1, $2, $3, $4, $5, $6)")),
      copy_sql_(in_schema("COPY @schema@.entry (namespace, key, revision, created_revision,"
                          " created_at, updated_at, expires_at, size, value)"
                          " FROM STDIN (FORMAT binary)",
                          store.options.schema)) {}

std::optional<std::vector<std::int64_t>> CopyCall::copy(Connection& connection,
                                                        std::span<const WriteOp> ops,
                                                        std::span<const std::size_t> order,
                                                        const Context& context) const {
  // What fails takes the whole transaction with it, so that it has to be one of its own.
  if (ops.size() < fewest_rows || new_in_a_row_ < batches_before ||
      connection.is_in_transaction()) {
    return std::nullopt;
  }
  try {
    return copy_all(connection, ops, order, context);
  } catch (const EngineError& error) {
    if (error.sqlstate() != unique_violation_state) throw;
    new_in_a_row_ = 0;
    return std::nullopt;
  }
}

void CopyCall::saw(std::size_t entries, std::size_t created) const {
  if (entries < fewest_rows) return;
  if (created < entries) {
    new_in_a_row_ = 0;
  } else if (new_in_a_row_ < batches_before) {
    ++new_in_a_row_;
  }
}

std::vector<std::int64_t> CopyCall::copy_all(Connection& connection, std::span<const WriteOp> ops,
                                             std::span<const std::size_t> order,
                                             const Context& context) const {
  OpenTransaction transaction(connection, "BEGIN ISOLATION LEVEL READ COMMITTED", context);
  Arguments arguments;
  arguments.add(store_.options.durability == PostgresqlDurability::full);
  store_.instants.add_to(arguments, context);
  arguments.add(static_cast<std::int64_t>(ops.size()));
  const std::vector<std::int64_t> begun =
      connection.execute(begin_, arguments, context).integers(0, 0);
  connection.copy(copy_sql_, rows_of(ops, order, begun), context);
  constexpr std::int64_t reclaimed = 0;
  std::vector<std::int64_t> results{begun[0], reclaimed, static_cast<std::int64_t>(ops.size())};
  results.insert(results.end(), begun.begin() + 1, begun.end());
  end(connection, ops, order, results, context);
  transaction.commit(context);
  return results;
}

void CopyCall::end(Connection& connection, std::span<const WriteOp> ops,
                   std::span<const std::size_t> order, const std::vector<std::int64_t>& results,
                   const Context& context) const {
  struct Grown {
    std::string_view ns;
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
  };
  std::vector<Grown> all;
  for (const std::size_t place : order) {
    const WriteOp& op = ops[place];
    if (all.empty() || all.back().ns != op.address.ns) all.push_back({op.address.ns});
    ++all.back().entries;
    all.back().bytes += size_of(op);
  }
  ArrayBytes namespaces(ArrayBytes::Of::text, all.size());
  ArrayBytes entries(ArrayBytes::Of::bigint, all.size());
  ArrayBytes bytes(ArrayBytes::Of::bigint, all.size());
  ArrayBytes kept(ArrayBytes::Of::bigint, results.size());
  for (const Grown& grown : all) {
    namespaces.add(grown.ns);
    entries.add(grown.entries);
    bytes.add(grown.bytes);
  }
  for (const std::int64_t number : results) kept.add(number);
  Arguments arguments;
  arguments.add(connection.session).add(connection.nonce);
  arguments.add(namespaces).add(entries).add(bytes).add(kept);
  connection.execute(end_, arguments, context);
}

}  // namespace holdfast::postgresql
