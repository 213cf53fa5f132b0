// Erasing somebody for good: the entries, then what earlier versions of them left in the files.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "postgresql_backend.hpp"
#include "schema.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

// Vacuum leaves what it frees in the pages; CLUSTER writes table and indexes anew. Unlike VACUUM
// FULL it does so within a transaction, which can bound the wait for its lock, and it fails where
// the role may not.
constexpr std::array<const char*, 6> tables_with_traces{
    "entry", "tally", "tombstone", "search_document", "search_vector", "search_namespace"};

constexpr const char* next_transaction_sql =
    "SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text";

// Whether something that may see rows from before the transaction $1 is still open. It cannot be
// that none is, and one comes later.
constexpr const char* is_seen_sql =
    "SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid()"
    " AND (a.datname IS NULL OR a.datname = current_database())"
    " AND greatest(age(a.backend_xmin), age(a.backend_xid)) > age($1::xid))"
    " OR EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.database = current_database()"
    " AND age(p.transaction) > age($1::xid))"
    " OR EXISTS (SELECT FROM pg_replication_slots s WHERE age(s.xmin) > age($1::xid))";

// False: something that may see what was erased is open for longer than `patience`.
bool wait_until_unseen(Connection& connection, std::chrono::milliseconds patience,
                       const Context& context) {
  const Rows next = connection.execute_text(next_transaction_sql, context);
  const Arguments arguments = Arguments().add(next.text(0, 0));
  Backoff backoff(patience);
  while (connection.execute({"", is_seen_sql}, arguments, context).boolean(0, 0)) {
    if (!backoff.pause(context)) return false;
  }
  return true;
}

std::chrono::milliseconds lock_patience(const PostgresqlOptions& options) {
  return std::max(options.retry_for, std::chrono::milliseconds(1));  // 0 would be no bound.
}

// While it waits for a lock, those who come later wait behind it.
void bound_waiting(Connection& connection, std::chrono::milliseconds patience,
                   const Context& context) {
  connection.execute_text("SET LOCAL lock_timeout = " + std::to_string(patience.count()), context);
}

void rewrite(Connection& connection, const std::string& schema, const std::string& table,
             std::chrono::milliseconds patience, const Context& context) {
  const std::string name = in_schema("@schema@." + table, schema);
  OpenTransaction transaction(connection, "BEGIN ISOLATION LEVEL READ COMMITTED", context);
  bound_waiting(connection, patience, context);
  connection.execute_text("CLUSTER " + name + " USING " + table + "_pkey", context);
  connection.execute_text("ANALYZE " + name, context);
  transaction.commit(context);
}

}  // namespace

// The index forgets the names of namespaces in which it has no documents any more. Writers are kept
// away meanwhile: one may be about to put a document there.
void PostgresqlBackend::forget_names(const Scope& scope, SubjectErasure& erasure,
                                     const Context& context) try {
  const std::string& schema = store_.options.schema;
  const Pool::Lease lease = store_.pool.acquire(context);
  if (search_states_.read(*lease, context)->catalog.empty()) return;
  OpenTransaction transaction(*lease, "BEGIN ISOLATION LEVEL READ COMMITTED", context);
  bound_waiting(*lease, lock_patience(store_.options), context);
  lease->execute_text(in_schema("LOCK TABLE @schema@.entry IN SHARE ROW EXCLUSIVE MODE", schema),
                      context);
  Arguments arguments;
  add_ranges(arguments, ranges_of(scope));
  lease->execute({"", in_schema("SELECT @schema@.search_forget_names($1, $2)", schema)}, arguments,
                 context);
  transaction.commit(context);
  erasure.erased.emplace_back("what the search index had of the entries");
} catch (const Error& error) {
  erasure.may_remain.push_back(
      "the names of their namespaces in the search index, which could not "
      "be taken out (" +
      error.message() + "); erase once more");
}

// The entries have gone by now: what goes wrong here is told, not thrown.
void PostgresqlBackend::rewrite_tables(SubjectErasure& erasure, const Context& context) try {
  const PostgresqlOptions& options = store_.options;
  const Pool::Lease lease = store_.pool.acquire(context);
  const auto patience = lock_patience(options);
  if (!wait_until_unseen(*lease, options.retry_for, context)) {
    erasure.may_remain.emplace_back(
        "row versions in the store's tables, as transactions that may still see them are open in "
        "the server; erase once more when they have ended");
  }
  for (const char* const table : tables_with_traces) {
    rewrite(*lease, options.schema, table, patience, context);
  }
  erasure.erased.emplace_back(
      "the tables' and indexes' free space and earlier row versions: all were written anew");
} catch (const Error& error) {
  erasure.may_remain.push_back(
      "free space and earlier row versions in the store's tables and indexes, which could not be "
      "written anew (" +
      error.message() +
      "); erase once more, or run VACUUM FULL on entry, tally, "
      "tombstone, search_document, search_vector and search_namespace");
}

SubjectErasure PostgresqlBackend::erase_subject(const Scope& scope, const Context& context) {
  SubjectErasure erasure;
  erasure.entries = take_out(scope, true, context);
  erasure.erased.emplace_back("the entries, their counts, and what the change log had of them");
  search_.forget_vectors();
  forget_names(scope, erasure, context);
  rewrite_tables(erasure, context);
  for (const char* const place :
       {"the file system's free blocks, where the tables' former files lay",
        "the write-ahead log and its archive, until they are recycled",
        "replicas, until they have followed, and backups",
        "the server's log, where it logs statements with their parameters",
        "samples in the planner's statistics (pg_statistic), until they were made from other rows "
        "and vacuumed",
        "the names of those of their namespaces that have a search configuration of their own",
        "notes that tools keep in the store: how far a migration has come may be a key",
        "stores that follow the changes of this one, which are not told"}) {
    erasure.may_remain.emplace_back(place);
  }
  return erasure;
}

}  // namespace holdfast::postgresql
