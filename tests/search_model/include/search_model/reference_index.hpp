// An index in the plainest form, for measuring the ranking and as the model that those of the
// stores are compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/indexed_document.hpp"
#include "holdfast/ranker.hpp"

namespace holdfast::testing {

// The documents of one configured namespace. Used by one thread at a time.
class ReferenceIndex {
 public:
  explicit ReferenceIndex(SearchConfig config);

  // Puts a document at a place; one that is there is replaced.
  void put(SearchPlace place, Revision created_revision, const MemoryValue& value,
           Timestamp created_at);
  // Whether one was there.
  bool erase(SearchPlace place);

  [[nodiscard]] std::size_t size() const noexcept { return documents_.size(); }
  [[nodiscard]] std::vector<RankedDocument> search(std::string_view text, std::size_t count) const;
  [[nodiscard]] SearchExplanation explain(std::string_view text, SearchPlace place) const;

 private:
  struct Document {
    Revision created_revision = 0;
    IndexedDocument indexed;
  };
  // What the ranker is given, and the memory it points into.
  struct Query {
    std::vector<std::string> terms;
    std::vector<std::vector<SearchPosting>> postings;
    std::vector<TermPostings> arguments;
  };

  [[nodiscard]] Query query(std::string_view text) const;
  [[nodiscard]] SearchStatistics statistics() const;

  DocumentIndexer indexer_;
  Ranker ranker_;
  std::map<SearchPlace, Document> documents_;
  std::map<std::string, std::map<SearchPlace, std::vector<FieldCount>>, std::less<>> postings_;
  std::vector<std::uint64_t> lengths_;
};

}  // namespace holdfast::testing
