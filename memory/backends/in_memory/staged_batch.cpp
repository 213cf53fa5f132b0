#include "staged_batch.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

namespace holdfast::in_memory {
namespace {

constexpr std::size_t reclaimed_at_once = 256;

auto place(const Staged& staged) { return std::tie(staged.hash, staged.address); }

}  // namespace

StagedBatch::StagedBatch(Store& store, std::span<const Target> targets) : store_(store) {
  group(targets);
  pin_namespaces(targets);
}

StagedBatch::~StagedBatch() { unlock(); }

void StagedBatch::group(std::span<const Target> targets) {
  staged_.reserve(targets.size());
  target_of_.resize(targets.size());
  std::vector<std::uint32_t> hashes(targets.size());
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t i : order) hashes[i] = store_.hash.of(targets[i].address);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(hashes[a], targets[a].address) < std::tie(hashes[b], targets[b].address);
  });
  for (const std::size_t i : order) {
    const bool is_new = staged_.empty() || staged_.back().hash != hashes[i] ||
                        staged_.back().address != targets[i].address;
    if (is_new) {
      Staged& staged = staged_.emplace_back();
      staged.address = targets[i].address;
      staged.hash = hashes[i];
      shards_ |= mask_of(hashes[i]);
    }
    target_of_[i] = staged_.size() - 1;
  }
}

void StagedBatch::pin_namespaces(std::span<const Target> targets) {
  std::vector<std::string_view> texts;
  for (const Target& target : targets) {
    if (!target.may_change) continue;
    if (texts.empty() || texts.back() != target.address.ns) texts.push_back(target.address.ns);
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  pins_.reserve(texts.size());
  namespaces_.reserve(texts.size());
  for (const std::string_view text : texts) {
    pins_.push_back(store_.directory.pin_or_create(text));
    namespaces_.push_back(pins_.back().get());
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].may_change) continue;
    const auto at = std::lower_bound(texts.begin(), texts.end(), targets[i].address.ns);
    Staged& staged = of_target(i);
    staged.ns_position = static_cast<std::size_t>(at - texts.begin());
    staged.ns = namespaces_[staged.ns_position];
  }
}

void StagedBatch::lock(std::int64_t now_ms, ShardMask also) {
  namespace_locks_.emplace(store_.directory, namespaces_);
  shard_locks_.emplace(store_.shards, shards_ | also);
  revisions_ = 0;
  for (Staged& staged : staged_) {
    staged.original = store_.shards[shard_of(staged.hash)].table.find(staged.hash, staged.address);
    const bool is_live = staged.original != nullptr && staged.original->is_live(now_ms);
    staged.live = is_live ? staged.original : nullptr;
    staged.next = nullptr;
    staged.changed = false;
  }
}

void StagedBatch::unlock() noexcept {
  shard_locks_.reset();
  namespace_locks_.reset();
}

// Makes the tombstones of what will be gone, and turns back what comes to nothing: created and
// erased by the same batch, which only the change log tells of.
void StagedBatch::prepare_removals() {
  for (Staged& staged : staged_) {
    if (!staged.changed || staged.next != nullptr) continue;
    if (staged.erased_revision != 0) {
      staged.next = store_.create_tombstone(staged.hash, staged.address, staged.ns);
    }
    if (staged.next != nullptr) {
      staged.next->revision = staged.erased_revision;
    } else if (staged.original == nullptr) {
      staged.changed = false;
    }
  }
}

void StagedBatch::make_tables_ready() {
  std::array<std::size_t, shard_count> more{};
  std::vector<std::size_t> deadlines(namespaces_.size());
  for (const Staged& staged : staged_) {
    if (!staged.changed || staged.next == nullptr) continue;
    if (staged.original == nullptr) ++more[shard_of(staged.hash)];
    if (staged.next->expires_at_ms != EntryBlock::never) ++deadlines[staged.ns_position];
  }
  for (std::size_t i = 0; i < shard_count; ++i) {
    if (more[i] != 0) store_.shards[i].table.make_room(more[i]);
  }
  for (std::size_t i = 0; i < namespaces_.size(); ++i) {
    if (deadlines[i] != 0) namespaces_[i]->deadlines.make_room(deadlines[i]);
  }
}

void StagedBatch::add_change(const NamespaceIndex& ns, const Usage& usage) {
  changes_.front().usage += usage;
  for (Budget* quota : ns.budgets()) {
    auto at = std::find_if(changes_.begin(), changes_.end(),
                           [&](const Change& change) { return change.budget == quota; });
    if (at == changes_.end()) at = changes_.insert(at, Change{quota, {}});
    at->usage += usage;
  }
}

// By how much each budget's use changes, with the namespaces that come and go.
void StagedBatch::sum_up() {
  struct Touched {
    const NamespaceIndex* ns;
    std::int64_t blocks;
  };
  std::vector<Touched> touched;
  for (const NamespaceIndex* ns : namespaces_) {
    touched.push_back({ns, static_cast<std::int64_t>(ns->entries + ns->tombstone_count)});
  }
  changes_.assign(1, Change{&store_.budget, {}});
  own_ = {};
  for (const Staged& staged : staged_) {
    const EntryBlock* after = staged.changed ? staged.next.get() : staged.original;
    own_ += Store::change_of(nullptr, after);
    if (!staged.changed) continue;
    add_change(*staged.ns, Store::change_of(staged.original, after));
    touched[staged.ns_position].blocks +=
        (after != nullptr ? 1 : 0) - (staged.original != nullptr ? 1 : 0);
  }
  for (const Touched& one : touched) {
    const auto cost = static_cast<std::int64_t>(one.ns->cost());
    if (one.blocks > 0) own_.bytes += cost;
    if ((one.blocks > 0) == !one.ns->is_empty()) continue;
    add_change(*one.ns, Usage{0, one.blocks > 0 ? cost : -cost});
  }
}

Refusal StagedBatch::reserve() noexcept {
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const LimitedBy by = changes_[i].budget->reserve(changes_[i].usage);
    if (by == LimitedBy::nothing) continue;
    for (std::size_t taken = 0; taken < i; ++taken) {
      changes_[taken].budget->cancel(changes_[taken].usage);
    }
    return {changes_[i].budget, by, changes_[i].usage};
  }
  return {};
}

bool StagedBatch::is_searchable() const noexcept {
  return std::ranges::any_of(namespaces_,
                             [](const NamespaceIndex* ns) { return ns->postings != nullptr; });
}

IndexStep StagedBatch::prepare_indexes() const {
  IndexStep step;
  for (const Staged& staged : staged_) {
    if (staged.changed) step.replace(*staged.ns, staged.original, staged.next.get());
  }
  step.prepare();
  return step;
}

Revision StagedBatch::commit(Refusal& refusal) {
  prepare_removals();
  sum_up();
  make_tables_ready();  // Before the reservation, as it can fail.
  refusal = reserve();
  if (refusal.budget != nullptr) return 0;
  link_all();
  const Revision base = store_.last_revision.fetch_add(revisions_);
  settle_revisions(base);
  if (is_searchable()) {
    try {
      IndexStep indexes = prepare_indexes();  // Which goes by the revisions.
      indexes.apply();
    } catch (...) {
      cancel();
      throw;
    }
  }
  apply();
  for (const Change& change : changes_) change.budget->settle(change.usage);
  return base;
}

void StagedBatch::link_all() {
  std::size_t linked = 0;
  try {
    for (; linked < staged_.size(); ++linked) {
      const Staged& staged = staged_[linked];
      if (!staged.changed || staged.next == nullptr) continue;
      staged.next->ns = staged.ns;
      staged.ns->link(staged.original, staged.next.get());
    }
  } catch (...) {
    unlink(linked);
    cancel_reservations();
    throw;
  }
}

void StagedBatch::unlink(std::size_t number) noexcept {
  for (std::size_t i = 0; i < number; ++i) {
    const Staged& staged = staged_[i];
    if (!staged.changed || staged.next == nullptr) continue;
    staged.ns->unlink(staged.original, staged.next.get());
  }
}

void StagedBatch::cancel() noexcept {
  unlink(staged_.size());
  cancel_reservations();
}

void StagedBatch::cancel_reservations() noexcept {
  for (const Change& change : changes_) change.budget->cancel(change.usage);
}

void StagedBatch::settle_revisions(Revision base) noexcept {
  const auto settle = [base](Revision& revision) {
    if (revision > provisional_revision) revision += base - provisional_revision;
  };
  for (Staged& staged : staged_) {
    if (!staged.changed || staged.next == nullptr) continue;
    settle(staged.next->revision);
    settle(staged.next->created_revision);
  }
  for (NamespaceIndex* ns : namespaces_) ns->settle_provisional(base);
}

void StagedBatch::apply() noexcept {
  for (Staged& staged : staged_) {
    if (!staged.changed) continue;
    EntryBlock* next = staged.next.release();
    if (next != nullptr) {
      store_.put(staged.original, next);
    } else {
      store_.drop(staged.original);
    }
    staged.next.reset(staged.original);  // Freed with this batch, after the locks.
  }
}

bool StagedBatch::is_own(const EntryBlock& block) const noexcept {
  const AddressView address = block.address();
  const std::uint32_t hash = block.hash();
  const auto wanted = std::tie(hash, address);
  const auto at =
      std::lower_bound(staged_.begin(), staged_.end(), wanted,
                       [](const Staged& staged, const auto& to) { return place(staged) < to; });
  return at != staged_.end() && place(*at) == wanted;
}

bool StagedBatch::make_room(const Refusal& refusal, std::int64_t now_ms) {
  std::string_view subtree;
  for (const SubtreeBudget& quota : store_.quotas) {
    if (quota.budget.get() == refusal.budget) subtree = quota.subtree;
  }
  if (store_.reclaim_expired(subtree, reclaimed_at_once, now_ms) > 0) return true;
  const bool may_evict = store_.queues.enabled() && refusal.budget == &store_.budget;
  if (!may_evict || store_.budget.would_never_fit(own_) != LimitedBy::nothing) {
    // Somebody else may have freed some since.
    return refusal.budget->has_room_for(refusal.change);
  }
  while (!store_.budget.has_room_for(refusal.change)) {
    if (!store_.evict_one([this](const EntryBlock& block) { return is_own(block); })) return false;
  }
  return true;
}

}  // namespace holdfast::in_memory
