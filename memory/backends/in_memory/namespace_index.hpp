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
#include "entry_block.hpp"
#include "namespace_postings.hpp"
#include "read_write_lock.hpp"
#include "tree.hpp"

namespace holdfast::in_memory {

struct ByKey {
  bool operator()(const EntryBlock& a, const EntryBlock& b) const noexcept {
    return a.key() < b.key();
  }
};
struct ByCreated {
  bool operator()(const EntryBlock& a, const EntryBlock& b) const noexcept {
    return a.created_revision < b.created_revision;
  }
};
struct ByRevision {
  bool operator()(const EntryBlock& a, const EntryBlock& b) const noexcept {
    return a.revision < b.revision;
  }
};
using KeyTree = Tree<EntryBlock, KeyLink, ByKey>;
using CreatedTree = Tree<EntryBlock, CreatedLink, ByCreated>;
using RevisionTree = Tree<EntryBlock, RevisionLink, ByRevision>;

// Members below `lock` are read under it shared and changed under it exclusively. Entries are
// counted with the expired ones that were not reclaimed; tombstones stand apart.
class NamespaceIndex {
 public:
  NamespaceIndex(std::string_view text, std::vector<Budget*> budgets)
      : text_(text), budgets_(std::move(budgets)) {}

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // The quotas that entries here count towards.
  [[nodiscard]] const std::vector<Budget*>& budgets() const noexcept { return budgets_; }
  // What a namespace that is not empty adds to the store's bytes.
  [[nodiscard]] std::size_t cost() const noexcept;

  // How many use it, and whether it is empty; see Directory.
  std::atomic<std::uint32_t> pins{is_empty_bit};
  static constexpr std::uint32_t is_empty_bit = 1U << 31;

  ReadWriteLock lock;

  KeyTree by_key;
  CreatedTree by_created;
  RevisionTree by_revision;
  RevisionTree tombstones;
  DeadlineHeap deadlines;
  std::unique_ptr<NamespacePostings> postings;  // Null where no search configuration governs it.
  std::uint64_t entries = 0;
  std::uint64_t logical_bytes = 0;
  std::uint64_t tombstone_count = 0;
  [[nodiscard]] bool is_empty() const noexcept { return entries + tombstone_count == 0; }
  // Of all entries; `EntryBlock::never` where none expires. Changed under `lock`, read without.
  std::atomic<std::int64_t> earliest_deadline_ms{EntryBlock::never};

  // Room in `deadlines` must have been made. `block` is an entry or a tombstone.
  void add(EntryBlock* block) noexcept;
  void remove(EntryBlock* block) noexcept;
  // Both have the same key.
  void replace(EntryBlock* old, EntryBlock* with) noexcept;

  struct Expired {
    std::uint64_t entries = 0;
    std::uint64_t logical_bytes = 0;
  };
  [[nodiscard]] Expired expired(std::int64_t now_ms) const;

 private:
  void count(const EntryBlock& block, bool added) noexcept;
  void note_earliest() noexcept;

  std::string text_;
  std::vector<Budget*> budgets_;
};

}  // namespace holdfast::in_memory
