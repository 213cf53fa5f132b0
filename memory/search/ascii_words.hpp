// Words of text in ASCII, without ICU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "holdfast/analyzer.hpp"
#include "word_text.hpp"

namespace holdfast::search {

enum class AsciiKind : std::uint8_t {
  other,
  letter,
  digit,
  underscore,
  dot,         // Joins letters, and digits. Ends a sentence where it joins nothing.
  apostrophe,  // Joins letters, and digits.
  comma,       // Joins digits; the semicolon as well.
  question,    // Ends a sentence that asks.
  end,         // Ends a sentence.
};

[[nodiscard]] constexpr AsciiKind ascii_kind(char c) noexcept {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return AsciiKind::letter;
  if (c >= '0' && c <= '9') return AsciiKind::digit;
  switch (c) {
    case '_':
      return AsciiKind::underscore;
    case '.':
      return AsciiKind::dot;
    case '\'':
      return AsciiKind::apostrophe;
    case ',':
    case ';':
      return AsciiKind::comma;
    case '?':
      return AsciiKind::question;
    case '!':
    case '\n':
      return AsciiKind::end;
    default:
      return AsciiKind::other;
  }
}

inline constexpr auto ascii_kinds = [] {
  std::array<AsciiKind, 128> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = ascii_kind(static_cast<char>(i));
  return kinds;
}();

// Where the word that begins at `start` ends: UAX 29, rules 5 to 13, as far as ASCII goes. Colons
// are left out, which join letters in some versions of ICU: `for_each_part` parts words there. No
// @ stands in the text.
[[nodiscard]] inline std::size_t ascii_word_end(std::string_view text, std::size_t start) noexcept {
  const auto kind = [&](std::size_t i) { return ascii_kinds[static_cast<unsigned char>(text[i])]; };
  const auto is_in_word = [](AsciiKind of) {
    return of == AsciiKind::letter || of == AsciiKind::digit || of == AsciiKind::underscore;
  };
  std::size_t end = start;
  while (true) {
    while (end < text.size() && is_in_word(kind(end))) ++end;
    if (end + 1 >= text.size()) return end;
    const AsciiKind before = kind(end - 1);
    const AsciiKind between = kind(end);
    const bool joins_both = between == AsciiKind::dot || between == AsciiKind::apostrophe;
    const bool joins = (joins_both && before == AsciiKind::letter) ||
                       ((joins_both || between == AsciiKind::comma) && before == AsciiKind::digit);
    if (!joins || kind(end + 1) != before) return end;
    ++end;
  }
}

// Calls `on_word` with the words of a text in ASCII without @, and `on_end` with how sentences end,
// until one says false; returns what it said last. Gives what ICU's words and `sentence_end` give.
template <typename OnWord, typename OnEnd>
bool walk_ascii(std::string_view text, const OnWord& on_word, const OnEnd& on_end) {
  for (std::size_t i = 0; i < text.size();) {
    switch (ascii_kinds[static_cast<unsigned char>(text[i])]) {
      case AsciiKind::letter:
      case AsciiKind::digit:
      case AsciiKind::underscore: {
        const std::size_t end = ascii_word_end(text, i);
        if (!for_each_part(text.substr(i, end - i), on_word)) return false;
        i = end;
        continue;
      }
      case AsciiKind::question:
        if (!on_end(SentenceKind::asked)) return false;
        break;
      case AsciiKind::dot:
      case AsciiKind::end:
        if (!on_end(SentenceKind::said)) return false;
        break;
      default:
        break;
    }
    ++i;
  }
  return true;
}

}  // namespace holdfast::search
