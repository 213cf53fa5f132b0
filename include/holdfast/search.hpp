/// @file
/// Searching by words (contract, clause 13): what is asked, what is found, and the optional
/// interface of a backend that keeps an index for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/context.hpp"
#include "holdfast/entry.hpp"
#include "holdfast/filter.hpp"
#include "holdfast/namespace.hpp"
#include "holdfast/query.hpp"
#include "holdfast/search_config.hpp"
#include "holdfast/vectors.hpp"

namespace holdfast {

/// How the sentence of a term ends: a question is told apart from all else, since what answers it
/// mostly stands in the turn after it.
enum class SentenceKind : std::uint8_t { said, asked };

/// Why an entry has its score.
struct SearchExplanation {
  /// What one field of one entry added: a share of its term's score.
  struct Part {
    int offset = 0;           ///< 0: the entry itself; -1: the entry before it.
    std::uint32_t field = 0;  ///< Which of `SearchConfig::fields`.
    SentenceKind sentence = SentenceKind::said;
    double score = 0;
  };
  struct Term {
    std::string term;
    double rarity = 0;  ///< The factor for a rare term (idf); 0 where the term is a name.
    double score = 0;   ///< The sum of those of the parts.
    std::vector<Part> parts;
  };

  double score = 0;         ///< The sum of those of the terms, rounded to 1e-6: that of the hit.
  std::vector<Term> terms;  ///< Bytewise; those that add something.
};

struct SearchQuery {
  static constexpr std::size_t default_limit = 10;
  static constexpr std::size_t max_limit = 1'000;
  static constexpr std::size_t max_text_bytes = std::size_t{16} << 20;

  /// The namespace, or its subtree. It is searched by the configuration that governs `scope.ns`;
  /// namespaces below it that have one of their own have no part in it.
  Scope scope{};
  std::string text{};  ///< Words. Nothing in it is an operator.
  /// These leave out hits. They have no part in the scores.
  Filter filter{};
  TimeRange created{};
  TimeRange updated{};
  std::size_t limit = default_limit;  ///< 1 to `max_limit`.
  bool explain = false;
  /// Empty: from the best on; otherwise the `cursor` of an earlier page of the same query, of which
  /// only `limit` and `explain` may differ. What is written in between can move hits over the seam.
  std::string cursor{};
};

struct SearchHit {
  Entry entry;
  /// A multiple of 1e-6. Of a search by words greater than 0, and meaning nothing beside other
  /// queries; of one by a vector the cosine, -1 to 1.
  double score = 0;
  std::optional<SearchExplanation> explanation{};
};

struct SearchPage {
  std::vector<SearchHit> hits;  ///< Best first; of equal scores the one created last comes first.
  std::string cursor;           ///< For the page after this one; empty: there is none.
};

/// A namespace that has a configuration of its own. It governs the namespace and all below it that
/// have none.
struct SearchConfiguration {
  Namespace ns;
  SearchConfig config;
  std::string analyzer_version;  ///< Of the analyzer that the index was made with.
  /// The index was made with another analyzer than the one that is here: searching and checking it
  /// are `FailedPrecondition` until it is made anew.
  bool needs_reindex = false;
};

/// The one that governs a namespace: its own, or that of the nearest one above; null: none.
[[nodiscard]] const SearchConfiguration* governing(std::span<const SearchConfiguration> all,
                                                   std::string_view ns) noexcept;

/// What a check of an index found.
struct SearchCheck {
  std::uint64_t documents = 0;        ///< Entries that were compared with the index.
  std::vector<std::string> problems;  ///< What is wrong and where; empty: nothing. At most 100.
};

/// Where a ranking goes on: after the hit that has these.
struct RankedPosition {
  std::int64_t micros = 0;  ///< The score in millionths.
  Revision created_revision = 0;
};

/// What a backend is asked; the rest of a `SearchQuery` is not its concern.
struct SearchRequest {
  const Scope& scope;
  const std::string& text;
  std::optional<RankedPosition> after{};
};

/// A hit as an index delivers it; valid during the call of the sink, but for the value, which owns
/// its text.
struct RankedRow {
  AddressView address;
  const Record& record;
  std::int64_t micros = 0;
  const std::function<SearchExplanation()>& explain;
};

/// Takes hits, best first, until it returns false. May throw, which ends the search. Must not call
/// the store.
using RankedSink = std::function<bool(const RankedRow&)>;

/// The optional interface of a backend that keeps an index of words beside its entries, changed in
/// the same step as they are. Arguments arrive validated. Safe to use from many threads, while
/// others read and write the store.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  /// Sorted by namespace.
  [[nodiscard]] virtual std::vector<SearchConfiguration> configurations(const Context& context) = 0;
  /// Gives a namespace a configuration, or takes it away (null), and brings the index of all that
  /// it governs in line, as one step; writers of the store may wait meanwhile. A configuration that
  /// is there already changes nothing. Whether anything was changed.
  virtual bool configure(const Namespace& ns, const SearchConfig* config,
                         const Context& context) = 0;
  /// Delivers the hits, live at the call's instant and all from one state, in their order.
  virtual void search(const SearchRequest& request, const RankedSink& sink,
                      const Context& context) = 0;
  /// Makes the index of all that the configuration of `ns` governs anew; says how many entries that
  /// were. `FailedPrecondition` where `ns` has none of its own.
  virtual std::uint64_t reindex(const Namespace& ns, const Context& context) = 0;
  /// Compares the index with the entries, likewise. Changes nothing.
  [[nodiscard]] virtual SearchCheck check(const Namespace& ns, const Context& context) = 0;

  // Vectors, where a configuration has `SearchConfig::embedding`. `FailedPrecondition` where the
  // one that governs a namespace has none, `InvalidArgument` for vectors of another length. A
  // vector goes in the step in which its entry goes or is given another text.

  /// Keeps each vector whose entry is live and still has the revision, in one step for each
  /// namespace; the others are left. Says how many were kept.
  virtual std::uint64_t put_vectors(std::span<const VectorRow> vectors, const Context& context) = 0;
  /// Delivers the live entries of the scope that have a text to be embedded and no vector: by
  /// namespace, and within it in the order of creation.
  virtual void without_vector(const Scope& scope, const EntrySink& sink,
                              const Context& context) = 0;
  /// Delivers all vectors of the scope whose entries are live, in the same order.
  virtual void vectors(const Scope& scope, const VectorSink& sink, const Context& context) = 0;
  /// Delivers the live entries of the scope that have a vector, by the cosine between it and that
  /// of the request, in millionths, as `search` does. Rows have no explanation.
  virtual void nearest(const VectorRequest& request, const RankedSink& sink,
                       const Context& context) = 0;
};

}  // namespace holdfast
