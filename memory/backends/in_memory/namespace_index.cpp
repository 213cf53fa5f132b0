#include "namespace_index.hpp"

namespace holdfast::in_memory {

std::size_t NamespaceIndex::cost() const noexcept {
  // With a node of the directory's tree and one of its table.
  constexpr std::size_t tree_node = 32 + sizeof(std::string_view) + sizeof(void*);
  constexpr std::size_t table_node = 16 + sizeof(std::string_view) + sizeof(void*);
  constexpr std::size_t bucket = sizeof(void*);
  const bool is_short = text_.size() < sizeof(std::string) / 2;
  return allocated_bytes(sizeof(NamespaceIndex)) + allocated_bytes(tree_node) +
         allocated_bytes(table_node) + bucket + (is_short ? 0 : allocated_bytes(text_.size() + 1)) +
         (budgets_.empty() ? 0 : allocated_bytes(budgets_.size() * sizeof(Budget*)));
}

void NamespaceIndex::count(const EntryBlock& block, bool added) noexcept {
  const std::uint64_t one = added ? 1 : ~std::uint64_t{0};
  if (block.is_tombstone()) {
    tombstone_count += one;
  } else {
    entries += one;
    logical_bytes += one * block.logical_bytes();
  }
  if (is_empty()) {
    pins.fetch_or(is_empty_bit);
  } else if (added && entries + tombstone_count == 1) {
    pins.fetch_and(~is_empty_bit);
  }
}

void NamespaceIndex::note_earliest() noexcept {
  const EntryBlock* earliest = deadlines.earliest();
  earliest_deadline_ms.store(earliest == nullptr ? EntryBlock::never : earliest->expires_at_ms);
}

void NamespaceIndex::add(EntryBlock* block) noexcept {
  count(*block, true);
  if (block->is_tombstone()) {
    tombstones.insert(block);
    return;
  }
  by_key.insert(block);
  by_created.insert(block);
  by_revision.insert(block);
  if (block->expires_at_ms != EntryBlock::never) {
    deadlines.insert(block);
    note_earliest();
  }
}

void NamespaceIndex::remove(EntryBlock* block) noexcept {
  count(*block, false);
  if (block->is_tombstone()) {
    tombstones.erase(block);
    return;
  }
  by_key.erase(block);
  by_created.erase(block);
  by_revision.erase(block);
  if (block->expires_at_ms != EntryBlock::never) {
    deadlines.erase(block);
    note_earliest();
  }
}

void NamespaceIndex::replace(EntryBlock* old, EntryBlock* with) noexcept {
  if (old->is_tombstone() || with->is_tombstone()) {
    add(with);  // First, so that the namespace does not look empty in between.
    remove(old);
    return;
  }
  logical_bytes += with->logical_bytes() - old->logical_bytes();
  by_key.replace(old, with);
  if (old->created_revision == with->created_revision) {
    by_created.replace(old, with);
  } else {
    by_created.erase(old);
    by_created.insert(with);
  }
  by_revision.erase(old);
  by_revision.insert(with);
  const bool had_deadline = old->expires_at_ms != EntryBlock::never;
  const bool has_deadline = with->expires_at_ms != EntryBlock::never;
  if (had_deadline) deadlines.erase(old);
  if (has_deadline) deadlines.insert(with);
  if (had_deadline || has_deadline) note_earliest();
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
