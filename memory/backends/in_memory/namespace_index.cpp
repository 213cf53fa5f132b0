#include "namespace_index.hpp"

namespace holdfast::in_memory {
namespace {

bool is_entry(const EntryBlock* block) noexcept {
  return block != nullptr && !block->is_tombstone();
}

// Several slots may have the revision, while one is on its way out.
RevisionOrder::Position position(RevisionOrder& order, Revision at,
                                 const EntryBlock* block) noexcept {
  RevisionOrder::Position found =
      order.first_where([&](const ByRevision::Slot& slot) { return slot.at >= at; });
  while (found->block != block) found.to_next();
  return found;
}

KeyOrder::Position position(const EntryBlock* block) noexcept {
  return KeyOrder::within(block->key_chunk, [&](const EntryBlock* slot) { return slot == block; });
}

void settle(RevisionOrder& order, Revision base) noexcept {
  for (RevisionOrder::Position at = order.last(); at && at->at > provisional_revision;
       at.to_previous()) {
    at->at += base - provisional_revision;
  }
}

}  // namespace

std::size_t NamespaceIndex::cost() const noexcept {
  // With a node of the directory's tree and one of its table, and the first chunk of each order.
  constexpr std::size_t tree_node = 32 + sizeof(std::string_view) + sizeof(void*);
  constexpr std::size_t table_node = 16 + sizeof(std::string_view) + sizeof(void*);
  constexpr std::size_t bucket = sizeof(void*);
  constexpr std::size_t heads_of_chunks = 3 * 40;
  constexpr std::size_t scheduled = sizeof(std::int64_t) + sizeof(void*);
  const bool is_short = text_.size() < sizeof(std::string) / 2;
  return allocated_bytes(sizeof(NamespaceIndex)) + allocated_bytes(tree_node) +
         allocated_bytes(table_node) + bucket + heads_of_chunks + scheduled +
         (is_short ? 0 : allocated_bytes(text_.size() + 1)) +
         (budgets_.empty() ? 0 : allocated_bytes(budgets_.size() * sizeof(Budget*)));
}

void NamespaceIndex::count(const EntryBlock& block, bool added) noexcept {
  const std::uint64_t one = added ? 1 : ~std::uint64_t{0};
  if (block.is_tombstone()) {
    tombstone_count += one;
  } else {
    entries += one;
    if (entries == (added ? 1U : 0U)) tally_.with_entries += one;
    logical_bytes += one * block.logical_bytes();
  }
}

void NamespaceIndex::note_emptiness() noexcept {
  const bool was_empty = (pins.load(std::memory_order_relaxed) & is_empty_bit) != 0;
  if (is_empty() == was_empty) return;
  if (is_empty()) {
    pins.fetch_or(is_empty_bit);
    --tally_.held;
  } else {
    pins.fetch_and(~is_empty_bit);
    ++tally_.held;
  }
}

void NamespaceIndex::note_earliest() noexcept {
  const EntryBlock* earliest = deadlines.earliest();
  const std::int64_t deadline_ms =
      earliest == nullptr ? EntryBlock::never : earliest->expires_at_ms;
  if (earliest_deadline_ms.exchange(deadline_ms) != deadline_ms) schedule_.move(*this, deadline_ms);
}

void NamespaceIndex::link(const EntryBlock* old, EntryBlock* next) {
  if (next->is_tombstone()) return tombstones.insert({next->revision, next});
  by_revision.insert({next->revision, next});
  try {
    link_entry(old, next);
  } catch (...) {
    by_revision.erase(position(by_revision, next->revision, next));
    throw;
  }
}

void NamespaceIndex::link_entry(const EntryBlock* old, EntryBlock* next) {
  const bool keeps_creation = is_entry(old) && old->created_revision == next->created_revision;
  if (!keeps_creation) by_created.insert({next->created_revision, next});
  if (is_entry(old)) return;
  try {
    by_key.insert(next);
  } catch (...) {
    by_created.erase(position(by_created, next->created_revision, next));
    throw;
  }
}

void NamespaceIndex::unlink(const EntryBlock* old, EntryBlock* next) noexcept {
  if (next->is_tombstone()) {
    tombstones.erase(position(tombstones, next->revision, next));
    return;
  }
  by_revision.erase(position(by_revision, next->revision, next));
  const bool keeps_creation = is_entry(old) && old->created_revision == next->created_revision;
  if (!keeps_creation) by_created.erase(position(by_created, next->created_revision, next));
  if (!is_entry(old)) by_key.erase(position(next));
}

void NamespaceIndex::put(EntryBlock* old, EntryBlock* next) noexcept {
  count(*next, true);
  if (old != nullptr) count(*old, false);
  note_emptiness();
  if (old != nullptr && old->is_tombstone()) {
    tombstones.erase(position(tombstones, old->revision, old));
    old = nullptr;
  }
  if (!next->is_tombstone()) return put_entry(old, next);
  if (old != nullptr) remove_entry(old);
}

void NamespaceIndex::put_entry(EntryBlock* old, EntryBlock* next) noexcept {
  const bool has_deadline = next->expires_at_ms != EntryBlock::never;
  const bool had_deadline = old != nullptr && old->expires_at_ms != EntryBlock::never;
  if (old != nullptr) {
    *position(old) = next;
    next->key_chunk = old->key_chunk;
    const RevisionOrder::Position created = position(by_created, old->created_revision, old);
    if (old->created_revision == next->created_revision) {
      created->block = next;
    } else {
      by_created.erase(created);
    }
    by_revision.erase(position(by_revision, old->revision, old));
  }
  if (had_deadline) deadlines.erase(old);
  if (has_deadline) deadlines.insert(next);
  if (had_deadline || has_deadline) note_earliest();
}

void NamespaceIndex::remove(EntryBlock* block) noexcept {
  count(*block, false);
  note_emptiness();
  if (block->is_tombstone()) {
    tombstones.erase(position(tombstones, block->revision, block));
  } else {
    remove_entry(block);
  }
}

void NamespaceIndex::remove_entry(EntryBlock* block) noexcept {
  by_key.erase(position(block));
  by_created.erase(position(by_created, block->created_revision, block));
  by_revision.erase(position(by_revision, block->revision, block));
  if (block->expires_at_ms == EntryBlock::never) return;
  deadlines.erase(block);
  note_earliest();
}

void NamespaceIndex::link_anew(EntryBlock* block) {
  by_revision.insert({provisional_revision + 1, block});
}

void NamespaceIndex::put_anew(EntryBlock* block, Revision revision) noexcept {
  by_revision.last()->at = revision;
  by_revision.erase(position(by_revision, block->revision, block));
  block->revision = revision;
}

void NamespaceIndex::settle_provisional(Revision base) noexcept {
  for (RevisionOrder* order : {&by_created, &by_revision, &tombstones}) settle(*order, base);
}

void NamespaceIndex::forget_provisional_tombstones() noexcept {
  while (const RevisionOrder::Position at = tombstones.last()) {
    if (at->at <= provisional_revision) return;
    tombstones.erase(at);
  }
}

void NamespaceIndex::empty(bool all) noexcept {
  by_key.clear();
  by_created.clear();
  by_revision.clear();
  deadlines.clear();
  note_earliest();
  if (entries > 0) --tally_.with_entries;
  entries = 0;
  logical_bytes = 0;
  if (all) {
    tombstones.clear();
    tombstone_count = 0;
  }
  note_emptiness();
}

NamespaceIndex::Expired NamespaceIndex::expired(std::int64_t now_ms) const {
  Expired found;
  deadlines.for_each_expired(now_ms, [&](const EntryBlock& block) {
    ++found.entries;
    found.logical_bytes += block.logical_bytes();
  });
  return found;
}

}  // namespace holdfast::in_memory
