#include "by_hand.hpp"

#include <array>
#include <chrono>
#include <random>
#include <stdexcept>

namespace holdfast::bench::by_hand {
namespace {

constexpr std::string_view columns =
    "e.revision, e.created_revision, e.created_at, e.updated_at, e.expires_at, e.large_value_id, "
    "e.value";

[[noreturn]] void fail(sqlite3* db) { throw std::runtime_error(sqlite3_errmsg(db)); }

void execute(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(db);
}

void bind(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}
void bind(sqlite3_stmt* statement, int index, std::int64_t number) {
  sqlite3_bind_int64(statement, index, number);
}

bool step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(sqlite3_db_handle(statement));
  return code == SQLITE_ROW;
}

void run(sqlite3_stmt* statement) {
  while (step(statement)) continue;
  sqlite3_reset(statement);
}

std::string text(sqlite3_stmt* statement, int column) {
  const void* begin = sqlite3_column_text(statement, column);
  return {static_cast<const char*>(begin),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

std::int64_t integer(sqlite3_stmt* statement, int column) {
  return sqlite3_column_int64(statement, column);
}

bool is_null(sqlite3_stmt* statement, int column) {
  return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

std::int64_t now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

bool is_live(sqlite3_stmt* statement, int column) {
  return is_null(statement, column) || integer(statement, column) > now_ms();
}

std::string value_of(sqlite3_stmt* statement, int column, sqlite3_stmt* find_large) {
  if (is_null(statement, column)) return text(statement, column + 1);
  bind(find_large, 1, integer(statement, column));
  if (!step(find_large)) throw std::runtime_error("a value is missing");
  std::string value = text(find_large, 0);
  sqlite3_reset(find_large);
  return value;
}

RowByHand record_of(sqlite3_stmt* statement, sqlite3_stmt* find_large) {
  RowByHand record;
  record.revision = integer(statement, 0);
  record.created_revision = integer(statement, 1);
  record.created_at = integer(statement, 2);
  record.updated_at = integer(statement, 3);
  if (!is_null(statement, 4)) record.expires_at = integer(statement, 4);
  record.value = value_of(statement, 5, find_large);
  return record;
}

std::int64_t new_nonce() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return static_cast<std::int64_t>(random() >> 1);
}

}  // namespace

Database open(const std::string& path, bool syncs_fully) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database opened(db);
  if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  sqlite3_busy_timeout(db, 5000);
  for (const char* pragma : {"page_size=8192", "journal_mode=WAL", "cache_size=-8192",
                             "mmap_size=0", "secure_delete=OFF", "temp_store=MEMORY",
                             "trusted_schema=OFF", "journal_size_limit=32768000"}) {
    execute(db, std::string("PRAGMA ") + pragma);
  }
  execute(db, syncs_fully ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  sqlite3_wal_autocheckpoint(db, 4000);
  return opened;
}

Prepared prepare(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(db);
  return Prepared(statement);
}

SameTables::SameTables(const std::string& path, bool syncs_fully) : db_(open(path, syncs_fully)) {
  const auto make = [&](std::string_view sql) { return prepare(db_.get(), sql); };
  const std::string of_one =
      " FROM namespace n CROSS JOIN entry e "
      "WHERE n.path = ?1 AND e.namespace_id = n.id AND e.key = ?2";
  const std::string of_page = "SELECT " + std::string(columns) +
                              ", e.key FROM namespace n CROSS JOIN entry e "
                              "WHERE n.path = ?1 AND e.namespace_id = n.id ORDER BY ";
  get_ = make("SELECT e.expires_at, e.large_value_id, e.value" + of_one);
  find_ = make("SELECT " + std::string(columns) + of_one);
  large_ = make("SELECT value FROM large_value WHERE id = ?1");
  page_ = make(of_page + "e.key LIMIT ?2");
  newest_ = make(of_page + "e.created_revision DESC LIMIT ?2");
  begin_ = make("BEGIN IMMEDIATE");
  commit_ = make("COMMIT");
  revision_ = make("SELECT last_revision FROM counter WHERE id = 1");
  look_ = make(
      "SELECT n.id, e.size, e.large_value_id FROM namespace n LEFT JOIN entry e "
      "ON e.namespace_id = n.id AND e.key = ?2 WHERE n.path = ?1");
  insert_namespace_ = make("INSERT INTO namespace (path, entries, bytes) VALUES (?1, 0, 0)");
  insert_ = make(
      "INSERT INTO entry (namespace_id, key, revision, updated_at, expires_at, size, "
      "large_value_id, value, created_revision, created_at) "
      "VALUES (?1, ?2, ?3, ?4, NULL, ?5, NULL, ?6, ?3, ?4)");
  update_ = make(
      "UPDATE entry SET revision = ?3, updated_at = ?4, expires_at = NULL, size = ?5, value = ?6 "
      "WHERE namespace_id = ?1 AND key = ?2");
  count_ = make(
      "UPDATE counter SET last_revision = ?1, entries = entries + ?2, bytes = bytes + ?3, "
      "commit_nonce = ?4, restored_only = 0 WHERE id = 1");
  count_namespace_ =
      make("UPDATE namespace SET entries = entries + ?2, bytes = bytes + ?3 WHERE id = ?1");
}

std::optional<std::string> SameTables::get(std::string_view ns, std::string_view key) {
  bind(get_.get(), 1, ns);
  bind(get_.get(), 2, key);
  std::optional<std::string> value;
  if (step(get_.get()) && is_live(get_.get(), 0)) value = value_of(get_.get(), 1, large_.get());
  sqlite3_reset(get_.get());
  return value;
}

std::optional<RowByHand> SameTables::find(std::string_view ns, std::string_view key) {
  bind(find_.get(), 1, ns);
  bind(find_.get(), 2, key);
  std::optional<RowByHand> record;
  if (step(find_.get()) && is_live(find_.get(), 4)) record = record_of(find_.get(), large_.get());
  sqlite3_reset(find_.get());
  return record;
}

std::vector<std::optional<RowByHand>> SameTables::get_many(std::span<const Address> addresses) {
  // A statement under way keeps the others on its state, as a transaction would.
  step(revision_.get());
  std::vector<std::optional<RowByHand>> records;
  records.reserve(addresses.size());
  for (const Address& address : addresses) records.push_back(find(address.ns.text(), address.key));
  sqlite3_reset(revision_.get());
  return records;
}

PageByHand SameTables::page(sqlite3_stmt* statement, std::string_view ns, std::int64_t limit) {
  PageByHand page;
  page.entries.reserve(static_cast<std::size_t>(limit));
  bind(statement, 1, ns);
  bind(statement, 2, limit + 1);
  const std::int64_t now = now_ms();
  while (step(statement)) {
    if (!is_null(statement, 4) && integer(statement, 4) <= now) continue;
    page.has_more = page.entries.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    page.entries.push_back(record_of(statement, large_.get()));
    page.entries.back().key = text(statement, 7);
  }
  sqlite3_reset(statement);
  return page;
}

PageByHand SameTables::page_by_key(std::string_view ns, std::int64_t limit) {
  return page(page_.get(), ns, limit);
}
PageByHand SameTables::newest(std::string_view ns, std::int64_t limit) {
  return page(newest_.get(), ns, limit);
}

void SameTables::begin() { run(begin_.get()); }

void SameTables::commit(std::int64_t last_revision) {
  write_namespace();
  bind(count_.get(), 1, last_revision);
  bind(count_.get(), 2, added_.entries);
  bind(count_.get(), 3, added_.bytes);
  bind(count_.get(), 4, new_nonce());
  run(count_.get());
  run(commit_.get());
  added_ = {};
}

// Of entries that follow each other in one namespace, its counters are written once.
void SameTables::write_namespace() {
  if (placed_.added.entries != 0 || placed_.added.bytes != 0) {
    bind(count_namespace_.get(), 1, placed_.id);
    bind(count_namespace_.get(), 2, placed_.added.entries);
    bind(count_namespace_.get(), 3, placed_.added.bytes);
    run(count_namespace_.get());
  }
  placed_.added = {};
}

void SameTables::put(std::string_view ns, std::string_view key, std::string_view value,
                     std::int64_t revision) {
  std::optional<std::int64_t> id;
  std::optional<std::int64_t> old_size;
  bind(look_.get(), 1, ns);
  bind(look_.get(), 2, key);
  if (step(look_.get())) {
    id = integer(look_.get(), 0);
    if (!is_null(look_.get(), 1)) old_size = integer(look_.get(), 1);
    if (!is_null(look_.get(), 2)) throw std::logic_error("these benchmarks write short values");
  }
  sqlite3_reset(look_.get());
  if (!id) {
    bind(insert_namespace_.get(), 1, ns);
    run(insert_namespace_.get());
    id = sqlite3_last_insert_rowid(db_.get());
  }
  if (*id != placed_.id) write_namespace();
  placed_.id = *id;
  const auto size = static_cast<std::int64_t>(ns.size() + key.size() + value.size());
  sqlite3_stmt* const write = old_size ? update_.get() : insert_.get();
  bind(write, 1, *id);
  bind(write, 2, key);
  bind(write, 3, revision);
  bind(write, 4, now_ms());
  bind(write, 5, size);
  bind(write, 6, value);
  run(write);
  for (Totals* totals : {&placed_.added, &added_}) {
    totals->entries += old_size ? 0 : 1;
    totals->bytes += size - old_size.value_or(0);
  }
}

std::int64_t SameTables::set(std::string_view ns, std::string_view key, std::string_view value) {
  begin();
  step(revision_.get());
  const std::int64_t revision = integer(revision_.get(), 0) + 1;
  sqlite3_reset(revision_.get());
  put(ns, key, value, revision);
  commit(revision);
  return revision;
}

void SameTables::set_many(std::span<const Address> addresses, std::span<const std::string> values) {
  begin();
  step(revision_.get());
  std::int64_t revision = integer(revision_.get(), 0);
  sqlite3_reset(revision_.get());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    put(addresses[i].ns.text(), addresses[i].key, values[i], ++revision);
  }
  commit(revision);
}

void KeyValue::create(const std::string& path) {
  execute(open(path, false).get(),
          "CREATE TABLE kv (ns TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, "
          "PRIMARY KEY (ns, key)) WITHOUT ROWID");
}

KeyValue::KeyValue(const std::string& path, bool syncs_fully) : db_(open(path, syncs_fully)) {
  const auto make = [&](std::string_view sql) { return prepare(db_.get(), sql); };
  get_ = make("SELECT value FROM kv WHERE ns = ?1 AND key = ?2");
  page_ = make("SELECT key, value FROM kv WHERE ns = ?1 ORDER BY key LIMIT ?2");
  set_ = make(
      "INSERT INTO kv (ns, key, value) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (ns, key) DO UPDATE SET value = excluded.value");
  begin_ = make("BEGIN");
  commit_ = make("COMMIT");
}

std::optional<std::string> KeyValue::get(std::string_view ns, std::string_view key) {
  bind(get_.get(), 1, ns);
  bind(get_.get(), 2, key);
  std::optional<std::string> value;
  if (step(get_.get())) value = text(get_.get(), 0);
  sqlite3_reset(get_.get());
  return value;
}

std::vector<std::optional<std::string>> KeyValue::get_many(std::span<const Address> addresses) {
  run(begin_.get());
  std::vector<std::optional<std::string>> values;
  values.reserve(addresses.size());
  for (const Address& address : addresses) values.push_back(get(address.ns.text(), address.key));
  run(commit_.get());
  return values;
}

PageByHand KeyValue::page_by_key(std::string_view ns, std::int64_t limit) {
  PageByHand page;
  page.entries.reserve(static_cast<std::size_t>(limit));
  bind(page_.get(), 1, ns);
  bind(page_.get(), 2, limit + 1);
  while (step(page_.get())) {
    page.has_more = page.entries.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    RowByHand& record = page.entries.emplace_back();
    record.key = text(page_.get(), 0);
    record.value = text(page_.get(), 1);
  }
  sqlite3_reset(page_.get());
  return page;
}

void KeyValue::set(std::string_view ns, std::string_view key, std::string_view value) {
  bind(set_.get(), 1, ns);
  bind(set_.get(), 2, key);
  bind(set_.get(), 3, value);
  run(set_.get());
}

void KeyValue::set_many(std::span<const Address> addresses, std::span<const std::string> values) {
  run(begin_.get());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    set(addresses[i].ns.text(), addresses[i].key, values[i]);
  }
  run(commit_.get());
}

}  // namespace holdfast::bench::by_hand
