/// @file
/// What of a namespace's values a search finds, and how much each part counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/filter.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

/// Where in a value the text of a field lies: a `Path` in which `[*]` stands for every element of a
/// list, as in `content[*].text`. The empty text is the value itself.
class SearchPath {
 public:
  SearchPath() = default;
  /// Throws `InvalidArgument`, naming the offset, for text of another form.
  SearchPath(std::string_view text);
  SearchPath(const char* text) : SearchPath(std::string_view(text)) {}
  SearchPath(const std::string& text) : SearchPath(std::string_view(text)) {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Gives what lies there, in the order of the lists; nothing where the path leads nowhere.
  void resolve(const MemoryValue& value, const std::function<void(const MemoryValue&)>& sink) const;
  [[nodiscard]] friend bool operator==(const SearchPath& a, const SearchPath& b) noexcept {
    return a.text_ == b.text_;
  }

 private:
  std::string text_;
  std::vector<Path> parts_ = {Path()};  // Between them, the elements of a list.
};

/// A part of a value that a search looks at. Strings are taken, and lists of strings through
/// `[*]`; other kinds contribute nothing, but for dates.
struct SearchField {
  enum class Kind : std::uint8_t {
    text,  ///< Words, counted.
    name,  ///< Who speaks. A query's word that is such a name anywhere counts here alone.
    date,  ///< A day, found by its words: an integer (ms since the epoch), text that begins
           ///< `YYYY-MM-DD`, or, with the empty path, the entry's `created_at`.
  };

  SearchPath path;
  Kind kind = Kind::text;
  int weight = 100;  ///< In percent, 1 to 1,000. For a name, the score of a match: 100 is 1.0.

  [[nodiscard]] friend bool operator==(const SearchField&, const SearchField&) = default;
};

/// How much, in percent (0 to 1,000), the words of the entries around an entry count for it as
/// well: those of the nearest entry first.
struct SearchNeighbours {
  std::vector<int> before;
  std::vector<int> after;

  [[nodiscard]] friend bool operator==(const SearchNeighbours&, const SearchNeighbours&) = default;
};

/// Which vectors are kept beside the entries (docs/design/0009-vectors.md).
struct SearchEmbedding {
  static constexpr std::size_t max_model_bytes = 256;
  static constexpr int max_dimensions = 16'000;

  std::string model;   ///< The name of what makes them: vectors of different models do not compare.
  int dimensions = 0;  ///< 1 to `max_dimensions`.

  [[nodiscard]] friend bool operator==(const SearchEmbedding&, const SearchEmbedding&) = default;
};

/// What is indexed and how it is ranked (docs/design/0008-search-ranking.md).
struct SearchConfig {
  static constexpr std::size_t max_fields = 16;
  static constexpr std::size_t max_reach = 4;  ///< How far away a neighbour can be.
  static constexpr int max_percent = 1'000;

  std::vector<SearchField> fields;   ///< None: nothing is found.
  std::string language = "english";  ///< One of `Analyzer::languages()`.
  /// An entry with `true` at this path is not found, whatever else it holds; empty: each is.
  std::optional<SearchPath> unless{};
  std::optional<SearchEmbedding> embedding{};  ///< Empty: no vectors are kept.

  int asked = 100;                    ///< Weight, in percent, of words in questions.
  SearchNeighbours said_neighbours;   ///< For words outside questions.
  SearchNeighbours asked_neighbours;  ///< For words in questions.
  int saturation = 120;               ///< BM25's k1 in percent, 1 to 1,000.
  int length_share = 75;              ///< BM25's b in percent, 0 to 100, for fields of text.

  /// Entries that no search finds.
  [[nodiscard]] static SearchConfig nothing() { return {}; }
  /// Independent entries with text at these paths.
  [[nodiscard]] static SearchConfig texts(const std::vector<SearchPath>& paths);
  /// The turns of conversations: content, who speaks, when, and the turns around.
  [[nodiscard]] static SearchConfig conversation();

  /// Throws `InvalidArgument`, saying what is wrong and what is allowed. The language is checked
  /// where it is used, by `Analyzer`.
  void check() const;

  /// Whether `unless` keeps the entry from being found.
  [[nodiscard]] bool leaves_out(const MemoryValue& value) const;
  /// What a model is to make a vector of: the texts of the value, one a line, after "NAME: " where
  /// it has a name. Empty where there is no text, and where the entry shall not be found.
  [[nodiscard]] std::string text_to_embed(const MemoryValue& value) const;

  /// The form in which it is stored. `from_value` reads it back to an equal one, takes the defaults
  /// for members that are left out, and throws `InvalidArgument`, naming the member, for anything
  /// else.
  [[nodiscard]] MemoryValue to_value() const;
  [[nodiscard]] static SearchConfig from_value(const MemoryValue& value);

  [[nodiscard]] friend bool operator==(const SearchConfig&, const SearchConfig&) = default;
};

}  // namespace holdfast
