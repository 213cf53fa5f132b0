// A hash set of blocks by address: a byte of the hash beside each slot, eight looked at at once.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "entry_block.hpp"

namespace holdfast::in_memory {

// Not synchronised. Only `make_room` allocates: what follows it cannot fail.
class PointTable {
 public:
  [[nodiscard]] EntryBlock* find(std::uint32_t hash, const AddressView& address) const noexcept;
  [[nodiscard]] bool holds(const EntryBlock& block) const noexcept;

  // Makes the next `more` insertions find room. Throws `std::bad_alloc`, changing nothing.
  void make_room(std::size_t more);
  void insert(EntryBlock* block) noexcept;  // One whose address is not there.
  void replace(EntryBlock* old, EntryBlock* with) noexcept;
  void erase(EntryBlock* block) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t allocated() const noexcept;
  // Calls `visit` with every block.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = 0; i < capacity_; ++i) {
      if ((tags_[i] & full) != 0) visit(slots_[i]);
    }
  }

 private:
  static constexpr std::uint8_t empty = 0;
  static constexpr std::uint8_t deleted = 1;
  static constexpr std::uint8_t full = 0x80;  // With seven bits of the hash below.
  static constexpr std::size_t group = 8;

  [[nodiscard]] static std::uint8_t tag_of(std::uint32_t hash) noexcept {
    return static_cast<std::uint8_t>(full | (hash & 0x7f));
  }
  // The shard takes the highest six bits, the tag the lowest seven.
  [[nodiscard]] std::size_t first_group(std::uint32_t hash) const noexcept {
    return (hash >> 7) & (capacity_ / group - 1);
  }
  [[nodiscard]] std::uint64_t tags_at(std::size_t group_index) const noexcept {
    std::uint64_t tags = 0;
    std::memcpy(&tags, tags_.get() + group_index * group, group);
    return tags;
  }
  template <typename Matches>
  [[nodiscard]] std::size_t slot_where(std::uint32_t hash, const Matches& matches) const noexcept;
  [[nodiscard]] std::size_t slot_of(const EntryBlock& block) const noexcept;

  std::unique_ptr<std::uint8_t[]> tags_;
  std::unique_ptr<EntryBlock*[]> slots_;
  std::size_t capacity_ = 0;  // Zero or a power of two, at least `group`.
  std::size_t size_ = 0;
  std::size_t unused_ = 0;  // Empty slots that may still be filled.
};

}  // namespace holdfast::in_memory
