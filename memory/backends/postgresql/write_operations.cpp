// The writes of the backend that are made of operations or steps.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "postgresql_backend.hpp"
#include "restore_call.hpp"
#include "schema.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::string_view unique_violation_state = "23505";

std::optional<std::int64_t> as_argument(const std::optional<std::uint64_t>& limit) {
  if (!limit) return std::nullopt;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(*limit, most));
}

// Of those that may leave something there that the index has to know.
std::vector<std::string_view> namespaces_of(const auto& ops) {
  std::vector<std::string_view> namespaces;
  for (const auto& op : ops) {
    if (may_leave_entry(op)) namespaces.push_back(op.address.ns);
  }
  return namespaces;
}

bool changes_something(const WriteResult& result) noexcept {
  return result.status == WriteStatus::created || result.status == WriteStatus::updated ||
         result.status == WriteStatus::erased;
}

}  // namespace

void PostgresqlBackend::add_limits(Arguments& arguments, bool with_limits) const {
  const PostgresqlOptions& options = store_.options;
  arguments.add(static_cast<std::int64_t>(options.max_value_bytes));
  arguments.add(with_limits ? as_argument(options.max_entries) : std::nullopt);
  arguments.add(with_limits ? as_argument(options.max_bytes) : std::nullopt);
}

WriteOutcome PostgresqlBackend::call_write(Connection& connection, std::span<const WriteOp> ops,
                                           std::span<const std::int64_t> ranks,
                                           std::span<WriteResult> results,
                                           const Context& context) const {
  Arguments arguments;
  writer_.add_head(arguments, connection, context);
  add_limits(arguments, true);
  if (ops.size() == 1) {
    add_operation(arguments, ops[0]);
  } else {
    add_operations(arguments, ops, ranks, false);
  }
  const Rows rows =
      connection.execute(ops.size() == 1 ? write_one_ : write_many_, arguments, context);
  return take_results(rows, ops, results, store_.options.max_value_bytes);
}

WriteOutcome PostgresqlBackend::call_sets_or_write(Connection& connection,
                                                   std::span<const WriteOp> ops,
                                                   std::span<const std::int64_t> ranks,
                                                   std::span<WriteResult> results, Way& way,
                                                   const Context& context) const {
  way.kept_by_sets = std::exchange(way.by_sets, false);
  if (way.kept_by_sets) return set_call_.set_many(connection, writer_, ops, results, context);
  return call_write(connection, ops, ranks, results, context);
}

std::optional<std::size_t> PostgresqlBackend::write(std::span<const WriteOp> ops,
                                                    std::span<WriteResult> results,
                                                    const Context& context) {
  if (distinct_front(ops) == ops.size()) return write_distinct(ops, {}, results, context);
  const FoldedBatch folded(ops);
  if (distinct_front(folded.ops) < folded.ops.size()) {
    return write_in_stretches(ops, results, context);
  }
  std::vector<WriteResult> folded_results(folded.ops.size());
  const auto failed = write_distinct(folded.ops, folded.ranks, folded_results, context);
  return folded.unfold(failed, folded_results, results);
}

std::optional<std::size_t> PostgresqlBackend::write_distinct(std::span<const WriteOp> ops,
                                                             std::span<const std::int64_t> ranks,
                                                             std::span<WriteResult> results,
                                                             const Context& context) {
  WriteOutcome outcome;
  Way way{.by_sets = set_call_.takes(ops)};
  IndexWriter::Write write;
  write.namespaces = [&] { return namespaces_of(ops); };
  writing({[&](Connection& connection) {
             write.run = [&]() -> std::optional<std::vector<WrittenEntry>> {
               outcome = call_sets_or_write(connection, ops, ranks, results, way, context);
               if (outcome.failed) return std::nullopt;
               return entries_written(ops, results, outcome.instant);
             };
             index_writer_.run(connection, write, context);
           },
           [&](const std::vector<std::int64_t>& kept) {
             outcome = way.kept_by_sets ? SetCall::take_results(kept, results)
                                        : take_results(kept, results);
             return true;
           }},
          context);
  took(outcome);
  if (!store_.was_written && !outcome.failed) {
    store_.was_written = std::any_of(results.begin(), results.end(), changes_something);
  }
  return outcome.failed;
}

// Where an address comes again, the operations before it go first, in the same transaction.
std::optional<std::size_t> PostgresqlBackend::apply_stretches(Connection& connection,
                                                              std::span<const WriteOp> ops,
                                                              std::span<WriteResult> results,
                                                              WriteOutcome& outcome,
                                                              const Context& context) const {
  Context fixed = context;
  for (std::size_t first = 0; first < ops.size();) {
    const std::size_t count = distinct_front(ops.subspan(first));
    const auto stretch = ops.subspan(first, count);
    Arguments arguments;
    writer_.add_head(arguments, connection, fixed);
    add_limits(arguments, false);
    add_operations(arguments, stretch, {}, true);
    const Rows rows = connection.execute(write_many_, arguments, context);
    const WriteOutcome part =
        take_results(rows, stretch, results.subspan(first, count), store_.options.max_value_bytes);
    outcome.instant = part.instant;
    outcome.reclaimed += part.reclaimed;
    if (part.failed) return first + *part.failed;
    fixed.instant = to_timestamp(part.instant);
    first += count;
  }
  return std::nullopt;
}

WriteOutcome PostgresqlBackend::write_all_stretches(Connection& connection,
                                                    std::span<const WriteOp> ops,
                                                    std::span<WriteResult> results,
                                                    const Context& context) const {
  const PostgresqlOptions& options = store_.options;
  WriteOutcome outcome;
  if (!options.max_entries && !options.max_bytes) {
    outcome.failed = apply_stretches(connection, ops, results, outcome, context);
    return outcome;
  }
  const auto totals = [&] {
    return connection.execute_text(
        in_schema("SELECT coalesce(sum(entries), 0)::bigint, coalesce(sum(bytes), 0)::bigint "
                  "FROM @schema@.tally",
                  options.schema),
        context);
  };
  connection.execute_text(in_schema("SELECT @schema@.lock_limits()", options.schema), context);
  const Rows before = totals();
  outcome.failed = apply_stretches(connection, ops, results, outcome, context);
  if (outcome.failed) return outcome;
  const Rows after = totals();
  Arguments arguments;
  arguments.add(as_argument(options.max_entries)).add(as_argument(options.max_bytes));
  arguments.add(after.integer(0, 0) - before.integer(0, 0) +
                static_cast<std::int64_t>(outcome.reclaimed));
  arguments.add(after.integer(0, 1) - before.integer(0, 1)).add(outcome.instant);
  const Rows swept = connection.execute(enforce_limits_, arguments, context);
  outcome.reclaimed += static_cast<std::uint64_t>(swept.integer(0, 0));
  return outcome;
}

std::optional<std::size_t> PostgresqlBackend::write_in_stretches(std::span<const WriteOp> ops,
                                                                 std::span<WriteResult> results,
                                                                 const Context& context) {
  WriteOutcome outcome;
  // What a session keeps is the last stretch's alone; all is here once COMMIT is sent.
  bool has_all = false;
  IndexWriter::Write write;
  write.namespaces = [&] { return namespaces_of(ops); };
  write.needs_transaction = true;
  writing({[&](Connection& connection) {
             write.run = [&]() -> std::optional<std::vector<WrittenEntry>> {
               has_all = false;
               outcome = write_all_stretches(connection, ops, results, context);
               if (outcome.failed) return std::nullopt;
               has_all = true;
               return addresses_written(ops, results);
             };
             index_writer_.run(connection, write, context);
           },
           [&](const std::vector<std::int64_t>&) { return has_all; }},
          context);
  took(outcome);
  return outcome.failed;
}

WriteOutcome PostgresqlBackend::call_restore(Connection& connection, const RestoreBatch& batch,
                                             std::span<RestoreStatus> statuses,
                                             const Context& context) const {
  Arguments arguments;
  writer_.add_head(arguments, connection, context);
  add_limits(arguments, true);
  add_restore(arguments, batch);
  try {
    const Rows rows = connection.execute(restore_, arguments, context);
    if (!rows.is_null(0, 1)) refuse_value(rows.integer(0, 1), store_.options.max_value_bytes);
    return take_statuses(rows.integers(0, 0), statuses);
  } catch (const EngineError& error) {
    // An address that another one took meanwhile is a conflict like others.
    const bool is_address = error.cause().find("entry_pkey") != std::string::npos;
    if (batch.revisions != RestoreRevisions::keep || error.sqlstate() != unique_violation_state ||
        is_address) {
      throw;
    }
    fail(ErrorCode::invalid_argument,
         "another entry has a revision that an entry was to be restored with, or was created with",
         error.cause());
  }
}

void PostgresqlBackend::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                                const Context& context) {
  WriteOutcome outcome;
  IndexWriter::Write write;
  write.namespaces = [&] { return namespaces_of(batch.ops); };
  writing({[&](Connection& connection) {
             write.run = [&]() -> std::optional<std::vector<WrittenEntry>> {
               outcome = call_restore(connection, batch, statuses, context);
               return entries_restored(batch, statuses);
             };
             index_writer_.run(connection, write, context);
           },
           [&](const std::vector<std::int64_t>& kept) {
             outcome = take_statuses(kept, statuses);
             return true;
           }},
          context);
  took(outcome);
}

}  // namespace holdfast::postgresql
