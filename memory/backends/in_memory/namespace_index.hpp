// The entries of one namespace in each of their orders, with exact counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "budget.hpp"
#include "deadline_heap.hpp"
#include "deadline_schedule.hpp"
#include "entry_block.hpp"
#include "namespace_postings.hpp"
#include "ordered_chunks.hpp"
#include "read_write_lock.hpp"

namespace holdfast::in_memory {

struct ByKey {
  using Slot = EntryBlock*;
  static bool less(const Slot& a, const Slot& b) noexcept { return a->key() < b->key(); }
  [[gnu::always_inline]] static void prefetch(const Slot& slot) noexcept { slot->prefetch(); }
  static void moved(const Slot& slot, void* chunk) noexcept { slot->key_chunk = chunk; }
};
struct ByRevision {
  struct Slot {
    Revision at;
    EntryBlock* block;
  };
  static bool less(const Slot& a, const Slot& b) noexcept { return a.at < b.at; }
  [[gnu::always_inline]] static void prefetch(const Slot& slot) noexcept { slot.block->prefetch(); }
  static void moved(const Slot&, void*) noexcept {}
};
using KeyOrder = OrderedChunks<ByKey>;
using RevisionOrder = OrderedChunks<ByRevision>;

// The block of a slot, whatever its order.
[[nodiscard]] inline EntryBlock* block_of(EntryBlock* slot) noexcept { return slot; }
[[nodiscard]] inline EntryBlock* block_of(const ByRevision::Slot& slot) noexcept {
  return slot.block;
}

// Revisions are given out at the commit. Until then the k-th of a batch stands as this plus k.
inline constexpr Revision provisional_revision = Revision{1} << 62;

// Of all namespaces of a store. Changed with a shard's lock held: who holds all of them reads it as
// of one state.
struct NamespaceTally {
  std::atomic<std::uint64_t> held{0};          // That hold anything, be it a tombstone.
  std::atomic<std::uint64_t> with_entries{0};  // Expired ones included.
};

// Members below `lock` are read under it shared and changed under it exclusively. Entries are
// counted with the expired ones that were not reclaimed; tombstones stand apart.
class NamespaceIndex {
 public:
  NamespaceIndex(std::string_view text, std::vector<Budget*> budgets, DeadlineSchedule& schedule,
                 NamespaceTally& tally)
      : text_(text), budgets_(std::move(budgets)), schedule_(schedule), tally_(tally) {}

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // The quotas that entries here count towards.
  [[nodiscard]] const std::vector<Budget*>& budgets() const noexcept { return budgets_; }
  // What a namespace that is not empty adds to the store's bytes.
  [[nodiscard]] std::size_t cost() const noexcept;

  // How many use it, and whether it is empty; see Directory.
  std::atomic<std::uint32_t> pins{is_empty_bit};
  static constexpr std::uint32_t is_empty_bit = 1U << 31;

  // The schedule's own.
  std::size_t schedule_position = DeadlineSchedule::nowhere;

  ReadWriteLock lock;

  // What every write looks at stands together.
  RevisionOrder by_revision;
  std::unique_ptr<NamespacePostings> postings;  // Null where no search configuration governs it.
  std::uint64_t entries = 0;
  std::uint64_t logical_bytes = 0;
  std::uint64_t tombstone_count = 0;
  KeyOrder by_key;
  RevisionOrder by_created;
  RevisionOrder tombstones;
  DeadlineHeap deadlines;
  [[nodiscard]] bool is_empty() const noexcept { return entries + tombstone_count == 0; }
  // Of all entries; `EntryBlock::never` where none expires. Changed under `lock`, read without.
  std::atomic<std::int64_t> earliest_deadline_ms{EntryBlock::never};
  void note_earliest() noexcept;  // After a change of `deadlines`.

  // A change is entered in two steps: `link` may fail, and `put` cannot. `old` is what lies there
  // (an entry, a tombstone, or null), and `next` what shall.
  void link(const EntryBlock* old, EntryBlock* next);             // Throws `std::bad_alloc`.
  void unlink(const EntryBlock* old, EntryBlock* next) noexcept;  // Takes `link` back.
  // Room in `deadlines` must have been made.
  void put(EntryBlock* old, EntryBlock* next) noexcept;
  void remove(EntryBlock* block) noexcept;
  // The same for an entry that is given another value where it lies.
  void link_anew(EntryBlock* block);
  void put_anew(EntryBlock* block, Revision revision) noexcept;
  // Gives slots with provisional revisions theirs, or takes them out of the tombstones.
  void settle_provisional(Revision base) noexcept;
  void forget_provisional_tombstones() noexcept;
  // Takes all entries out at once, and the tombstones as well where `all` says so.
  void empty(bool all) noexcept;

  struct Expired {
    std::uint64_t entries = 0;
    std::uint64_t logical_bytes = 0;
  };
  [[nodiscard]] Expired expired(std::int64_t now_ms) const;

 private:
  void link_entry(const EntryBlock* old, EntryBlock* next);
  void put_entry(EntryBlock* old, EntryBlock* next) noexcept;
  void remove_entry(EntryBlock* block) noexcept;
  void count(const EntryBlock& block, bool added) noexcept;
  void note_emptiness() noexcept;

  std::string text_;
  std::vector<Budget*> budgets_;
  DeadlineSchedule& schedule_;
  NamespaceTally& tally_;
};

}  // namespace holdfast::in_memory
