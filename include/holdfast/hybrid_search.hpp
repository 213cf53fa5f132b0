/// @file
/// Searching by words and by meaning at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "holdfast/embedder.hpp"
#include "holdfast/memory.hpp"

namespace holdfast {

struct HybridQuery {
  static constexpr std::size_t max_candidates = 1'000;

  /// As in `SearchQuery`.
  Scope scope{};
  std::string text{};  ///< Searched for as words, and turned into a vector.
  Filter filter{};
  TimeRange created{};
  TimeRange updated{};
  std::size_t limit = SearchQuery::default_limit;  ///< 1 to `candidates`.
  bool explain = false;                            ///< The words.

  /// So many of the best by words and by vectors are fused; up to `max_candidates`.
  std::size_t candidates = 100;
  /// How much each list counts: finite, not negative, not both 0. A list that counts 0 is not made.
  double words_weight = 1;
  double vectors_weight = 1;
  /// The constant of the fusion, 0 to 10,000: the greater, the less the first ranks stand out.
  double rank_constant = 60;
};

struct HybridHit {
  Entry entry;
  double score = 0;  ///< Of the fusion.
  /// Ranks, from 1 on, and scores in the lists; empty where it is not among the candidates.
  std::optional<std::size_t> words_rank{};
  std::optional<std::size_t> vectors_rank{};
  double words_score = 0;
  double cosine = 0;
  std::optional<SearchExplanation> explanation{};
};

/// Searches one store by words and by the vectors of one embedder, and makes the vectors.
///
/// Entries are written as always; `embed` then makes the vectors of those that have none. So no
/// write waits for a model, and none fails because a model does; what has no vector yet is found by
/// its words. Safe to use from many threads where the embedder is.
class HybridSearch {
 public:
  /// Both must outlive it.
  HybridSearch(Memory& memory, Embedder& embedder) noexcept
      : memory_(memory), embedder_(embedder) {}

  /// `config` with this embedder in its `embedding`.
  [[nodiscard]] SearchConfig with_embedding(SearchConfig config) const;

  /// Makes the vectors of all entries of the scope that have none. Says how many were kept; entries
  /// that were changed meanwhile are taken again.
  ///
  /// Where it throws, what was done stays done. What the embedder throws reaches the caller at
  /// once, but for `InvalidArgument`: then the texts are given to it one by one, and it is thrown
  /// at the end for those that it does not take, naming the first, unless it takes none of the
  /// first few. `FailedPrecondition` where the configuration that governs the namespace names
  /// another model or number of dimensions than the embedder's.
  std::uint64_t embed(const Scope& scope, const Context& context = {});

  /// The best entries: reciprocal rank fusion (Cormack, Clarke and Buettcher, "Reciprocal Rank
  /// Fusion outperforms Condorcet and individual Rank Learning Methods", 2009), for each list
  /// weight / (rank_constant + rank), added up. Of equal scores the one created last comes first.
  /// The two lists are read one after the other: what is written in between may show in one alone.
  [[nodiscard]] std::vector<HybridHit> search(const HybridQuery& query,
                                              const Context& context = {});

 private:
  // `FailedPrecondition` where it is not this embedder's. The configuration that governs `ns`.
  [[nodiscard]] SearchConfig require_config(const Namespace& ns, const Context& context);
  [[nodiscard]] std::vector<std::vector<float>> vectors_of(std::span<const std::string> texts,
                                                           const Context& context);
  class Refusals;
  [[nodiscard]] std::vector<EntryVector> vectors_for(const std::vector<Entry>& entries,
                                                     const SearchConfig& config, Refusals& refusals,
                                                     const Context& context);

  Memory& memory_;
  Embedder& embedder_;
};

}  // namespace holdfast
