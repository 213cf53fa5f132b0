// The state of an in-memory store and the steps that every change is made of.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "budget.hpp"
#include "directory.hpp"
#include "eviction_queues.hpp"
#include "holdfast/in_memory.hpp"
#include "keyed_hash.hpp"
#include "notes.hpp"
#include "point_table.hpp"
#include "read_write_lock.hpp"

namespace holdfast::in_memory {

// A sixty-fourth of all entries. The table is read under the lock shared; who changes it also
// holds the lock of the entry's namespace exclusively.
struct alignas(64) Shard {
  ReadWriteLock lock;
  PointTable table;
  std::uint64_t entries = 0;
  std::uint64_t logical_bytes = 0;

  void count(const EntryBlock* old, const EntryBlock* with) noexcept;  // Both may be null.
};

inline constexpr std::size_t shard_count = 64;
using ShardMask = std::uint64_t;
inline constexpr ShardMask all_shards = ~ShardMask{0};
using Shards = std::array<Shard, shard_count>;

[[nodiscard]] constexpr std::size_t shard_of(std::uint32_t hash) noexcept { return hash >> 26; }
[[nodiscard]] constexpr ShardMask mask_of(std::uint32_t hash) noexcept {
  return ShardMask{1} << shard_of(hash);
}

// Locks of several shards, taken in their order.
template <bool exclusive>
class ShardLocks {
 public:
  ShardLocks(Shards& shards, ShardMask mask) noexcept : shards_(shards), mask_(mask) {
    for_each([](ReadWriteLock& lock) { exclusive ? lock.lock() : lock.lock_shared(); });
  }
  ShardLocks(const ShardLocks&) = delete;
  ShardLocks& operator=(const ShardLocks&) = delete;
  ~ShardLocks() {
    for_each([](ReadWriteLock& lock) { exclusive ? lock.unlock() : lock.unlock_shared(); });
  }

 private:
  template <typename Visit>
  void for_each(const Visit& visit) noexcept {
    for (ShardMask rest = mask_; rest != 0; rest &= rest - 1) {
      visit(shards_[static_cast<std::size_t>(std::countr_zero(rest))].lock);
    }
  }

  Shards& shards_;
  ShardMask mask_;
};
using ExclusiveShards = ShardLocks<true>;
using SharedShards = ShardLocks<false>;

// Why a write found no room.
struct Refusal {
  Budget* budget = nullptr;  // Null: it found room.
  LimitedBy by = LimitedBy::nothing;
  Usage change;
};

class Store {
 public:
  explicit Store(const InMemoryOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const InMemoryOptions options;
  const std::shared_ptr<Clock> clock;
  KeyedHash hash;
  Budget budget;
  std::vector<SubtreeBudget> quotas;
  Directory directory;
  EvictionQueues queues;
  Shards shards;
  Notes notes;
  std::atomic<Revision> last_revision{0};
  std::atomic<bool> was_written{false};  // By anything but `restore`.
  std::atomic<std::uint64_t> expired{0};
  std::atomic<std::uint64_t> evicted{0};

  [[nodiscard]] std::int64_t now_ms(const Context& context);
  // The end of a TTL that begins now; `EntryBlock::never` without one.
  [[nodiscard]] static std::int64_t deadline_ms(std::int64_t now_ms,
                                                const std::optional<Ttl>& ttl) noexcept;
  [[nodiscard]] EntryBlock* create_block(std::uint32_t hash, const AddressView& address,
                                         std::string_view value, ValueKind kind) const;
  // A tombstone for `block`, or null where the store keeps none.
  [[nodiscard]] BlockRef create_tombstone(std::uint32_t block_hash, const AddressView& address,
                                          NamespaceIndex* ns) const;

  // The steps of a change; locks of the namespace and the shard are held exclusively, room in both
  // was made, and `with` is linked in its namespace. Neither counts what it changes in any budget
  // nor frees `old`.
  void put(EntryBlock* old, EntryBlock* with, bool is_eviction = false) noexcept;  // `old` or null.
  void drop(EntryBlock* old, bool is_eviction = false) noexcept;

  // By how much putting `with` where `old` lies changes what is used; both may be null.
  [[nodiscard]] static Usage change_of(const EntryBlock* old, const EntryBlock* with) noexcept;
  // Gives back what was freed in a namespace, to the store and its quotas.
  void settle(const NamespaceIndex& ns, const Usage& change) noexcept;

  // Reclaims up to `max_entries` expired entries below `subtree`, a few for each lock taken.
  std::size_t reclaim_expired(std::string_view subtree, std::size_t max_entries,
                              std::int64_t now_ms);

  // Evicts one entry; false where there is none but the spared.
  bool evict_one(const std::function<bool(const EntryBlock&)>& is_spared);

  // Takes everything out of a namespace; locks of it and of all shards are held exclusively.
  enum class Traces : std::uint8_t { as_configured, none };  // Without any, tombstones go, too.
  struct Emptied {
    Traces traces;
    std::vector<BlockRef> blocks{};      // What lay there, to be freed after unlocking.
    std::vector<BlockRef> tombstones{};  // To be put in their place.
  };
  // After it, the one or the other of those that follow.
  [[nodiscard]] Emptied prepare_emptying(NamespaceIndex& ns, Traces traces) const;
  void empty(NamespaceIndex& ns, Emptied& emptied) noexcept;
  static void cancel_emptying(NamespaceIndex& ns) noexcept { ns.forget_provisional_tombstones(); }

 private:
  // Erases an entry that nobody asked to be erased. Its namespace is locked exclusively. False
  // where it is no longer there.
  bool discard(EntryBlock& block, bool is_eviction);
  std::size_t reclaim_in(NamespaceIndex& ns, std::size_t max_entries, std::int64_t now_ms);

  std::mutex reclaim_mutex_;  // Taken before any other lock.
};

}  // namespace holdfast::in_memory
