/// @file
/// Entries of consecutive lines that are written together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "holdfast/change.hpp"
#include "holdfast/entry.hpp"

namespace holdfast::program {

/// No two of its entries have the same address.
class ImportBatch {
 public:
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool is_full() const noexcept;
  [[nodiscard]] bool holds(const Entry& entry) const;
  void add(Entry entry, std::uint64_t line);

  [[nodiscard]] const Entry& entry(std::size_t index) const { return entries_[index]; }
  [[nodiscard]] std::uint64_t line(std::size_t index) const { return lines_[index]; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> lines_;
  std::set<Address> addresses_;
  std::size_t bytes_ = 0;
};

/// Numbers the steps of a batch that assigns revisions, so that entries keep the order in which
/// they were created, and that in which they were last written. Those whose revisions are equal
/// have the order of the steps. Returns how many numbers there are.
std::size_t rank_by_revisions(std::span<RestoreOp> ops);
/// The same, in the order of the steps alone.
std::size_t rank_by_place(std::span<RestoreOp> ops);

}  // namespace holdfast::program
