// Small rules about the text of words.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/analyzer.hpp"

namespace holdfast::search {

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

// The beginning of `text` in whole code points, of at most `bytes`.
[[nodiscard]] std::string_view prefix_of(std::string_view text, std::size_t bytes) noexcept;

// Typographic apostrophes become '.
void use_plain_apostrophes(std::string& word);

// Drops a possessive 's at the end and every other apostrophe.
void drop_apostrophes(std::string& word);

// Whether the language writes articles that lose their vowel before a noun: "l'eau", "dell'anno".
[[nodiscard]] bool elides(std::string_view language) noexcept;

// Drops up to four letters and an apostrophe at the beginning.
void drop_elided_article(std::string& word);

// How the sentence before a piece of text without words ends; empty where the piece ends none.
[[nodiscard]] std::optional<SentenceKind> sentence_end(std::string_view between_words) noexcept;

// Calls `on_part` with the parts of a word of ICU's until it says false; returns what it said last.
template <typename OnPart>
bool for_each_part(std::string_view word, const OnPart& on_part) {
  const auto is_digit = [&](std::size_t i) { return word[i] >= '0' && word[i] <= '9'; };
  std::size_t start = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '.' && word[i] != ':' && word[i] != '_') continue;
    const bool in_number = i > 0 && i + 1 < word.size() && is_digit(i - 1) && is_digit(i + 1);
    if (in_number) continue;
    if (i > start && !on_part(word.substr(start, i - start))) return false;
    start = i + 1;
  }
  return start == word.size() || on_part(word.substr(start));
}

// Terms in the order in which they came first, so many at the most.
class DistinctTerms {
 public:
  explicit DistinctTerms(std::size_t most) : most_(most) {}

  void add(const std::string& term) {
    if (!is_full() && seen_.insert(term).second) terms_.push_back(term);
  }
  [[nodiscard]] bool is_full() const noexcept { return terms_.size() == most_; }
  [[nodiscard]] bool is_empty() const noexcept { return terms_.empty(); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(terms_); }

 private:
  std::size_t most_;
  std::vector<std::string> terms_;
  std::set<std::string> seen_;
};

}  // namespace holdfast::search
