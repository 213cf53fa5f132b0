// The entries of a namespace that will expire, the earliest first.
#pragma once

#include <cstddef>
#include <vector>

#include "entry_block.hpp"

namespace holdfast::in_memory {

// A binary heap of blocks that know their place in it. Only `make_room` allocates.
class DeadlineHeap {
 public:
  void make_room(std::size_t more);  // Throws `std::bad_alloc`, changing nothing.
  void insert(EntryBlock* block) noexcept;
  void erase(EntryBlock* block) noexcept;
  void moved(EntryBlock* block) noexcept { sift(block->heap_position); }  // To another deadline.
  void clear() noexcept { blocks_.clear(); }
  [[nodiscard]] EntryBlock* earliest() const noexcept {
    return blocks_.empty() ? nullptr : blocks_.front();
  }
  // Calls `visit` with each block that is expired at `now_ms`; costs no more than their number.
  template <typename Visit>
  void for_each_expired(std::int64_t now_ms, const Visit& visit) const {
    visit_expired(0, now_ms, visit);
  }

 private:
  void put(std::size_t position, EntryBlock* block) noexcept;
  void sift(std::size_t position) noexcept;
  template <typename Visit>
  void visit_expired(std::size_t position, std::int64_t now_ms, const Visit& visit) const {
    if (position >= blocks_.size() || blocks_[position]->expires_at_ms > now_ms) return;
    visit(*blocks_[position]);
    visit_expired(2 * position + 1, now_ms, visit);  // As deep as the heap is high.
    visit_expired(2 * position + 2, now_ms, visit);
  }

  std::vector<EntryBlock*> blocks_;
};

}  // namespace holdfast::in_memory
