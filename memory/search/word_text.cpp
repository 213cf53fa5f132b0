#include "word_text.hpp"

#include <algorithm>
#include <array>

namespace holdfast::search {
namespace {

constexpr std::string_view typographic_apostrophe = "\u2019";

// Beside ASCII's: Arabic, Greek, full width.
constexpr auto question_marks = std::to_array<std::string_view>({"?", "؟", "\u037e", "？"});
constexpr auto other_ends =
    std::to_array<std::string_view>({".", "!", "\n", "…", "。", "！", "।", "۔"});

template <std::size_t Size>
bool contains_any(std::string_view text, const std::array<std::string_view, Size>& marks) noexcept {
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
    return text.find(mark) != std::string_view::npos;
  });
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view prefix_of(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

void use_plain_apostrophes(std::string& word) {
  for (std::size_t at = word.find(typographic_apostrophe); at != std::string::npos;
       at = word.find(typographic_apostrophe, at)) {
    word.replace(at, typographic_apostrophe.size(), "'");
  }
}

void drop_apostrophes(std::string& word) {
  if (word.ends_with("'s")) word.resize(word.size() - 2);
  std::erase(word, '\'');
}

bool elides(std::string_view language) noexcept {
  return language == "french" || language == "italian" || language == "catalan";
}

void drop_elided_article(std::string& word) {
  constexpr std::size_t longest_article = 4;
  const std::size_t apostrophe = word.find('\'');
  if (apostrophe <= longest_article && apostrophe + 1 < word.size()) word.erase(0, apostrophe + 1);
}

std::optional<SentenceKind> sentence_end(std::string_view between_words) noexcept {
  if (contains_any(between_words, question_marks)) return SentenceKind::asked;
  if (contains_any(between_words, other_ends)) return SentenceKind::said;
  return std::nullopt;
}

}  // namespace holdfast::search
