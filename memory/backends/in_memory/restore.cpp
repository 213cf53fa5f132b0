#include "restore.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "limits.hpp"

namespace holdfast::in_memory {
namespace {

std::int64_t ms(Timestamp instant) { return instant.time_since_epoch().count(); }

std::vector<StagedBatch::Target> targets_of(std::span<const RestoreOp> ops) {
  std::vector<StagedBatch::Target> targets;
  targets.reserve(ops.size());
  for (const RestoreOp& op : ops) targets.push_back({op.address});
  return targets;
}

void check_never_written(const Store& store) {
  if (!store.was_written) return;
  throw Error(ErrorCode::failed_precondition,
              "revisions can be kept only in a store that nothing but restore has written to; "
              "restore into a new one, or assign new revisions");
}

// Throws where another block of the order than the one to be replaced has the revision.
void check_is_free(const RevisionOrder& order, Revision revision, const Staged& staged) {
  const RevisionOrder::Position found =
      order.first_where([&](const ByRevision::Slot& slot) { return slot.at >= revision; });
  if (!found || found->at != revision || found->block == staged.original) return;
  throw_invalid_argument("the key \"" + std::string(staged.address.key) + "\": \"" +
                         std::string(found->block->key()) + "\" has the revision " +
                         std::to_string(revision) + " already");
}

}  // namespace

Restore::Restore(Store& store, const RestoreBatch& steps, std::span<RestoreStatus> statuses,
                 const Context& context)
    : store_(store),
      steps_(steps),
      statuses_(statuses),
      context_(context),
      keeps_(steps.revisions == RestoreRevisions::keep),
      now_ms_(store.now_ms(context)),
      batch_(store, targets_of(steps.ops)) {
  if (steps.note != nullptr) note_ = Notes::prepare(*steps.note);
}

void Restore::run() {
  while (true) {
    context_.check();
    // Every shard, so that no write comes between the check and the revisions.
    batch_.lock(now_ms_, keeps_ ? all_shards : 0);
    if (keeps_) check_never_written(store_);
    stage_all();
    Refusal refusal;
    (void)batch_.commit(refusal);
    if (refusal.budget == nullptr) {
      if (keeps_) go_on_after_kept_revisions();
      if (!note_.empty()) store_.notes.put(std::move(note_));
      return;
    }
    batch_.unlock();
    if (!batch_.make_room(refusal, now_ms_)) throw_resource_exhausted(refusal);
  }
}

void Restore::stage_all() {
  if (!keeps_) batch_.take_revisions(steps_.ranks);
  for (std::size_t i = 0; i < steps_.ops.size(); ++i) {
    statuses_[i] = stage(steps_.ops[i], batch_.of_target(i));
  }
}

RestoreStatus Restore::stage(const RestoreOp& op, Staged& staged) const {
  const bool erases = op.kind == RestoreOp::Kind::erase;
  if (!erases && op.record->expires_at && ms(*op.record->expires_at) <= now_ms_) {
    return RestoreStatus::expired;
  }
  const std::optional<Revision> live =
      staged.live == nullptr ? std::nullopt : std::optional(staged.live->revision);
  if (!op.precondition.holds(live)) return RestoreStatus::unmet;
  if (erases) {
    stage_removal(op, staged);
  } else {
    stage_record(op, staged);
  }
  return RestoreStatus::applied;
}

void Restore::stage_record(const RestoreOp& op, Staged& staged) const {
  const Record& record = *op.record;
  check_value_size(store_, record.value.json_text().size());
  BlockRef block(
      store_.create_block(staged.hash, op.address, record.value.json_text(), record.value.kind()));
  if (keeps_) {
    check_is_free(staged.ns->by_created, record.created_revision, staged);
    check_is_free(staged.ns->by_revision, record.revision, staged);
    block->created_revision = record.created_revision;
    block->revision = record.revision;
  } else {
    const bool keeps_creation = op.kind == RestoreOp::Kind::replace && staged.live != nullptr;
    block->created_revision =
        keeps_creation ? staged.live->created_revision : provisional(op.created_rank);
    block->revision = provisional(op.rank);
  }
  block->created_at_ms = ms(record.created_at);
  block->updated_at_ms = ms(record.updated_at);
  if (record.expires_at) block->expires_at_ms = ms(*record.expires_at);
  block->ns = staged.ns;
  staged.next = std::move(block);
  staged.changed = true;
}

void Restore::stage_removal(const RestoreOp& op, Staged& staged) const {
  if (staged.original == nullptr || staged.original->is_tombstone()) return;
  if (keeps_ && op.revision != 0) {
    check_is_free(staged.ns->tombstones, op.revision, staged);
  }
  staged.erased_revision = keeps_ ? op.revision : provisional(op.rank);
  staged.changed = true;
}

// Every shard is locked, so that nobody else is given a revision meanwhile.
void Restore::go_on_after_kept_revisions() {
  Revision greatest = std::max(store_.last_revision.load(), steps_.last_revision);
  for (const RestoreOp& op : steps_.ops) {
    const bool erases = op.kind == RestoreOp::Kind::erase;
    greatest = std::max(greatest, erases ? op.revision : op.record->revision);
  }
  store_.last_revision = greatest;
}

}  // namespace holdfast::in_memory
