#include "deadline_schedule.hpp"

#include <algorithm>

#include "namespace_index.hpp"

namespace holdfast::in_memory {

void DeadlineSchedule::make_room(std::size_t namespaces) {
  const std::lock_guard lock(mutex_);
  if (namespaces > slots_.capacity()) {
    slots_.reserve(std::max(namespaces, slots_.capacity() + slots_.capacity() / 4));
  }
}

void DeadlineSchedule::move(NamespaceIndex& ns, std::int64_t earliest_ms) noexcept {
  const std::lock_guard lock(mutex_);
  std::size_t position = ns.schedule_position;
  if (earliest_ms == EntryBlock::never) {
    if (position == nowhere) return;
    ns.schedule_position = nowhere;
    const Slot last = slots_.back();
    slots_.pop_back();
    if (last.ns != &ns) {
      put(position, last);
      sift(position);
    }
  } else {
    if (position == nowhere) {
      position = slots_.size();
      slots_.emplace_back();  // There is room.
    }
    put(position, {earliest_ms, &ns});
    sift(position);
  }
  earliest_ms_.store(slots_.empty() ? EntryBlock::never : slots_.front().earliest_ms);
}

void DeadlineSchedule::put(std::size_t position, const Slot& slot) noexcept {
  slots_[position] = slot;
  slot.ns->schedule_position = position;
}

// Moves a slot up or down to where it belongs.
void DeadlineSchedule::sift(std::size_t position) noexcept {
  const Slot moved = slots_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (slots_[parent].earliest_ms <= moved.earliest_ms) break;
    put(position, slots_[parent]);
    position = parent;
  }
  while (2 * position + 1 < slots_.size()) {
    std::size_t child = 2 * position + 1;
    if (child + 1 < slots_.size() && slots_[child + 1].earliest_ms < slots_[child].earliest_ms) {
      ++child;
    }
    if (moved.earliest_ms <= slots_[child].earliest_ms) break;
    put(position, slots_[child]);
    position = child;
  }
  put(position, moved);
}

}  // namespace holdfast::in_memory
