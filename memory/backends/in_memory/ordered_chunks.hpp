// Entries in an order: sorted arrays of slots, hung into a balanced tree by their first slots.
//
// A walk goes through arrays, so that what comes next is known early and its memory can be fetched
// meanwhile; in a tree of entries each step would wait for the one before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "link_tree.hpp"

namespace holdfast::in_memory {

// `Order` says what a slot is and how slots are sorted:
//   using Slot = ...;                                    trivially copyable
//   static bool less(const Slot&, const Slot&) noexcept;
//   static void prefetch(const Slot&) noexcept;          what a walk will look at
//   static void moved(const Slot&, void* chunk) noexcept;  where it lies from now on
// Equal slots stay in the order of their insertion. Only `insert` needs memory.
template <typename Order>
class OrderedChunks {
 public:
  using Slot = typename Order::Slot;
  static_assert(std::is_trivially_copyable_v<Slot>);

 private:
  struct Chunk : TreeLink {
    std::uint16_t count = 0;
    std::uint16_t capacity = 0;

    [[nodiscard]] Slot* slots() noexcept { return reinterpret_cast<Slot*>(this + 1); }
    [[nodiscard]] Slot& first() noexcept { return *slots(); }
    [[nodiscard]] Slot& last() noexcept { return slots()[count - 1]; }
    [[nodiscard]] bool is_full() const noexcept { return count == capacity; }
  };
  static_assert(alignof(Slot) <= alignof(Chunk));

 public:
  // A slot of the order, until the next change. False: none.
  class Position {
   public:
    Position() = default;
    explicit operator bool() const noexcept { return chunk_ != nullptr; }
    [[nodiscard]] Slot& operator*() const noexcept { return chunk_->slots()[index_]; }
    [[nodiscard]] Slot* operator->() const noexcept { return &**this; }

    void to_next() noexcept {
      if (++index_ < chunk_->count) return;
      chunk_ = chunk(LinkTree::next(chunk_));
      index_ = 0;
    }
    void to_previous() noexcept {
      if (index_-- > 0) return;
      chunk_ = chunk(LinkTree::previous(chunk_));
      index_ = chunk_ == nullptr ? 0 : chunk_->count - std::size_t{1};
    }
    // Fetches what a walk will look at from here on, in this chunk.
    [[gnu::always_inline]] void fetch_ahead(bool upwards, std::size_t steps) const noexcept {
      const std::size_t left = upwards ? chunk_->count - index_ : index_ + 1;
      for (std::size_t step = 0; step < std::min(steps, left); ++step) {
        Order::prefetch(chunk_->slots()[upwards ? index_ + step : index_ - step]);
      }
    }
    [[nodiscard]] bool begins_chunk(bool upwards) const noexcept {
      return upwards ? index_ == 0 : index_ + std::size_t{1} == chunk_->count;
    }

   private:
    friend class OrderedChunks;
    Position(Chunk* chunk, std::size_t index) noexcept : chunk_(chunk), index_(index) {}
    Chunk* chunk_ = nullptr;
    std::size_t index_ = 0;
  };

  OrderedChunks() = default;
  OrderedChunks(const OrderedChunks&) = delete;
  OrderedChunks& operator=(const OrderedChunks&) = delete;
  ~OrderedChunks() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return chunks_.root() == nullptr; }
  [[nodiscard]] Position first() const noexcept { return {chunk(chunks_.first()), 0}; }
  [[nodiscard]] Position last() const noexcept {
    Chunk* const at = chunk(chunks_.last());
    return at == nullptr ? Position() : Position(at, at->count - std::size_t{1});
  }
  // The first slot that `is_after` holds for, where it holds for all that follow one it holds for.
  template <typename Predicate>
  [[nodiscard]] Position first_where(const Predicate& is_after) const noexcept;
  // The last slot before those.
  template <typename Predicate>
  [[nodiscard]] Position last_before(const Predicate& is_after) const noexcept {
    Position after = first_where(is_after);
    if (!after) return last();
    after.to_previous();
    return after;
  }
  // In a chunk that `moved` told of.
  template <typename Predicate>
  [[nodiscard]] static Position within(void* chunk_of_slot, const Predicate& is_wanted) noexcept {
    auto* const at = static_cast<Chunk*>(chunk_of_slot);
    std::size_t index = 0;
    while (!is_wanted(at->slots()[index])) ++index;
    return {at, index};
  }

  void insert(const Slot& slot);  // Throws `std::bad_alloc`, changing nothing.
  void erase(Position at) noexcept;
  void clear() noexcept;

 private:
  static constexpr std::uint16_t max_slots = 64;
  static constexpr std::uint16_t appended_slots = 16;  // Of a new last chunk, to begin with.

  [[nodiscard]] static Chunk* chunk(TreeLink* link) noexcept { return static_cast<Chunk*>(link); }
  [[nodiscard]] static Chunk* allocate(std::uint16_t capacity);
  static void free(Chunk* chunk) noexcept {
    chunk->~Chunk();
    ::operator delete(static_cast<void*>(chunk));
  }
  // Moves slots to the end of another chunk, which has room.
  static void move(Chunk* from, std::size_t begin, Chunk* to) noexcept;
  static void put(Chunk* into, std::size_t index, const Slot& slot) noexcept;
  void hang_behind(Chunk* before, Chunk* added) noexcept;
  Chunk* resize(Chunk* old, std::uint16_t capacity);
  Chunk* split(Chunk* full);
  void append(Chunk* last, const Slot& slot);
  void make_dense(Chunk* thin) noexcept;
  [[nodiscard]] bool merge(Chunk* left, Chunk* right) noexcept;

  LinkTree chunks_;
};

template <typename Order>
template <typename Predicate>
typename OrderedChunks<Order>::Position OrderedChunks<Order>::first_where(
    const Predicate& is_after) const noexcept {
  Chunk* before = nullptr;  // The last chunk whose first slot stands before.
  for (TreeLink* node = chunks_.root(); node != nullptr;) {
    const bool is_past = is_after(chunk(node)->first());
    if (!is_past) before = chunk(node);
    node = is_past ? node->left : node->right;
  }
  if (before == nullptr) return first();
  const Slot* const begin = before->slots();
  const Slot* const found = std::partition_point(begin + 1, begin + before->count,
                                                 [&](const Slot& slot) { return !is_after(slot); });
  if (found != begin + before->count) return {before, static_cast<std::size_t>(found - begin)};
  return {chunk(LinkTree::next(before)), 0};
}

template <typename Order>
typename OrderedChunks<Order>::Chunk* OrderedChunks<Order>::allocate(std::uint16_t capacity) {
  auto* const made = ::new (::operator new(sizeof(Chunk) + capacity * sizeof(Slot))) Chunk();
  made->capacity = capacity;
  return made;
}

template <typename Order>
void OrderedChunks<Order>::move(Chunk* from, std::size_t begin, Chunk* to) noexcept {
  const std::size_t number = from->count - begin;
  std::memcpy(to->slots() + to->count, from->slots() + begin, number * sizeof(Slot));
  for (std::size_t i = 0; i < number; ++i) Order::moved(to->slots()[to->count + i], to);
  to->count = static_cast<std::uint16_t>(to->count + number);
  from->count = static_cast<std::uint16_t>(begin);
}

template <typename Order>
void OrderedChunks<Order>::put(Chunk* into, std::size_t index, const Slot& slot) noexcept {
  Slot* const at = into->slots() + index;
  std::memmove(at + 1, at, (into->count - index) * sizeof(Slot));
  *at = slot;
  ++into->count;
  Order::moved(slot, into);
}

template <typename Order>
void OrderedChunks<Order>::hang_behind(Chunk* before, Chunk* added) noexcept {
  if (before->right == nullptr) return chunks_.insert(added, before, false);
  chunks_.insert(added, LinkTree::next(before), true);
}

template <typename Order>
typename OrderedChunks<Order>::Chunk* OrderedChunks<Order>::resize(Chunk* old,
                                                                   std::uint16_t capacity) {
  Chunk* const other = allocate(capacity);
  move(old, 0, other);
  chunks_.replace(old, other);
  free(old);
  return other;
}

// The upper half goes into a chunk of its own.
template <typename Order>
typename OrderedChunks<Order>::Chunk* OrderedChunks<Order>::split(Chunk* full) {
  Chunk* const upper = allocate(max_slots);
  move(full, max_slots / 2, upper);
  hang_behind(full, upper);
  return upper;
}

// Chunks that only grow at their end stay full.
template <typename Order>
void OrderedChunks<Order>::append(Chunk* last, const Slot& slot) {
  if (last->is_full()) {
    if (last->capacity < max_slots) {
      last = resize(last, static_cast<std::uint16_t>(2 * last->capacity));
    } else {
      Chunk* const added = allocate(appended_slots);
      hang_behind(last, added);
      last = added;
    }
  }
  put(last, last->count, slot);
}

template <typename Order>
void OrderedChunks<Order>::insert(const Slot& slot) {
  if (empty()) {
    Chunk* const only = allocate(1);
    chunks_.insert(only, nullptr, false);
    return put(only, 0, slot);
  }
  Chunk* const last = chunk(chunks_.last());
  if (!Order::less(slot, last->last())) return append(last, slot);
  Position at = first_where([&](const Slot& other) { return Order::less(slot, other); });
  if (at.chunk_->is_full()) {
    if (at.chunk_->capacity < max_slots) {
      at.chunk_ = resize(at.chunk_, static_cast<std::uint16_t>(2 * at.chunk_->capacity));
    } else {
      Chunk* const upper = split(at.chunk_);
      if (at.index_ > at.chunk_->count) at = {upper, at.index_ - at.chunk_->count};
    }
  }
  put(at.chunk_, at.index_, slot);
}

template <typename Order>
void OrderedChunks<Order>::erase(Position at) noexcept {
  Chunk* const from = at.chunk_;
  Slot* const gone = from->slots() + at.index_;
  std::memmove(gone, gone + 1, (from->count - at.index_ - 1) * sizeof(Slot));
  if (--from->count == 0) {
    chunks_.erase(from);
    free(from);
  } else if (from->count <= from->capacity / 2 && from->count % 8 == 0) {
    make_dense(from);  // Now and then: looking at the neighbours costs more than the erasure.
  }
}

template <typename Order>
void OrderedChunks<Order>::make_dense(Chunk* thin) noexcept {
  Chunk* const left = chunk(LinkTree::previous(thin));
  if (left != nullptr && merge(left, thin)) return;
  Chunk* const right = chunk(LinkTree::next(thin));
  if (right != nullptr && merge(thin, right)) return;
  if (thin->count > thin->capacity / 4) return;
  try {
    resize(thin, static_cast<std::uint16_t>(thin->capacity / 2));
  } catch (const std::bad_alloc&) {
    // It stays as large as it is.
  }
}

template <typename Order>
bool OrderedChunks<Order>::merge(Chunk* left, Chunk* right) noexcept {
  // Not up to the brim, so that the next insertion does not split them again.
  if (left->count + right->count > left->capacity - left->capacity / 8) return false;
  move(right, 0, left);
  chunks_.erase(right);
  free(right);
  return true;
}

template <typename Order>
void OrderedChunks<Order>::clear() noexcept {
  while (TreeLink* const any = chunks_.root()) {
    chunks_.erase(any);
    free(chunk(any));
  }
}

}  // namespace holdfast::in_memory
