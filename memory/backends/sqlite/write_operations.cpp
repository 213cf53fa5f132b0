// The operations of a write transaction.
#include <limits>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "holdfast/counter.hpp"
#include "support/key_ranges.hpp"
#include "write_transaction.hpp"

namespace holdfast::sqlite {

namespace {

std::optional<std::int64_t> deadline(const std::optional<Ttl>& ttl, Timestamp now) {
  if (!ttl) return std::nullopt;
  return to_ms(now + ttl->milliseconds());
}

// Lets the engine overwrite what is erased while it lives, whatever the options say.
class OverwritingErased {
 public:
  explicit OverwritingErased(Connection& connection)
      : connection_(connection), always_(connection.query_integer("PRAGMA secure_delete") != 0) {
    connection_.execute("PRAGMA secure_delete=ON");
  }
  ~OverwritingErased() {
    if (always_) return;
    sqlite3_exec(connection_.handle(), "PRAGMA secure_delete=OFF", nullptr, nullptr, nullptr);
  }
  OverwritingErased(const OverwritingErased&) = delete;
  OverwritingErased& operator=(const OverwritingErased&) = delete;

 private:
  Connection& connection_;
  const bool always_;
};

}  // namespace

std::optional<std::size_t> WriteTransaction::apply(std::span<const WriteOp> ops,
                                                   std::span<WriteResult> results, Timestamp now) {
  const Totals before = totals();
  const std::uint64_t changes_before = ledger_.changes;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    results[i] = {};
    apply_one(ops[i], results[i], now);
    if (results[i].status == WriteStatus::unmet && ops[i].on_unmet == OnUnmet::abort_batch) {
      return i;
    }
  }
  enforce_limits(before, now);
  index_.write();
  if (ledger_.changes != changes_before) ledger_.state.restored_only = false;
  return std::nullopt;
}

void WriteTransaction::apply_one(const WriteOp& op, WriteResult& result, Timestamp now) {
  NamespaceRow& ns = namespace_row(op.address.ns);
  const Existing old = find(ns, op.address.key, now);
  const auto live = old.live ? std::optional(old.row.revision) : std::nullopt;
  if (op.return_previous && old.live) result.previous = record_at(ns, op.address.key, old.row);
  if (!op.precondition.holds(live)) {
    result.status = WriteStatus::unmet;
    result.revision = live.value_or(0);
    return;
  }
  switch (op.kind) {
    case WriteOp::Kind::check:
      result.status = WriteStatus::checked;
      result.revision = live.value_or(0);
      return;
    case WriteOp::Kind::set:
      return apply_set(op, ns, old, result, now);
    case WriteOp::Kind::erase:
      return apply_erase(op, ns, old, result);
    case WriteOp::Kind::increment:
      return apply_increment(op, ns, old, result, now);
    case WriteOp::Kind::touch:
      return apply_touch(op, ns, old, result, now);
  }
}

void WriteTransaction::apply_set(const WriteOp& op, NamespaceRow& ns, const Existing& old,
                                 WriteResult& result, Timestamp now) {
  const std::string_view text = op.value.json_text();
  result.revision = next_revision();
  result.status = old.live ? WriteStatus::updated : WriteStatus::created;
  Row row;
  row.revision = result.revision;
  row.updated_at = to_ms(now);
  row.created_revision = old.live ? old.row.created_revision : row.revision;
  row.created_at = old.live ? old.row.created_at : row.updated_at;
  row.expires_at = deadline(op.ttl, now);
  if (op.keep_ttl && old.live) row.expires_at = old.row.expires_at;
  put(op.address, ns, old, row, text);
}

void WriteTransaction::apply_erase(const WriteOp& op, NamespaceRow& ns, const Existing& old,
                                   WriteResult& result) {
  result.status = WriteStatus::absent;
  if (!old.live) return;
  result.status = WriteStatus::erased;
  result.revision = next_revision();
  remove(op.address, ns, old, result.revision);
}

void WriteTransaction::apply_increment(const WriteOp& op, NamespaceRow& ns, const Existing& old,
                                       WriteResult& result, Timestamp now) {
  std::optional<MemoryValue> current;
  if (old.live) current = value_at(ns, op.address.key);
  result.number = incremented(op.address, current ? &*current : nullptr, op.delta);
  result.revision = next_revision();
  result.status = old.live ? WriteStatus::updated : WriteStatus::created;
  Row row = old.row;
  if (!old.live) {
    row.created_revision = result.revision;
    row.created_at = to_ms(now);
    row.expires_at = deadline(op.ttl, now);
  }
  row.revision = result.revision;
  row.updated_at = to_ms(now);
  const std::string text = std::to_string(result.number);
  put(op.address, ns, old, row, text);
}

void WriteTransaction::apply_touch(const WriteOp& op, NamespaceRow& ns, const Existing& old,
                                   WriteResult& result, Timestamp now) {
  result.status = WriteStatus::absent;
  if (!old.live) return;
  result.status = WriteStatus::updated;
  result.revision = next_revision();
  update_deadline_.bind(1, ns.id).bind(2, op.address.key).bind(3, result.revision);
  update_deadline_.bind(4, to_ms(now)).bind(5, deadline(op.ttl, now)).run();
  count(ns, 0, 0);
}

std::size_t WriteTransaction::sweep(std::size_t max_entries, Timestamp now) {
  const std::size_t swept = reclaim(max_entries, now);
  index_.write();
  return swept;
}

std::size_t WriteTransaction::reclaim(std::size_t max_entries, Timestamp now) {
  std::vector<std::pair<std::string, std::string>> expired;
  {
    Using use(list_expired_);
    use->bind(1, to_ms(now)).bind(2, static_cast<std::int64_t>(max_entries));
    while (use->step()) expired.emplace_back(use->text(0), use->text(1));
  }
  for (const auto& [path, key] : expired) {
    NamespaceRow& ns = namespace_row(path);
    const Existing old = find(ns, key, now);
    if (!old.found) fail(ErrorCode::corruption, "the index of deadlines names a missing entry");
    remove({path, key}, ns, old, ledger_.state.change_log ? next_revision() : 0);
    count_expired(old.row.size);
  }
  return expired.size();
}

std::vector<std::string> WriteTransaction::paths_of(const Scope& scope) {
  std::vector<std::string> paths;
  if (!scope.subtree) {
    paths.emplace_back(scope.ns.text());
    return paths;
  }
  // Namespaces that this transaction made have rows already.
  for (PlacedNamespace& each : namespaces_below(scope.ns)) paths.push_back(std::move(each.path));
  return paths;
}

std::uint64_t WriteTransaction::clear(const Scope& scope, Timestamp now) {
  std::uint64_t live = 0;
  const std::uint64_t changes_before = ledger_.changes;
  for (const std::string& path : paths_of(scope)) live += clear_namespace(path, now);
  if (ledger_.changes != changes_before) ledger_.state.restored_only = false;
  return live;
}

std::uint64_t WriteTransaction::erase_subject(const Scope& scope, Timestamp now) {
  const OverwritingErased overwriting(connection_);
  const std::uint64_t live = clear(scope, now);
  Statement forget =
      connection_.prepare("DELETE FROM tombstone WHERE path >= ?1 AND path < ?2 RETURNING 1");
  const support::SubtreeRanges ranges(scope.ns.text());
  for (const support::TextRange& range : {ranges.own, ranges.below}) {
    const Using use(forget);
    forget.bind(1, range.first).bind(2, range.end);
    while (forget.step()) ++ledger_.changes;
  }
  write_namespaces();  // While what it erases is overwritten.
  return live;
}

std::uint64_t WriteTransaction::clear_namespace(const std::string& path, Timestamp now) {
  NamespaceRow& ns = namespace_row(path);
  if (ns.id == 0 || ns.entries == 0) return 0;
  Statement expired = connection_.prepare(
      "SELECT count(*), coalesce(sum(size), 0) FROM entry INDEXED BY entry_by_expiry "
      "WHERE expires_at <= ?1 AND namespace_id = ?2");
  expired.bind(1, to_ms(now)).bind(2, ns.id);
  static_cast<void>(expired.step());
  const std::int64_t live = ns.entries - expired.integer(0);
  ledger_.expired += static_cast<std::uint64_t>(expired.integer(0));
  ledger_.expired_bytes += expired.integer(1);
  expired.reset();

  if (ledger_.state.change_log) {
    Statement bury = connection_.prepare(
        "INSERT OR REPLACE INTO tombstone (revision, path, key) "
        "SELECT ?2 + row_number() OVER (ORDER BY key), ?3, key FROM entry WHERE namespace_id = ?1");
    bury.bind(1, ns.id).bind(2, ledger_.state.last_revision).bind(3, path).run();
    ledger_.state.last_revision += ns.entries;
  } else {
    static_cast<void>(next_revision());
  }
  Statement delete_large_values = connection_.prepare(
      "DELETE FROM large_value WHERE id IN (SELECT large_value_id FROM entry "
      "WHERE namespace_id = ?1 AND large_value_id IS NOT NULL)");
  delete_large_values.bind(1, ns.id).run();
  Statement delete_entries = connection_.prepare("DELETE FROM entry WHERE namespace_id = ?1");
  delete_entries.bind(1, ns.id).run();
  if (!ledger_.catalog->empty()) {
    index_.erase_blocks(ns.id);
    vectors_.forget_all(ns.id);
  }
  ledger_.erased = true;
  count(ns, -ns.entries, -ns.bytes);
  return static_cast<std::uint64_t>(live);
}

void WriteTransaction::set_change_log(bool on) {
  if (ledger_.state.change_log == on) return;
  ledger_.state.change_log = on;
  ++ledger_.changes;
  if (on) return;
  Statement forget = connection_.prepare("DELETE FROM tombstone");
  forget.run();
}

}  // namespace holdfast::sqlite
