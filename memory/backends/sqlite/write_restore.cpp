// Writing whole entries back, under conditions, with a note beside them.
#include <algorithm>

#include "errors.hpp"
#include "write_transaction.hpp"

namespace holdfast::sqlite {

void WriteTransaction::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                               Timestamp now) {
  const bool keep = batch.revisions == RestoreRevisions::keep;
  if (keep && !ledger_.state.restored_only) {
    fail(ErrorCode::failed_precondition,
         "revisions can be kept only in a store that nothing but restore has written to");
  }
  const Totals before = totals();
  const Revision first = ledger_.state.last_revision + 1;
  Revision greatest = keep ? batch.last_revision : first - 1 + static_cast<Revision>(batch.ranks);
  for (std::size_t i = 0; i < batch.ops.size(); ++i) {
    const RestoreOp& op = batch.ops[i];
    RestoredRevisions revisions;
    if (!keep) {
      revisions = {first + static_cast<Revision>(op.created_rank),
                   first + static_cast<Revision>(op.rank)};
    } else if (op.kind == RestoreOp::Kind::erase) {
      revisions = {op.revision, op.revision};
    } else {
      revisions = {op.record->created_revision, op.record->revision};
    }
    greatest = std::max(greatest, revisions.last);
    statuses[i] = restore_one(op, revisions, keep, now);
  }
  go_on_after(greatest);
  enforce_limits(before, now);
  index_.write();
  if (batch.note != nullptr) put_note(*batch.note);
}

RestoreStatus WriteTransaction::restore_one(const RestoreOp& op, const RestoredRevisions& revisions,
                                            bool keep, Timestamp now) try {
  const bool erases = op.kind == RestoreOp::Kind::erase;
  if (!erases && op.record->expires_at && *op.record->expires_at <= now) {
    return RestoreStatus::expired;
  }
  NamespaceRow& ns = namespace_row(op.address.ns);
  const Existing old = find(ns, op.address.key, now);
  if (!op.precondition.holds(old.live ? std::optional(old.row.revision) : std::nullopt)) {
    return RestoreStatus::unmet;
  }
  if (erases) {
    if (!old.found) return RestoreStatus::applied;
    remove(op.address, ns, old, revisions.last);
    if (!old.live) count_expired(old.row.size);
    return RestoreStatus::applied;
  }
  const Record& record = *op.record;
  const bool keeps_creation = op.kind == RestoreOp::Kind::replace && !keep && old.live;
  Row row;
  row.created_revision = keeps_creation ? old.row.created_revision : revisions.created;
  row.revision = revisions.last;
  row.created_at = to_ms(record.created_at);
  row.updated_at = to_ms(record.updated_at);
  if (record.expires_at) row.expires_at = to_ms(*record.expires_at);
  put(op.address, ns, old, row, record.value.json_text());
  return RestoreStatus::applied;
} catch (const EngineError& error) {
  if ((error.engine_code() & 0xff) != SQLITE_CONSTRAINT) throw;
  fail(ErrorCode::invalid_argument,
       "entry '" + std::string(op.address.key) + "': another entry has the revision " +
           std::to_string(revisions.last) + " or was created with " +
           std::to_string(revisions.created),
       error.cause());
}

void WriteTransaction::go_on_after(Revision revision) {
  if (revision <= ledger_.state.last_revision) return;
  ledger_.state.last_revision = revision;
  ++ledger_.changes;
}

void WriteTransaction::put_note(const Note& note) {
  ++ledger_.changes;
  if (note.text.empty()) {
    Statement erase = connection_.prepare("DELETE FROM note WHERE name = ?1");
    erase.bind(1, note.name).run();
    ledger_.erased = true;
    return;
  }
  Statement write = connection_.prepare(
      "INSERT INTO note (name, text) VALUES (?1, ?2) "
      "ON CONFLICT (name) DO UPDATE SET text = excluded.text");
  write.bind(1, note.name).bind(2, note.text).run();
}

bool WriteTransaction::has_notes() {
  return connection_.query_integer("SELECT EXISTS (SELECT 1 FROM note)") != 0;
}

}  // namespace holdfast::sqlite
