// A hash set of blocks by address: a byte of the hash for each slot, all of a cache line's looked
// at at once.
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

  // Fetches what `find` looks at first.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const noexcept {
    if (groups_ != nullptr) __builtin_prefetch(&groups_[first_group(hash)]);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t allocated() const noexcept;
  // Calls `visit` with every block.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t at = 0; at < group_count_; ++at) {
      for (std::size_t i = 0; i < slots_of_group; ++i) {
        if ((groups_[at].tags[i] & full) != 0) visit(groups_[at].slots[i]);
      }
    }
  }

 private:
  static constexpr std::uint8_t empty = 0;
  static constexpr std::uint8_t deleted = 1;
  static constexpr std::uint8_t full = 0x80;  // With seven bits of the hash below.
  static constexpr std::size_t slots_of_group = 7;
  // One cache line, so that a search waits for memory twice: for the group and for the block.
  struct alignas(64) Group {
    // The last one belongs to no slot, and is never empty.
    std::uint8_t tags[slots_of_group + 1] = {empty, empty, empty, empty,
                                             empty, empty, empty, deleted};
    EntryBlock* slots[slots_of_group] = {};

    [[nodiscard]] std::uint64_t all_tags() const noexcept {
      std::uint64_t all = 0;
      std::memcpy(&all, tags, sizeof all);
      return all;
    }
  };
  struct Place {
    Group* group = nullptr;  // Null: nowhere.
    std::size_t slot = 0;
  };

  [[nodiscard]] static std::uint8_t tag_of(std::uint32_t hash) noexcept {
    return static_cast<std::uint8_t>(full | (hash & 0x7f));
  }
  // The shard takes the highest six bits, the tag the lowest seven.
  [[nodiscard]] std::size_t first_group(std::uint32_t hash) const noexcept {
    return (hash >> 7) & (group_count_ - 1);
  }
  template <typename Matches>
  [[nodiscard]] Place place_where(std::uint32_t hash, const Matches& matches) const noexcept;
  [[nodiscard]] Place place_of(const EntryBlock& block) const noexcept;

  std::unique_ptr<Group[]> groups_;
  std::size_t group_count_ = 0;  // Zero or a power of two.
  std::size_t size_ = 0;
  std::size_t unused_ = 0;  // Empty slots that may still be filled.
};

}  // namespace holdfast::in_memory
