#include "point_table.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::in_memory {
namespace {

constexpr std::uint64_t each_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x8080808080808080;

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

// Six of seven slots.
constexpr std::size_t fillable(std::size_t groups) noexcept { return groups * 6; }

}  // namespace

// Goes through the groups that `hash` may lie in, up to the first with an empty slot.
template <typename Matches>
PointTable::Place PointTable::place_where(std::uint32_t hash,
                                          const Matches& matches) const noexcept {
  if (group_count_ == 0) return {};
  const std::uint64_t wanted = each_byte * tag_of(hash);
  for (std::size_t at = first_group(hash);; at = (at + 1) & (group_count_ - 1)) {
    Group& group = groups_[at];
    const std::uint64_t tags = group.all_tags();
    for (std::uint64_t marks = maybe_zero(tags ^ wanted); marks != 0;
         marks = without_first(marks)) {
      const std::size_t slot = index_of_first(marks);
      if (group.tags[slot] == tag_of(hash) && matches(*group.slots[slot])) return {&group, slot};
    }
    if (has_empty(tags)) return {};
  }
}

EntryBlock* PointTable::find(std::uint32_t hash, const AddressView& address) const noexcept {
  const Place place = place_where(hash, [&](const EntryBlock& block) {
    return block.hash() == hash && block.address() == address;
  });
  return place.group == nullptr ? nullptr : place.group->slots[place.slot];
}

bool PointTable::holds(const EntryBlock& block) const noexcept {
  return place_of(block).group != nullptr;
}

PointTable::Place PointTable::place_of(const EntryBlock& block) const noexcept {
  return place_where(block.hash(), [&](const EntryBlock& other) { return &other == &block; });
}

void PointTable::make_room(std::size_t more) {
  if (more <= unused_) return;
  std::size_t groups = std::max<std::size_t>(group_count_, 1);
  while (fillable(groups) < size_ + more) groups *= 2;
  PointTable larger;
  larger.groups_ = std::make_unique<Group[]>(groups);
  larger.group_count_ = groups;
  larger.unused_ = fillable(groups);
  for_each([&](EntryBlock* block) { larger.insert(block); });
  *this = std::move(larger);
}

void PointTable::insert(EntryBlock* block) noexcept {
  for (std::size_t at = first_group(block->hash());; at = (at + 1) & (group_count_ - 1)) {
    Group& group = groups_[at];
    const std::uint64_t free = ~group.all_tags() & high_bits;
    const std::size_t slot = free == 0 ? slots_of_group : index_of_first(free);
    if (slot == slots_of_group) continue;  // That one is no slot.
    if (group.tags[slot] == empty) --unused_;
    group.tags[slot] = tag_of(block->hash());
    group.slots[slot] = block;
    ++size_;
    return;
  }
}

void PointTable::replace(EntryBlock* old, EntryBlock* with) noexcept {
  const Place place = place_of(*old);
  place.group->slots[place.slot] = with;
}

void PointTable::erase(EntryBlock* block) noexcept {
  const Place place = place_of(*block);
  // Where the group has an empty slot no search goes past it, and this one may become empty too.
  if (has_empty(place.group->all_tags())) {
    place.group->tags[place.slot] = empty;
    ++unused_;
  } else {
    place.group->tags[place.slot] = deleted;
  }
  --size_;
}

std::size_t PointTable::allocated() const noexcept { return group_count_ * sizeof(Group); }

}  // namespace holdfast::in_memory
