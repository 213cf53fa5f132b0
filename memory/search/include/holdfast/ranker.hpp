/// @file
/// Ranking by BM25F over the postings of a query's terms (docs/design/0008-search-ranking.md).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/indexed_document.hpp"
#include "holdfast/search.hpp"
#include "holdfast/search_config.hpp"

namespace holdfast {

/// Where a document stands: the documents of one sequence (those of one namespace) have positions
/// in order of insertion. Documents at positions 7 and 8 of one sequence are neighbours.
struct SearchPlace {
  std::uint32_t sequence = 0;
  std::uint32_t position = 0;

  [[nodiscard]] friend auto operator<=>(const SearchPlace&, const SearchPlace&) = default;
};

/// That a document has a term.
struct SearchPosting {
  SearchPlace place;
  std::span<const FieldCount> counts;  ///< As `TermCounts::counts` of the document has them.
};

/// A term of a query, and what the index holds of it.
struct TermPostings {
  std::string_view term;
  std::uint64_t documents = 0;              ///< How many of the scope have it.
  std::span<const SearchPosting> postings;  ///< Those of the scope, ascending by place.
};

/// Integer statistics of the scope that is searched. What lies outside it is no part of them.
struct SearchStatistics {
  std::uint64_t documents = 0;
  std::vector<std::uint64_t> lengths;  ///< Sums of `IndexedDocument::lengths`, field by field.
};

/// One document found.
struct RankedDocument {
  SearchPlace place;
  Revision created_revision = 0;
  double score = 0;  ///< A multiple of 1e-6, greater than 0.

  [[nodiscard]] friend bool operator==(const RankedDocument&, const RankedDocument&) = default;
};

/// The documents of a query, best first. Equal scores: the one inserted last comes first.
class SearchRanking {
 public:
  /// The `created_revision` of the document at a place; empty where none is (any more), or where it
  /// shall not be found (a filter, a deadline). Asked about once for each place at the most, and
  /// about few places beyond those taken.
  using Resolver = std::function<std::optional<Revision>(SearchPlace)>;

  SearchRanking(SearchRanking&&) noexcept;
  SearchRanking& operator=(SearchRanking&&) noexcept;
  ~SearchRanking();

  /// The next `count` documents; fewer where there are no more.
  [[nodiscard]] std::vector<RankedDocument> take(std::size_t count, const Resolver& resolve);

 private:
  friend class Ranker;
  struct State;
  explicit SearchRanking(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

/// Scores documents. A pure function of its arguments: the same terms, statistics and postings give
/// the same scores on every backend. Immutable; safe to use from many threads.
class Ranker {
 public:
  /// Throws `InvalidArgument` for a configuration that `SearchConfig::check` refuses.
  explicit Ranker(SearchConfig config);

  /// Time: linear in the postings. The terms may come in any order; a term that stands twice counts
  /// once. Throws `Internal` where postings are not in ascending order, and where there are not as
  /// many lengths as fields.
  [[nodiscard]] SearchRanking rank(std::span<const TermPostings> terms,
                                   const SearchStatistics& statistics) const;

  /// Why the document at `place` has its score.
  [[nodiscard]] SearchExplanation explain(std::span<const TermPostings> terms,
                                          const SearchStatistics& statistics,
                                          SearchPlace place) const;

 private:
  SearchConfig config_;
};

}  // namespace holdfast
