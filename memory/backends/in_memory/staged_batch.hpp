// A write in the making: what lies at its addresses, what shall, and the locks that keep it so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index_step.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

// An address of a batch, once, however many operations name it.
struct Staged {
  AddressView address;
  std::uint32_t hash = 0;
  NamespaceIndex* ns = nullptr;    // Null where the batch only checks.
  std::size_t ns_position = 0;     // Of `ns` among the namespaces of the batch.
  EntryBlock* original = nullptr;  // What the table holds: live, expired, a tombstone, or null.
  EntryBlock* live = nullptr;      // What the next operation finds there.
  BlockRef next{};                 // What shall lie there; after the commit, what lay there.
  Revision erased_revision = 0;    // Of the last operation that erased it; 0: it is not logged.
  bool changed = false;
};

// How the revision of a rank (from 0) stands until the commit.
[[nodiscard]] constexpr Revision provisional(std::size_t rank) noexcept {
  return provisional_revision + 1 + static_cast<Revision>(rank);
}

class StagedBatch {
 public:
  struct Target {
    AddressView address;
    bool may_change = true;
  };
  // Sorts out the targets and creates namespaces that are missing.
  StagedBatch(Store& store, std::span<const Target> targets);
  ~StagedBatch();
  StagedBatch(const StagedBatch&) = delete;
  StagedBatch& operator=(const StagedBatch&) = delete;

  // Locks, and looks at what lies there at `now_ms`. May be called again after `unlock`.
  void lock(std::int64_t now_ms, ShardMask also = 0);
  void unlock() noexcept;

  [[nodiscard]] Staged& of_target(std::size_t i) noexcept { return staged_[target_of_[i]]; }
  [[nodiscard]] Revision next_provisional() noexcept { return provisional_revision + ++revisions_; }
  // Instead of asking for one after another: so many, for `provisional`.
  void take_revisions(std::size_t count) noexcept { revisions_ = static_cast<Revision>(count); }

  // Whether an operation has changed something.
  [[nodiscard]] bool has_changes() const noexcept { return revisions_ > 0; }

  // Makes what is staged visible as one step and returns the revision before its first. Where
  // there is no room it changes nothing and fills `refusal`. Throws `std::bad_alloc`.
  [[nodiscard]] Revision commit(Refusal& refusal);

  // Makes room after a refusal, outside the locks: reclaims what is expired at `now_ms`, then
  // evicts others. False where there is no more to be had.
  [[nodiscard]] bool make_room(const Refusal& refusal, std::int64_t now_ms);

 private:
  struct Locks;
  struct Change {
    Budget* budget;
    Usage usage;
  };

  void group(std::span<const Target> targets);
  void pin_namespaces(std::span<const Target> targets);
  void prepare_removals();
  [[nodiscard]] bool is_searchable() const noexcept;
  [[nodiscard]] IndexStep prepare_indexes() const;
  void settle_revisions(Revision base) noexcept;
  void cancel() noexcept;  // After `link_all`.
  void cancel_reservations() noexcept;
  void make_tables_ready();
  // What will lie there enters the orders of its namespaces; and goes out of them.
  void link_all();
  void unlink(std::size_t number) noexcept;  // The first so many of `staged_`.
  void add_change(const NamespaceIndex& ns, const Usage& usage);
  void sum_up();
  [[nodiscard]] Refusal reserve() noexcept;
  void apply() noexcept;
  [[nodiscard]] bool is_own(const EntryBlock& block) const noexcept;

  Store& store_;
  std::vector<Staged> staged_;  // By hash, then address.
  std::vector<std::size_t> target_of_;
  std::vector<NamespacePin> pins_;
  std::vector<NamespaceIndex*> namespaces_;  // Those pinned, in canonical order.
  std::vector<Change> changes_;
  Usage own_;  // What the batch's own addresses will take.
  ShardMask shards_ = 0;
  std::optional<ExclusiveNamespaces> namespace_locks_;
  std::optional<ExclusiveShards> shard_locks_;
  Revision revisions_ = 0;
};

}  // namespace holdfast::in_memory
