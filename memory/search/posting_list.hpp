// What an index holds of one term, or of the documents, in one namespace: in memory, ascending by
// `created_revision`, which is unique in a namespace and gives the order of insertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/indexed_document.hpp"

namespace holdfast::search {

// Postings of a term. Spans that it gave are valid until it is changed.
class PostingList {
 public:
  void clear() noexcept;
  // Behind the others: `created` is greater than that of each.
  void add(Revision created, std::span<const FieldCount> counts);
  void add(const PostingList& other, std::size_t i) { add(other.created(i), other.counts(i)); }

  [[nodiscard]] std::size_t size() const noexcept { return created_.size(); }
  [[nodiscard]] Revision created(std::size_t i) const noexcept { return created_[i]; }
  [[nodiscard]] std::span<const FieldCount> counts(std::size_t i) const noexcept {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::span(counts_).subspan(begin, ends_[i] - begin);
  }

 private:
  std::vector<Revision> created_;
  std::vector<std::size_t> ends_;
  std::vector<FieldCount> counts_;
};

// The documents, with the lengths of their fields. All have as many fields.
class DocumentList {
 public:
  explicit DocumentList(std::size_t fields) : sums_(fields) {}

  void clear() noexcept;
  // Behind the others. `lengths`: one for each field.
  void add(Revision created, std::span<const std::uint32_t> lengths);
  void add(const DocumentList& other, std::size_t i) { add(other.created(i), other.lengths(i)); }
  // Takes out those of `created` that are there; ascending. Linear where there are some.
  void remove(std::span<const Revision> created);

  [[nodiscard]] std::size_t fields() const noexcept { return sums_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return created_.size(); }
  [[nodiscard]] Revision created(std::size_t i) const noexcept { return created_[i]; }
  [[nodiscard]] const std::vector<Revision>& all_created() const noexcept { return created_; }
  [[nodiscard]] std::span<const std::uint32_t> lengths(std::size_t i) const noexcept {
    return std::span(lengths_).subspan(i * fields(), fields());
  }
  // Of the lengths, field by field.
  [[nodiscard]] const std::vector<std::uint64_t>& sums() const noexcept { return sums_; }

 private:
  std::vector<Revision> created_;
  std::vector<std::uint32_t> lengths_;
  std::vector<std::uint64_t> sums_;
};

}  // namespace holdfast::search
