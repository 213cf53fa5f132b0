// One entry in one allocation: counters, metadata, address and value.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "holdfast/backend.hpp"
#include "holdfast/shared_text.hpp"

namespace holdfast::in_memory {

class NamespaceIndex;
class EntryBlock;

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

// An entry, or the tombstone of one (no value). Once published nothing changes but `key_chunk`,
// `heap_position` (both guarded by the lock of `ns`) and `frequency`; and, where nobody else holds
// a reference, what `overwrite` says. Values that were read share the block and keep it alive; they
// do not look at `ns`, which may be gone by then.
class EntryBlock final : public SharedBlock {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // Throws `std::bad_alloc`. The links of queues are there where `with_queue_link` says so.
  [[nodiscard]] static EntryBlock* create(std::uint32_t hash, const AddressView& address,
                                          std::string_view value, ValueKind kind,
                                          bool with_queue_link);

  // Namespace, key and value lie one after the other, so that a comparison touches no other memory.
  [[nodiscard]] AddressView address() const noexcept {
    return {{text(), ns_bytes_}, {text() + ns_bytes_, key_bytes_}};
  }
  [[nodiscard]] std::string_view key() const noexcept { return address().key; }
  [[nodiscard]] std::string_view value() const noexcept {
    return {text() + ns_bytes_ + key_bytes_, value_bytes_};
  }
  [[nodiscard]] ValueKind kind() const noexcept { return kind_; }
  [[nodiscard]] MemoryValue shared_value() const noexcept {
    return MemoryValue::from_canonical(SharedText::sharing(this, value()), kind_);
  }
  [[nodiscard]] std::uint32_t hash() const noexcept { return hash_; }
  [[nodiscard]] bool is_tombstone() const noexcept { return is_tombstone_; }
  void become_tombstone() noexcept { is_tombstone_ = true; }
  [[nodiscard]] bool is_live(std::int64_t now_ms) const noexcept {
    return !is_tombstone_ && now_ms < expires_at_ms;
  }
  [[nodiscard]] Record record(Detail detail) const;
  [[nodiscard]] std::size_t logical_bytes() const noexcept {
    return std::size_t{ns_bytes_} + key_bytes_ + value_bytes_;
  }
  [[nodiscard]] QueueLink& queue_link() noexcept { return *reinterpret_cast<QueueLink*>(this + 1); }

  // What a block for these sizes adds to the store: its allocation and its share of the tables.
  [[nodiscard]] static std::size_t cost(std::size_t address_bytes, std::size_t value_bytes,
                                        bool with_queue_link) noexcept;
  [[nodiscard]] std::size_t cost() const noexcept {
    return cost(std::size_t{ns_bytes_} + key_bytes_, value_bytes_, has_queue_link_);
  }

  // Whether `value` could take the place of the one that is here: nobody else sees the block, and
  // it costs the same. The locks of the namespace and the shard are held exclusively.
  [[nodiscard]] bool can_hold_instead(std::string_view value) const noexcept;
  void overwrite(std::string_view value, ValueKind kind) noexcept;

  // Remembers a read, for eviction: one relaxed store, and none where it is known already.
  void mark_used() noexcept {
    const std::uint8_t seen = frequency.load(std::memory_order_relaxed);
    if (seen < 3) frequency.store(static_cast<std::uint8_t>(seen + 1), std::memory_order_relaxed);
  }
  // Fetches what a walk looks at. Always inlined, as is who calls it: GCC 12 takes a function that
  // does nothing but fetch for one without effect, and leaves out calls of it.
  [[gnu::always_inline]] void prefetch() const noexcept {
    constexpr std::size_t line = 64;
    const char* const begin = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < 3 * line; at += line) __builtin_prefetch(begin + at);
  }

 private:
  EntryBlock(std::uint32_t hash, const AddressView& address, std::size_t value_bytes,
             ValueKind kind, bool with_queue_link) noexcept;
  [[nodiscard]] const char* text() const noexcept {
    return reinterpret_cast<const char*>(this + 1) + (has_queue_link_ ? sizeof(QueueLink) : 0);
  }
  [[nodiscard]] char* text() noexcept {
    return const_cast<char*>(static_cast<const EntryBlock*>(this)->text());
  }

  // What a search for an address looks at comes first.
  std::uint32_t hash_;
  std::uint32_t value_bytes_;
  std::uint16_t ns_bytes_;
  std::uint16_t key_bytes_;
  bool is_tombstone_ = false;
  bool has_queue_link_;
  ValueKind kind_;

 public:
  std::atomic<std::uint8_t> frequency{0};
  enum class Queue : std::uint8_t { none, small, main } queue = Queue::none;

  std::int64_t expires_at_ms = never;
  Revision created_revision = 0;
  Revision revision = 0;
  std::int64_t created_at_ms = 0;
  std::int64_t updated_at_ms = 0;
  NamespaceIndex* ns = nullptr;
  void* key_chunk = nullptr;        // Where it lies in the order by key, once it does.
  std::uint32_t heap_position = 0;  // In the namespace's heap of deadlines, where it has one.
};

// A reference to a block.
struct ReleaseBlock {
  void operator()(EntryBlock* block) const noexcept { block->release(); }
};
using BlockRef = std::unique_ptr<EntryBlock, ReleaseBlock>;

}  // namespace holdfast::in_memory
