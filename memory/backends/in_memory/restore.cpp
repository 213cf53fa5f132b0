#include <algorithm>
#include <string>
#include <vector>

#include "limits.hpp"
#include "write.hpp"

namespace holdfast::in_memory {
namespace {

using Targets = std::vector<StagedBatch::Target>;

std::int64_t ms(Timestamp instant) { return instant.time_since_epoch().count(); }

void check_kept_revisions(std::span<const Entry> entries) {
  std::vector<Revision> seen;
  for (const Entry& entry : entries) {
    if (entry.created_revision < 1 || entry.revision < entry.created_revision ||
        entry.revision >= provisional_revision) {
      throw_invalid_argument("key \"" + entry.key + "\" has created_revision " +
                             std::to_string(entry.created_revision) + " and revision " +
                             std::to_string(entry.revision) +
                             "; both must be at least 1, in this order, and below 2^62");
    }
    seen.push_back(entry.revision);
    if (entry.created_revision != entry.revision) seen.push_back(entry.created_revision);
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end()) {
    throw_invalid_argument("revision " + std::to_string(*twice) + " is given to two entries");
  }
}

BlockRef block_of(const Store& store, const Entry& entry, const Staged& staged) {
  BlockRef block(store.create_block(staged.hash, entry.key, entry.value.json_text()));
  block->created_revision = entry.created_revision;
  block->revision = entry.revision;
  block->created_at_ms = ms(entry.created_at);
  block->updated_at_ms = ms(entry.updated_at);
  if (entry.expires_at) block->expires_at_ms = ms(*entry.expires_at);
  block->ns = staged.ns;
  return block;
}

void stage_all(const Store& store, std::span<const Entry> entries, bool keep, std::int64_t now_ms,
               StagedBatch& batch) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].expires_at && ms(*entries[i].expires_at) <= now_ms) continue;  // Left out.
    Staged& staged = batch.of_target(i);
    staged.next = block_of(store, entries[i], staged);
    staged.changed = true;
    if (!keep) staged.next->revision = staged.next->created_revision = batch.next_provisional();
  }
}

void check_never_written(const Store& store) {
  if (!store.was_written) return;
  throw Error(ErrorCode::failed_precondition,
              "revisions can be kept only in a store that nothing but restore has written to; "
              "restore into a new one, or assign new revisions");
}

}  // namespace

void restore_entries(Store& store, std::span<const Entry> entries, RestoreRevisions revisions,
                     const Context& context) {
  const bool keep = revisions == RestoreRevisions::keep;
  Revision greatest = 0;
  if (keep) check_kept_revisions(entries);
  Targets targets;
  for (const Entry& entry : entries) {
    check_value_size(store, entry.value.json_text().size());
    targets.push_back({{entry.ns.text(), entry.key}, true});
    greatest = std::max(greatest, entry.revision);
  }
  const std::int64_t now_ms = store.now_ms(context);
  StagedBatch batch(store, targets);
  while (true) {
    context.check();
    // Every shard, so that no write comes between the check and the revisions.
    batch.lock(now_ms, keep ? all_shards : 0);
    if (keep) check_never_written(store);
    stage_all(store, entries, keep, now_ms, batch);
    Refusal refusal;
    (void)batch.commit(refusal);
    if (refusal.budget == nullptr) {
      if (keep && store.last_revision < greatest) store.last_revision = greatest;
      return;
    }
    batch.unlock();
    if (!batch.make_room(refusal, now_ms)) throw_resource_exhausted(refusal);
  }
}

}  // namespace holdfast::in_memory
