#include "posting_list.hpp"

#include <algorithm>

namespace holdfast::search {

void PostingList::clear() noexcept {
  created_.clear();
  ends_.clear();
  counts_.clear();
}

void PostingList::add(Revision created, std::span<const FieldCount> counts) {
  created_.push_back(created);
  counts_.insert(counts_.end(), counts.begin(), counts.end());
  ends_.push_back(counts_.size());
}

void DocumentList::clear() noexcept {
  created_.clear();
  lengths_.clear();
  std::fill(sums_.begin(), sums_.end(), 0);
}

void DocumentList::add(Revision created, std::span<const std::uint32_t> lengths) {
  created_.push_back(created);
  for (std::size_t i = 0; i < fields(); ++i) {
    lengths_.push_back(lengths[i]);
    sums_[i] += lengths[i];
  }
}

void DocumentList::remove(std::span<const Revision> created) {
  if (created.empty()) return;
  DocumentList kept(fields());
  for (std::size_t i = 0; i < size(); ++i) {
    if (!std::binary_search(created.begin(), created.end(), created_[i])) kept.add(*this, i);
  }
  *this = std::move(kept);
}

}  // namespace holdfast::search
