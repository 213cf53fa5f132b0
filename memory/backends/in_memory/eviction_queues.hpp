// What an evicting store evicts next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "directory.hpp"
#include "entry_block.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::in_memory {

// LRU is approximated by CLOCK: one queue, and an entry used since it was last looked at gets
// another round. S3-FIFO is that of Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you
// need for cache eviction", SOSP 2023: new entries wait in a small queue, a tenth of all, and
// reach the main queue only when used again; what leaves the small queue unused is remembered in
// a ghost queue, and goes to the main queue at once should it come back.
//
// Reads touch only a counter in the block. Every function takes the lock of the queues, the last
// in the order of locks; `Eviction::none` does nothing.
class EvictionQueues {
 public:
  EvictionQueues(Eviction policy, Directory& directory) noexcept
      : policy_(policy), directory_(directory) {}

  [[nodiscard]] bool enabled() const noexcept { return policy_ != Eviction::none; }
  void insert(EntryBlock* block) noexcept;
  void replace(EntryBlock* old, EntryBlock* with) noexcept;  // Counts as a use.
  void erase(EntryBlock* block, bool evicted) noexcept;

  struct Victim {
    BlockRef block;  // Null: there is nothing to evict.
    NamespacePin ns;
  };
  // The entry to evict, which stays in its queue until it is erased. Those that `is_spared` holds
  // for are passed over.
  [[nodiscard]] Victim choose(const std::function<bool(const EntryBlock&)>& is_spared);

 private:
  using Queue = EntryBlock::Queue;
  struct List {
    EntryBlock* newest = nullptr;
    EntryBlock* oldest = nullptr;
    std::size_t size = 0;
  };
  // Hashes of what was evicted, each in the one place that its hash gives it.
  class Ghosts {
   public:
    void remember(std::uint32_t hash, std::size_t kept) noexcept;
    [[nodiscard]] bool take(std::uint32_t hash, std::size_t kept) noexcept;

   private:
    struct Ghost {
      std::uint32_t hash = 0;
      std::uint32_t time = 0;  // Number of the eviction; 0: none.
    };
    std::vector<Ghost> places_;
    std::uint32_t time_ = 0;
  };

  [[nodiscard]] List& list(Queue queue) noexcept { return queue == Queue::small ? small_ : main_; }
  void push(EntryBlock* block, Queue queue) noexcept;
  void unlink(EntryBlock* block) noexcept;
  void move(EntryBlock* block, Queue to) noexcept;
  [[nodiscard]] bool stays(EntryBlock* block) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return small_.size + main_.size; }
  [[nodiscard]] EntryBlock* oldest_not(const std::function<bool(const EntryBlock&)>& is_spared);

  Eviction policy_;
  Directory& directory_;
  std::mutex mutex_;
  List small_;
  List main_;
  Ghosts ghosts_;
};

}  // namespace holdfast::in_memory
