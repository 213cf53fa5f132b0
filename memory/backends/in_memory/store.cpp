#include "store.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "index_step.hpp"

namespace holdfast::in_memory {
namespace {

constexpr std::size_t reclaimed_for_each_lock = 64;
constexpr std::size_t namespaces_reclaimed_at_once = 64;

std::vector<SubtreeBudget> budgets_of(const InMemoryOptions& options) {
  std::vector<SubtreeBudget> budgets;
  for (const Quota& quota : options.quotas) {
    std::string subtree(quota.subtree.text());
    auto budget = std::make_unique<Budget>("the quota of \"" + subtree + "\"", quota.max_entries,
                                           quota.max_bytes);
    budgets.push_back({std::move(subtree), std::move(budget)});
  }
  return budgets;
}

}  // namespace

void Shard::count(const EntryBlock* old, const EntryBlock* with) noexcept {
  if (old != nullptr && !old->is_tombstone()) {
    --entries;
    logical_bytes -= old->logical_bytes();
  }
  if (with != nullptr && !with->is_tombstone()) {
    ++entries;
    logical_bytes += with->logical_bytes();
  }
}

Store::Store(const InMemoryOptions& wanted)
    : options(wanted),
      clock(std::make_shared<MonotonicClock>(wanted.clock ? wanted.clock : system_clock())),
      budget("the store", wanted.max_entries, wanted.max_bytes),
      quotas(budgets_of(wanted)),
      directory(hash, quotas),
      queues(wanted.eviction, directory) {}

Store::~Store() {
  for (Shard& shard : shards) {
    shard.table.for_each([](EntryBlock* block) { block->release(); });
  }
}

std::int64_t Store::now_ms(const Context& context) {
  return (context.instant ? *context.instant : clock->now()).time_since_epoch().count();
}

std::int64_t Store::deadline_ms(std::int64_t now_ms, const std::optional<Ttl>& ttl) noexcept {
  if (!ttl) return EntryBlock::never;
  const std::int64_t ms = ttl->milliseconds().count();
  return now_ms > EntryBlock::never - 1 - ms ? EntryBlock::never - 1 : now_ms + ms;
}

EntryBlock* Store::create_block(std::uint32_t block_hash, const AddressView& address,
                                std::string_view value, ValueKind kind) const {
  return EntryBlock::create(block_hash, address, value, kind, queues.enabled());
}

BlockRef Store::create_tombstone(std::uint32_t block_hash, const AddressView& address,
                                 NamespaceIndex* ns) const {
  if (!options.change_log) return nullptr;
  BlockRef tombstone(create_block(block_hash, address, {}, ValueKind::null));
  tombstone->become_tombstone();
  tombstone->ns = ns;
  return tombstone;
}

void Store::put(EntryBlock* old, EntryBlock* with, bool is_eviction) noexcept {
  Shard& shard = shards[shard_of(with->hash())];
  PointTable& table = shard.table;
  shard.count(old, with);
  if (old == nullptr) {
    table.insert(with);
  } else {
    table.replace(old, with);
  }
  with->ns->put(old, with);
  const bool was_queued = old != nullptr && !old->is_tombstone();
  if (was_queued && !with->is_tombstone()) {
    queues.replace(old, with);
  } else if (was_queued) {
    queues.erase(old, is_eviction);
  } else if (!with->is_tombstone()) {
    queues.insert(with);
  }
}

void Store::drop(EntryBlock* old, bool is_eviction) noexcept {
  Shard& shard = shards[shard_of(old->hash())];
  shard.count(old, nullptr);
  shard.table.erase(old);
  if (!old->is_tombstone()) queues.erase(old, is_eviction);
  old->ns->remove(old);
}

Usage Store::change_of(const EntryBlock* old, const EntryBlock* with) noexcept {
  Usage change;
  if (old != nullptr) {
    if (!old->is_tombstone()) --change.entries;
    change.bytes -= static_cast<std::int64_t>(old->cost());
  }
  if (with != nullptr) {
    if (!with->is_tombstone()) ++change.entries;
    change.bytes += static_cast<std::int64_t>(with->cost());
  }
  return change;
}

void Store::settle(const NamespaceIndex& ns, const Usage& change) noexcept {
  budget.settle(change);
  for (Budget* quota : ns.budgets()) quota->settle(change);
}

bool Store::discard(EntryBlock& block, bool is_eviction) {
  NamespaceIndex& ns = *block.ns;
  BlockRef tombstone = create_tombstone(block.hash(), block.address(), block.ns);
  Usage change = change_of(&block, tombstone.get());
  IndexStep indexes;
  indexes.replace(ns, &block, tombstone.get());
  indexes.prepare();
  {
    const std::unique_lock lock(shards[shard_of(block.hash())].lock);
    if (!shards[shard_of(block.hash())].table.holds(block)) return false;
    if (tombstone != nullptr) {
      tombstone->revision = provisional_revision + 1;
      ns.link(&block, tombstone.get());
      const Revision before = last_revision.fetch_add(1);
      ns.settle_provisional(before);
      tombstone->revision = before + 1;
      put(&block, tombstone.release(), is_eviction);
    } else {
      drop(&block, is_eviction);
    }
    indexes.apply();
  }
  if (ns.is_empty()) change.bytes -= static_cast<std::int64_t>(ns.cost());
  settle(ns, change);
  (is_eviction ? evicted : expired).fetch_add(1);
  block.release();
  return true;
}

std::size_t Store::reclaim_in(NamespaceIndex& ns, std::size_t max_entries, std::int64_t now_ms) {
  std::size_t reclaimed = 0;
  while (reclaimed < max_entries && ns.earliest_deadline_ms.load() <= now_ms) {
    const std::unique_lock lock(ns.lock);
    for (std::size_t i = 0; i < reclaimed_for_each_lock && reclaimed < max_entries; ++i) {
      EntryBlock* earliest = ns.deadlines.earliest();
      if (earliest == nullptr || earliest->expires_at_ms > now_ms) break;
      if (discard(*earliest, false)) ++reclaimed;
    }
  }
  return reclaimed;
}

std::size_t Store::reclaim_expired(std::string_view subtree, std::size_t max_entries,
                                   std::int64_t now_ms) {
  // One at a time: who comes second must not take the first one's unfinished pass, which has not
  // given the room back yet, for a proof that nothing is expired.
  const std::lock_guard pass(reclaim_mutex_);
  std::size_t reclaimed = 0;
  while (reclaimed < max_entries && directory.schedule().earliest_ms() <= now_ms) {
    const auto namespaces = directory.pin_expired(subtree, now_ms, namespaces_reclaimed_at_once);
    if (namespaces.empty()) break;
    for (const NamespacePin& ns : namespaces) {
      reclaimed += reclaim_in(*ns.get(), max_entries - reclaimed, now_ms);
    }
  }
  return reclaimed;
}

bool Store::evict_one(const std::function<bool(const EntryBlock&)>& is_spared) {
  while (true) {
    const EvictionQueues::Victim victim = queues.choose(is_spared);
    if (victim.block == nullptr) return false;
    const std::unique_lock lock(victim.ns->lock);
    if (discard(*victim.block, true)) return true;
  }
}

Store::Emptied Store::prepare_emptying(NamespaceIndex& ns, Traces traces) const {
  const bool goes_whole = traces == Traces::none;
  Emptied emptied{traces};
  emptied.blocks.reserve(ns.entries + (goes_whole ? ns.tombstone_count : 0));
  if (goes_whole || !options.change_log) return emptied;
  emptied.tombstones.reserve(ns.entries);
  try {
    for (KeyOrder::Position at = ns.by_key.first(); at; at.to_next()) {
      EntryBlock* const block = *at;
      BlockRef tombstone = create_tombstone(block->hash(), block->address(), block->ns);
      tombstone->revision =
          provisional_revision + 1 + static_cast<Revision>(emptied.tombstones.size());
      ns.link(block, tombstone.get());
      emptied.tombstones.push_back(std::move(tombstone));
    }
  } catch (...) {
    cancel_emptying(ns);
    throw;
  }
  return emptied;
}

void Store::empty(NamespaceIndex& ns, Emptied& emptied) noexcept {
  const bool goes_whole = emptied.traces == Traces::none;
  for (KeyOrder::Position at = ns.by_key.first(); at; at.to_next()) {
    emptied.blocks.emplace_back(*at);  // There is room.
  }
  const std::size_t entries = emptied.blocks.size();
  for (RevisionOrder::Position at = ns.tombstones.first(); goes_whole && at; at.to_next()) {
    emptied.blocks.emplace_back(at->block);
  }
  const Revision before = last_revision.fetch_add(static_cast<Revision>(emptied.tombstones.size()));
  ns.settle_provisional(before);
  Usage change;
  for (std::size_t i = 0; i < emptied.blocks.size(); ++i) {
    EntryBlock* const block = emptied.blocks[i].get();
    EntryBlock* const tombstone =
        emptied.tombstones.empty() ? nullptr : emptied.tombstones[i].release();
    change += change_of(block, tombstone);
    Shard& shard = shards[shard_of(block->hash())];
    shard.count(block, tombstone);
    if (tombstone == nullptr) {
      shard.table.erase(block);
    } else {
      tombstone->revision += before - provisional_revision;
      shard.table.replace(block, tombstone);
    }
    if (i < entries) queues.erase(block, false);
  }
  ns.tombstone_count += emptied.tombstones.size();
  ns.empty(goes_whole);
  if (ns.postings != nullptr) ns.postings->clear();
  if (!emptied.blocks.empty() && ns.is_empty()) {
    change.bytes -= static_cast<std::int64_t>(ns.cost());
  }
  settle(ns, change);
}

}  // namespace holdfast::in_memory
