// Comparing an index with the entries that it is made of.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/search.hpp"
#include "posting_list.hpp"

namespace holdfast::search {

// Checks one namespace: told of all its entries, in the order of their creation and expired ones
// included, then of all that the index has of it. Takes memory for the index of that namespace.
class IndexCheck {
 public:
  // All must outlive it. What it finds goes to `report`.
  IndexCheck(const DocumentIndexer& indexer, std::string_view ns, SearchCheck& report);

  void expect(const Record& record);
  void compare_documents(const DocumentList& found);
  // Each term once, with all its postings.
  void compare_postings(std::string_view term, const PostingList& found);
  // Of all vectors that are there or awaited, `created_revision`; ascending.
  void compare_vectors(std::span<const Revision> found);
  // After all terms.
  void finish();
  // Adds what else is wrong in the namespace.
  void report(std::string problem);

 private:
  static constexpr std::size_t max_problems = 100;

  const DocumentIndexer& indexer_;
  std::string ns_;
  SearchCheck& report_;
  DocumentList documents_;
  std::vector<Revision> embedded_;  // Of entries with a text to be embedded.
  std::map<std::string, PostingList, std::less<>> postings_;
};

}  // namespace holdfast::search
