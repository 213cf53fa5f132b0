/// @file
/// From text to the terms that a search compares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/search.hpp"
#include "holdfast/time.hpp"

namespace holdfast {

/// Turns text into terms: words by Unicode's rules (UAX 29, and ICU's dictionaries where a script
/// has no spaces), NFKC and case folding, irregular forms of English, Snowball stems. Emoji,
/// punctuation and symbols are no words. Immutable; copies are cheap; safe to use from many
/// threads.
///
/// Time and memory are linear in the text. Text that is not valid UTF-8 is read as if U+FFFD stood
/// where it is damaged.
class Analyzer {
 public:
  static constexpr std::size_t max_term_bytes = 64;    ///< The rest of a longer word is left out.
  static constexpr std::size_t max_query_terms = 128;  ///< Further ones are left out.

  /// `language`: one of `languages()`. Throws `InvalidArgument`, naming those, for another.
  explicit Analyzer(std::string_view language = "english");

  /// "none" (words are compared as they stand) and each language that Snowball knows here, sorted.
  [[nodiscard]] static std::vector<std::string> languages();
  [[nodiscard]] const std::string& language() const noexcept;

  /// What the terms depend on: our rules, ICU, Snowball and the language. An index is made anew
  /// when this text is another than the one it was made with. Printable, one line.
  [[nodiscard]] const std::string& version() const noexcept;

  /// Takes a term and says whether to go on. The view lives as long as the call.
  using Sink = std::function<bool(std::string_view term, SentenceKind sentence)>;

  /// Gives the terms of `text` in their order.
  void analyze(std::string_view text, const Sink& sink) const;

  /// A word where it stands in a text.
  struct Word {
    std::size_t offset = 0;  ///< In bytes.
    std::size_t size = 0;    ///< Likewise.
    std::string_view term;   ///< What it is compared by.
  };
  /// Takes a word and says whether to go on. The term lives as long as the call.
  using WordSink = std::function<bool(const Word&)>;

  /// Gives the words of `text` in their order, for showing which of them a query found: those whose
  /// terms are among its `query_terms`.
  void analyze_words(std::string_view text, const WordSink& sink) const;

  /// The terms of a query: each once, in the order of the text, without stop words (English alone
  /// has such) unless there are no others. Nothing in a query is an operator.
  [[nodiscard]] std::vector<std::string> query_terms(std::string_view text) const;

  /// A day in words, such as "Sunday 7 May 2023", in the language (English where ICU lacks it), by
  /// UTC. Empty outside the years 1 to 9999.
  [[nodiscard]] std::string date_words(Timestamp time) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace holdfast
