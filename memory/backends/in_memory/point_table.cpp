#include "point_table.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::in_memory {
namespace {

constexpr std::uint64_t each_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x8080808080808080;
constexpr std::size_t nowhere = ~std::size_t{0};

// The high bit of each byte of `word` that is zero, and perhaps of some above such a byte.
std::uint64_t maybe_zero(std::uint64_t word) noexcept {
  return (word - each_byte) & ~word & high_bits;
}

// Bytes stand in memory order, whatever the machine's: the lowest index first.
std::size_t index_of_first(std::uint64_t marks) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  } else {
    return static_cast<std::size_t>(std::countl_zero(marks)) / 8;
  }
}

std::uint64_t without_first(std::uint64_t marks) noexcept {
  if constexpr (std::endian::native == std::endian::little) return marks & (marks - 1);
  return marks & ~std::bit_floor(marks);
}

bool has_empty(std::uint64_t tags) noexcept {
  // `empty` is 0 and `deleted` 1: exact, since borrows can only mark a 1 above a 0.
  return maybe_zero(tags) != 0;
}

constexpr std::size_t fillable(std::size_t capacity) noexcept { return capacity / 8 * 7; }

}  // namespace

// Goes through the groups that `hash` may lie in, up to the first with an empty slot.
template <typename Matches>
std::size_t PointTable::slot_where(std::uint32_t hash, const Matches& matches) const noexcept {
  if (capacity_ == 0) return nowhere;
  const std::uint64_t wanted = each_byte * tag_of(hash);
  const std::size_t mask = capacity_ / group - 1;
  for (std::size_t at = first_group(hash);; at = (at + 1) & mask) {
    const std::uint64_t tags = tags_at(at);
    for (std::uint64_t marks = maybe_zero(tags ^ wanted); marks != 0;
         marks = without_first(marks)) {
      const std::size_t slot = at * group + index_of_first(marks);
      if (tags_[slot] == tag_of(hash) && matches(*slots_[slot])) return slot;
    }
    if (has_empty(tags)) return nowhere;
  }
}

EntryBlock* PointTable::find(std::uint32_t hash, const AddressView& address) const noexcept {
  const std::size_t slot = slot_where(hash, [&](const EntryBlock& block) {
    return block.hash() == hash && block.address() == address;
  });
  return slot == nowhere ? nullptr : slots_[slot];
}

bool PointTable::holds(const EntryBlock& block) const noexcept { return slot_of(block) != nowhere; }

std::size_t PointTable::slot_of(const EntryBlock& block) const noexcept {
  return slot_where(block.hash(), [&](const EntryBlock& other) { return &other == &block; });
}

void PointTable::make_room(std::size_t more) {
  if (more <= unused_) return;
  std::size_t capacity = std::max(capacity_, group);
  while (fillable(capacity) < size_ + more) capacity *= 2;
  PointTable larger;
  larger.tags_ = std::make_unique<std::uint8_t[]>(capacity);
  larger.slots_ = std::make_unique_for_overwrite<EntryBlock*[]>(capacity);
  larger.capacity_ = capacity;
  larger.unused_ = fillable(capacity);
  for_each([&](EntryBlock* block) { larger.insert(block); });
  *this = std::move(larger);
}

void PointTable::insert(EntryBlock* block) noexcept {
  const std::size_t mask = capacity_ / group - 1;
  for (std::size_t at = first_group(block->hash());; at = (at + 1) & mask) {
    const std::uint64_t free = ~tags_at(at) & high_bits;
    if (free == 0) continue;
    const std::size_t slot = at * group + index_of_first(free);
    if (tags_[slot] == empty) --unused_;
    tags_[slot] = tag_of(block->hash());
    slots_[slot] = block;
    ++size_;
    return;
  }
}

void PointTable::replace(EntryBlock* old, EntryBlock* with) noexcept {
  slots_[slot_of(*old)] = with;
}

void PointTable::erase(EntryBlock* block) noexcept {
  const std::size_t slot = slot_of(*block);
  // Where the group has an empty slot no search goes past it, and this one may become empty too.
  if (has_empty(tags_at(slot / group))) {
    tags_[slot] = empty;
    ++unused_;
  } else {
    tags_[slot] = deleted;
  }
  --size_;
}

std::size_t PointTable::allocated() const noexcept {
  return capacity_ * (sizeof(EntryBlock*) + sizeof(std::uint8_t));
}

}  // namespace holdfast::in_memory
