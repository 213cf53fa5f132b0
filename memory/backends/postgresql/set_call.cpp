#include "set_call.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "errors.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::size_t created_column = 2;        // Of what set_many gives.
constexpr std::int64_t revisions_of_row = 1024;  // The sequence's increment.

constexpr const char* set_many_sql =
    "SELECT @schema@.set_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

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
      set_many_(store.binary_statement("holdfast_write_many_set", set_many_sql)) {}

bool SetCall::takes(std::span<const WriteOp> ops) const {
  if (ops.size() < 2) return false;
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
