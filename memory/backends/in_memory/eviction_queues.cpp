#include "eviction_queues.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace holdfast::in_memory {

void EvictionQueues::Ghosts::remember(std::uint32_t hash, std::size_t kept) noexcept {
  if (places_.size() < kept) {
    // What was remembered is given up; so is remembering, where there is no memory for it.
    try {
      std::vector<Ghost>(std::bit_ceil(std::max<std::size_t>(kept, 64))).swap(places_);
    } catch (const std::bad_alloc&) {
      if (places_.empty()) return;
    }
  }
  if (++time_ == 0) ++time_;
  places_[hash & (places_.size() - 1)] = {hash, time_};
}

bool EvictionQueues::Ghosts::take(std::uint32_t hash, std::size_t kept) noexcept {
  if (places_.empty()) return false;
  Ghost& ghost = places_[hash & (places_.size() - 1)];
  if (ghost.time == 0 || ghost.hash != hash) return false;
  const bool recent = time_ - ghost.time < kept;
  ghost = {};
  return recent;
}

void EvictionQueues::push(EntryBlock* block, Queue queue) noexcept {
  List& to = list(queue);
  block->queue = queue;
  block->queue_link() = {to.newest, nullptr};
  (to.newest != nullptr ? to.newest->queue_link().next : to.oldest) = block;
  to.newest = block;
  ++to.size;
}

void EvictionQueues::unlink(EntryBlock* block) noexcept {
  List& from = list(block->queue);
  const QueueLink link = block->queue_link();
  (link.previous != nullptr ? link.previous->queue_link().next : from.oldest) = link.next;
  (link.next != nullptr ? link.next->queue_link().previous : from.newest) = link.previous;
  --from.size;
  block->queue = Queue::none;
}

void EvictionQueues::move(EntryBlock* block, Queue to) noexcept {
  unlink(block);
  push(block, to);
}

void EvictionQueues::insert(EntryBlock* block) noexcept {
  if (!enabled()) return;
  const std::lock_guard lock(mutex_);
  const bool to_small = policy_ == Eviction::s3fifo && !ghosts_.take(block->hash(), size());
  push(block, to_small ? Queue::small : Queue::main);
}

void EvictionQueues::replace(EntryBlock* old, EntryBlock* with) noexcept {
  if (!enabled()) return;
  const std::lock_guard lock(mutex_);
  with->frequency.store(old->frequency.load(std::memory_order_relaxed), std::memory_order_relaxed);
  with->mark_used();
  List& in = list(old->queue);
  with->queue = old->queue;
  with->queue_link() = old->queue_link();
  const QueueLink link = with->queue_link();
  (link.previous != nullptr ? link.previous->queue_link().next : in.oldest) = with;
  (link.next != nullptr ? link.next->queue_link().previous : in.newest) = with;
  old->queue = Queue::none;
}

void EvictionQueues::erase(EntryBlock* block, bool evicted) noexcept {
  if (!enabled()) return;
  const std::lock_guard lock(mutex_);
  if (evicted && block->queue == Queue::small) ghosts_.remember(block->hash(), size());
  unlink(block);
}

// Whether the oldest of a queue is given more time, in which case it was moved.
bool EvictionQueues::stays(EntryBlock* block) noexcept {
  const std::uint8_t uses = block->frequency.load(std::memory_order_relaxed);
  const bool is_small = block->queue == Queue::small;
  if (uses <= (is_small ? 1 : 0)) return false;
  const bool forget_all = is_small || policy_ == Eviction::lru;
  block->frequency.store(static_cast<std::uint8_t>(forget_all ? 0 : uses - 1),
                         std::memory_order_relaxed);
  move(block, Queue::main);
  return true;
}

EntryBlock* EvictionQueues::oldest_not(const std::function<bool(const EntryBlock&)>& is_spared) {
  for (List* queue : {&small_, &main_}) {
    for (EntryBlock* block = queue->oldest; block != nullptr; block = block->queue_link().next) {
      if (!is_spared(*block)) return block;
    }
  }
  return nullptr;
}

EvictionQueues::Victim EvictionQueues::choose(
    const std::function<bool(const EntryBlock&)>& is_spared) {
  const std::lock_guard lock(mutex_);
  EntryBlock* chosen = nullptr;
  // Readers may mark entries as fast as they are passed over: then the oldest goes.
  for (std::size_t steps = 5 * size(); steps > 0 && chosen == nullptr; --steps) {
    const bool from_small = small_.size > 0 && (main_.size == 0 || small_.size * 10 >= size());
    EntryBlock* oldest = from_small ? small_.oldest : main_.oldest;
    if (is_spared(*oldest)) {
      move(oldest, oldest->queue);
    } else if (!stays(oldest)) {
      chosen = oldest;
    }
  }
  if (chosen == nullptr) chosen = oldest_not(is_spared);
  if (chosen == nullptr) return {};
  // It is linked, so its namespace is there: who empties it unlinks first and holds a pin.
  chosen->retain();
  chosen->ns->pins.fetch_add(1);
  return {BlockRef(chosen), NamespacePin(&directory_, chosen->ns)};
}

}  // namespace holdfast::in_memory
