/// @file
/// How the texts that a search looked at are shown to people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "holdfast/analyzer.hpp"
#include "holdfast/search.hpp"

namespace holdfast::program {

/// Shows texts, escaped. On a terminal the words that a query found stand out, and of a long text
/// there is a passage about the first of them; anywhere else a text is shown as a whole.
class FoundText {
 public:
  /// @param columns of the terminal; 0 where there is none.
  FoundText(const SearchConfig& config, std::string_view query, std::size_t columns);

  /// The lines of a text, each behind `indent`; ends with a line feed.
  [[nodiscard]] std::string show(std::string_view text, std::string_view indent) const;

 private:
  struct Word {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool found = false;
  };
  struct Passage {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  [[nodiscard]] std::vector<Word> words_of(std::string_view text) const;
  [[nodiscard]] Passage passage_of(std::string_view text, const std::vector<Word>& words) const;

  std::size_t columns_;
  std::optional<Analyzer> analyzer_;  ///< On a terminal.
  std::unordered_set<std::string> terms_;
};

/// The texts of a hit's fields of one kind, in the order of the configuration.
[[nodiscard]] std::vector<std::string> texts_of(const SearchConfig& config, SearchField::Kind kind,
                                                const MemoryValue& value);

/// A hit as a line of JSON: the entry, `score`, and `explanation` where there is one.
[[nodiscard]] std::string hit_json(const SearchHit& hit, const SearchConfig& config);

/// Why a hit has its score, for people: a line for each term; ends with a line feed.
[[nodiscard]] std::string explanation_text(const SearchExplanation& explanation,
                                           const SearchConfig& config, std::string_view indent);

}  // namespace holdfast::program
