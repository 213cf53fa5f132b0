#include "write_transaction.hpp"

#include <algorithm>
#include <utility>

#include "errors.hpp"

namespace holdfast::sqlite {

namespace {

// Namespaces that are remembered from one transaction to the next.
constexpr std::size_t remembered_namespaces = 64;

}  // namespace

WriteTransaction::WriteTransaction(Connection& connection, const WriteRules& rules,
                                   CatalogCache& catalogs)
    : connection_(connection),
      rules_(rules),
      catalogs_(catalogs),
      index_(connection),
      vectors_(connection),
      read_state_(connection.prepare(state_sql)),
      write_state_(connection.prepare(
          "UPDATE counter SET last_revision = ?1, reserved_revision = ?2, entries = ?3, "
          "bytes = ?4, commit_nonce = ?5, change_log = ?6, restored_only = ?7, "
          "search_generation = ?8 WHERE id = 1")),
      find_namespace_(
          connection.prepare("SELECT id, entries, bytes FROM namespace WHERE path = ?1")),
      insert_namespace_(
          connection.prepare("INSERT INTO namespace (path, entries, bytes) VALUES (?1, 0, 0)")),
      update_namespace_(
          connection.prepare("UPDATE namespace SET entries = ?2, bytes = ?3 WHERE id = ?1")),
      delete_namespace_(connection.prepare("DELETE FROM namespace WHERE id = ?1")),
      find_entry_(connection.prepare("SELECT " HOLDFAST_SQLITE_ROW_COLUMNS
                                     ", e.large_value_id, e.size FROM entry e "
                                     "WHERE e.namespace_id = ?1 AND e.key = ?2")),
      find_value_(connection.prepare("SELECT coalesce(e.value, (SELECT l.value FROM large_value l "
                                     "WHERE l.id = e.large_value_id)) FROM entry e "
                                     "WHERE e.namespace_id = ?1 AND e.key = ?2")),
      insert_entry_(connection.prepare(
          "INSERT INTO entry (namespace_id, key, revision, updated_at, expires_at, size, "
          "large_value_id, value, created_revision, created_at) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")),
      // One statement each, as SQLite maintains the index of every column that is named.
      update_value_(connection.prepare(
          "UPDATE entry SET revision = ?3, updated_at = ?4, expires_at = ?5, size = ?6, "
          "large_value_id = ?7, value = ?8 WHERE namespace_id = ?1 AND key = ?2")),
      update_deadline_(
          connection.prepare("UPDATE entry SET revision = ?3, updated_at = ?4, expires_at = ?5 "
                             "WHERE namespace_id = ?1 AND key = ?2")),
      update_all_(connection.prepare(
          "UPDATE entry SET revision = ?3, updated_at = ?4, expires_at = ?5, size = ?6, "
          "large_value_id = ?7, value = ?8, created_revision = ?9, created_at = ?10 "
          "WHERE namespace_id = ?1 AND key = ?2")),
      delete_entry_(connection.prepare("DELETE FROM entry WHERE namespace_id = ?1 AND key = ?2")),
      insert_large_value_(connection.prepare("INSERT INTO large_value (value) VALUES (?1)")),
      update_large_value_(connection.prepare("UPDATE large_value SET value = ?2 WHERE id = ?1")),
      delete_large_value_(connection.prepare("DELETE FROM large_value WHERE id = ?1")),
      list_expired_(
          connection.prepare("SELECT n.path, x.key FROM entry x INDEXED BY entry_by_expiry "
                             "CROSS JOIN namespace n ON n.id = x.namespace_id "
                             "WHERE x.expires_at <= ?1 ORDER BY x.expires_at LIMIT ?2")),
      insert_tombstone_(
          connection.prepare("INSERT INTO tombstone (revision, path, key) VALUES (?1, ?2, ?3) "
                             "ON CONFLICT (path, key) DO UPDATE SET revision = excluded.revision")),
      delete_tombstone_(connection.prepare("DELETE FROM tombstone WHERE path = ?1 AND key = ?2")) {}

void WriteTransaction::start(bool known) {
  ledger_.changes = 0;
  ledger_.expired = 0;
  ledger_.expired_bytes = 0;
  ledger_.erased = false;
  reserves_ = false;
  if (!known) {
    ledger_.namespaces.clear();
    ledger_.state = read_state(read_state_);
  }
  read_catalog();
  if (adopted_reservation_) return;
  // What was given after the last durable commit may be lost; it lies below the reservation.
  ledger_.state.last_revision =
      std::max(ledger_.state.last_revision, ledger_.state.reserved_revision);
  adopted_reservation_ = true;
}

// Which another handle may have changed, or this one, when it noted that an index is stale.
void WriteTransaction::read_catalog() {
  const std::int64_t generation = ledger_.state.search_generation;
  if (ledger_.catalog != nullptr && ledger_.catalog_generation == generation) return;
  ledger_.catalog = catalogs_.at(generation, connection_);
  ledger_.catalog_generation = generation;
}

void WriteTransaction::write_namespaces() {
  for (auto it = ledger_.namespaces.begin(); it != ledger_.namespaces.end();) {
    NamespaceRow& ns = it->second;
    if (ns.changed && ns.entries == 0) {
      delete_namespace_.bind(1, ns.id).run();
      it = ledger_.namespaces.erase(it);
      continue;
    }
    if (ns.changed) {
      update_namespace_.bind(1, ns.id).bind(2, ns.entries).bind(3, ns.bytes).run();
      ns.changed = false;
    }
    ++it;
  }
}

void WriteTransaction::flush(std::int64_t nonce) {
  write_namespaces();
  StoreState& state = ledger_.state;
  if (rules_.reserve > 0 && state.last_revision > state.reserved_revision) {
    state.reserved_revision = state.last_revision + rules_.reserve;
    reserves_ = true;
  }
  state.commit_nonce = nonce;
  write_state_.bind(1, state.last_revision).bind(2, state.reserved_revision);
  write_state_.bind(3, state.entries).bind(4, state.bytes).bind(5, nonce);
  write_state_.bind(6, std::int64_t{state.change_log}).bind(7, std::int64_t{state.restored_only});
  write_state_.bind(8, state.search_generation).run();
}

void WriteTransaction::end_committed() {
  if (ledger_.namespaces.size() > remembered_namespaces) ledger_.namespaces.clear();
}

void WriteTransaction::end_rolled_back() noexcept {
  ledger_.namespaces.clear();
  ledger_.catalog.reset();
  index_.discard();
}

WriteTransaction::Mark WriteTransaction::mark() {
  Mark mark;
  mark.ledger = ledger_;
  connection_.execute("SAVEPOINT request");
  return mark;
}

void WriteTransaction::release(const Mark&) { connection_.execute("RELEASE request"); }

void WriteTransaction::roll_back_to(Mark mark) {
  connection_.execute("ROLLBACK TO request");
  connection_.execute("RELEASE request");
  ledger_ = std::move(mark.ledger);
  index_.discard();
}

WriteTransaction::NamespaceRow& WriteTransaction::namespace_row(std::string_view path) {
  const auto found = ledger_.namespaces.find(path);
  if (found != ledger_.namespaces.end()) return found->second;
  NamespaceRow ns;
  {
    Using use(find_namespace_);
    use->bind(1, path);
    if (use->step()) {
      ns.id = use->integer(0);
      ns.entries = use->integer(1);
      ns.bytes = use->integer(2);
    }
  }
  return ledger_.namespaces.emplace(path, ns).first->second;
}

void WriteTransaction::give_row(std::string_view path, NamespaceRow& ns) {
  if (ns.id != 0) return;
  insert_namespace_.bind(1, path).run();
  ns.id = sqlite3_last_insert_rowid(connection_.handle());
}

WriteTransaction::Existing WriteTransaction::find(const NamespaceRow& ns, std::string_view key,
                                                  Timestamp now) {
  Existing existing;
  if (ns.id == 0) return existing;
  Using use(find_entry_);
  use->bind(1, ns.id).bind(2, key);
  if (!use->step()) return existing;
  existing.found = true;
  existing.row = read_row(find_entry_);
  existing.large_value = use->optional_integer(row_columns);
  existing.row.size = use->integer(row_columns + 1);
  existing.live = existing.row.is_live(now);
  return existing;
}

MemoryValue WriteTransaction::value_at(const NamespaceRow& ns, std::string_view key) {
  Using use(find_value_);
  use->bind(1, ns.id).bind(2, key);
  if (!use->step() || use->is_null(0)) {
    fail(ErrorCode::corruption, "the value of an entry is missing");
  }
  return MemoryValue::from_canonical(SharedText::copy_of(use->text(0)));
}

Record WriteTransaction::record_at(const NamespaceRow& ns, std::string_view key, const Row& row) {
  Record record;
  fill_record(record, row);
  record.value = value_at(ns, key);
  return record;
}

Revision WriteTransaction::next_revision() { return ++ledger_.state.last_revision; }

void WriteTransaction::count(NamespaceRow& ns, std::int64_t entries, std::int64_t bytes) {
  ++ledger_.changes;
  if (entries == 0 && bytes == 0) return;
  ns.entries += entries;
  ns.bytes += bytes;
  ns.changed = true;
  ledger_.state.entries += entries;
  ledger_.state.bytes += bytes;
}

void WriteTransaction::count_expired(std::int64_t size) {
  ++ledger_.expired;
  ledger_.expired_bytes += size;
}

std::optional<std::int64_t> WriteTransaction::put_large_value(std::optional<std::int64_t> old,
                                                              std::string_view value) {
  if (value.size() <= large_value_bytes) {
    if (old) delete_large_value_.bind(1, *old).run();
    return std::nullopt;
  }
  if (old) {
    update_large_value_.bind(1, *old).bind(2, value).run();
    return old;
  }
  insert_large_value_.bind(1, value).run();
  return sqlite3_last_insert_rowid(connection_.handle());
}

void WriteTransaction::put(const AddressView& address, NamespaceRow& ns, const Existing& old,
                           Row row, std::string_view value) {
  if (value.size() > rules_.max_value_bytes) {
    fail(ErrorCode::resource_exhausted, "a value of " + std::to_string(value.size()) +
                                            " bytes; this store takes values up to " +
                                            std::to_string(rules_.max_value_bytes) + " bytes");
  }
  give_row(address.ns, ns);
  row.size = static_cast<std::int64_t>(address.ns.size() + address.key.size() + value.size());
  change_document(address, ns, old, &row, value);
  const auto large_value = put_large_value(old.large_value, value);
  put_row(ns.id, address.key, old, row, large_value, value);
  if (old.found && !old.live) count_expired(old.row.size);
  if (!old.found && ledger_.state.change_log) {
    delete_tombstone_.bind(1, address.ns).bind(2, address.key).run();
  }
  count(ns, old.found ? 0 : 1, row.size - old.row.size);
}

void WriteTransaction::put_row(std::int64_t id, std::string_view key, const Existing& old,
                               const Row& row, std::optional<std::int64_t> large_value,
                               std::string_view value) {
  const bool keeps_creation = old.found && old.row.created_revision == row.created_revision &&
                              old.row.created_at == row.created_at;
  Statement& statement = !old.found ? insert_entry_ : keeps_creation ? update_value_ : update_all_;
  statement.bind(1, id).bind(2, key).bind(3, row.revision).bind(4, row.updated_at);
  statement.bind(5, row.expires_at).bind(6, row.size).bind(7, large_value);
  if (large_value) {
    statement.bind(8, nullptr);
  } else {
    statement.bind(8, value);
  }
  if (!keeps_creation) statement.bind(9, row.created_revision).bind(10, row.created_at);
  statement.run();
}

// `tombstone` is the revision of the removal, which the change log reports; 0: it does not.
void WriteTransaction::remove(const AddressView& address, NamespaceRow& ns, const Existing& old,
                              Revision tombstone) {
  change_document(address, ns, old, nullptr, {});
  if (old.large_value) delete_large_value_.bind(1, *old.large_value).run();
  delete_entry_.bind(1, ns.id).bind(2, address.key).run();
  if (ledger_.state.change_log && tombstone != 0) {
    insert_tombstone_.bind(1, tombstone).bind(2, address.ns).bind(3, address.key).run();
  }
  ledger_.erased = true;
  count(ns, -1, -old.row.size);
}

WriteTransaction::Totals WriteTransaction::totals() const noexcept {
  return {ledger_.state.entries, ledger_.state.bytes, static_cast<std::int64_t>(ledger_.expired),
          ledger_.expired_bytes};
}

// What grew past a limit, not counting expired entries that have been reclaimed since.
bool WriteTransaction::exceeds_limits(const Totals& before) const noexcept {
  const Totals after = totals();
  const std::int64_t entries = before.entries - (after.expired - before.expired);
  const std::int64_t bytes = before.bytes - (after.expired_bytes - before.expired_bytes);
  const auto passes = [](std::int64_t now, std::int64_t then,
                         const std::optional<std::uint64_t>& limit) {
    return limit && now > then &&
           static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)) > *limit;
  };
  return passes(after.entries, entries, rules_.max_entries) ||
         passes(after.bytes, bytes, rules_.max_bytes);
}

void WriteTransaction::enforce_limits(const Totals& before, Timestamp now) {
  constexpr std::size_t reclaim_at_once = 256;
  while (exceeds_limits(before)) {
    if (reclaim(reclaim_at_once, now) > 0) continue;
    const Totals after = totals();
    std::string message = "the store's limit would be passed: " + std::to_string(after.entries) +
                          " entries of " + std::to_string(after.bytes) + " bytes";
    if (rules_.max_entries) message += ", max_entries=" + std::to_string(*rules_.max_entries);
    if (rules_.max_bytes) message += ", max_bytes=" + std::to_string(*rules_.max_bytes);
    fail(ErrorCode::resource_exhausted, std::move(message));
  }
}

}  // namespace holdfast::sqlite
