#include "deadline_heap.hpp"

#include <algorithm>

namespace holdfast::in_memory {

void DeadlineHeap::make_room(std::size_t more) {
  const std::size_t needed = blocks_.size() + more;
  if (needed <= blocks_.capacity()) return;
  // Grown by a quarter: its slack is memory that no entry's share accounts for.
  blocks_.reserve(std::max(needed, blocks_.capacity() + blocks_.capacity() / 4));
}

void DeadlineHeap::put(std::size_t position, EntryBlock* block) noexcept {
  blocks_[position] = block;
  block->heap_position = static_cast<std::uint32_t>(position);
}

void DeadlineHeap::sift(std::size_t position) noexcept {
  EntryBlock* block = blocks_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (blocks_[parent]->expires_at_ms <= block->expires_at_ms) break;
    put(position, blocks_[parent]);
    position = parent;
  }
  while (true) {
    std::size_t child = 2 * position + 1;
    if (child >= blocks_.size()) break;
    if (child + 1 < blocks_.size() &&
        blocks_[child + 1]->expires_at_ms < blocks_[child]->expires_at_ms) {
      ++child;
    }
    if (block->expires_at_ms <= blocks_[child]->expires_at_ms) break;
    put(position, blocks_[child]);
    position = child;
  }
  put(position, block);
}

void DeadlineHeap::insert(EntryBlock* block) noexcept {
  blocks_.push_back(block);  // There is room.
  sift(blocks_.size() - 1);
}

void DeadlineHeap::erase(EntryBlock* block) noexcept {
  const std::size_t position = block->heap_position;
  EntryBlock* last = blocks_.back();
  blocks_.pop_back();
  if (last == block) return;
  put(position, last);
  sift(position);
}

}  // namespace holdfast::in_memory
