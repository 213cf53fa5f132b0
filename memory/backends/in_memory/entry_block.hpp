// One entry in one allocation: counters, metadata, links of every index, key and value.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "holdfast/backend.hpp"
#include "holdfast/shared_text.hpp"
#include "tree.hpp"

namespace holdfast::in_memory {

class NamespaceIndex;
class EntryBlock;

struct KeyLink : TreeLink {};
struct CreatedLink : TreeLink {};
struct RevisionLink : TreeLink {};

// For the queues of an evicting store; guarded by the lock of its queues.
struct QueueLink {
  EntryBlock* previous = nullptr;
  EntryBlock* next = nullptr;
};

// What an allocation of `bytes` takes with the C library's allocator, its head included.
[[nodiscard]] constexpr std::size_t allocated_bytes(std::size_t bytes) noexcept {
  const std::size_t chunk = (bytes + sizeof(void*) + 15) & ~std::size_t{15};
  return chunk < 32 ? 32 : chunk;
}

// An entry, or the tombstone of one (no value). Once published nothing changes but the links,
// `heap_position` (both guarded by the lock of `ns`) and `frequency`. Values that were read share
// the block and keep it alive; they do not look at `ns`, which may be gone by then.
class EntryBlock final : public SharedBlock,
                         public KeyLink,
                         public CreatedLink,
                         public RevisionLink {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // Throws `std::bad_alloc`. The links of queues are there where `with_queue_link` says so.
  [[nodiscard]] static EntryBlock* create(std::uint32_t hash, std::string_view key,
                                          std::string_view value, bool with_queue_link);

  [[nodiscard]] std::string_view key() const noexcept { return {text(), key_bytes_}; }
  [[nodiscard]] std::string_view value() const noexcept {
    return {text() + key_bytes_, value_bytes_};
  }
  [[nodiscard]] std::uint32_t hash() const noexcept { return hash_; }
  [[nodiscard]] AddressView address() const noexcept;
  [[nodiscard]] bool is_tombstone() const noexcept { return is_tombstone_; }
  void become_tombstone() noexcept { is_tombstone_ = true; }
  [[nodiscard]] bool is_live(std::int64_t now_ms) const noexcept {
    return !is_tombstone_ && now_ms < expires_at_ms;
  }
  [[nodiscard]] Record record(Detail detail) const;
  [[nodiscard]] std::size_t logical_bytes() const noexcept;
  [[nodiscard]] QueueLink& queue_link() noexcept { return *reinterpret_cast<QueueLink*>(this + 1); }

  // What a block for these sizes adds to the store: its allocation and its share of the tables.
  [[nodiscard]] static std::size_t cost(std::size_t key_bytes, std::size_t value_bytes,
                                        bool with_queue_link) noexcept;
  [[nodiscard]] std::size_t cost() const noexcept {
    return cost(key_bytes_, value_bytes_, has_queue_link_);
  }

  // Remembers a read, for eviction: one relaxed store, and none where it is known already.
  void mark_used() noexcept {
    const std::uint8_t seen = frequency.load(std::memory_order_relaxed);
    if (seen < 3) frequency.store(static_cast<std::uint8_t>(seen + 1), std::memory_order_relaxed);
  }

  Revision created_revision = 0;
  Revision revision = 0;
  std::int64_t created_at_ms = 0;
  std::int64_t updated_at_ms = 0;
  std::int64_t expires_at_ms = never;
  NamespaceIndex* ns = nullptr;

 private:
  EntryBlock(std::uint32_t hash, std::size_t key_bytes, std::size_t value_bytes,
             bool with_queue_link) noexcept;
  [[nodiscard]] const char* text() const noexcept {
    return reinterpret_cast<const char*>(this + 1) + (has_queue_link_ ? sizeof(QueueLink) : 0);
  }

  std::uint32_t hash_;
  std::uint32_t value_bytes_;

 public:
  std::uint32_t heap_position = 0;  // In the namespace's heap of deadlines, where it has one.
  std::atomic<std::uint8_t> frequency{0};
  enum class Queue : std::uint8_t { none, small, main } queue = Queue::none;

 private:
  std::uint16_t key_bytes_;
  bool is_tombstone_ = false;
  bool has_queue_link_;
};

// A reference to a block.
struct ReleaseBlock {
  void operator()(EntryBlock* block) const noexcept { block->release(); }
};
using BlockRef = std::unique_ptr<EntryBlock, ReleaseBlock>;

}  // namespace holdfast::in_memory
