#include "support/key_ranges.hpp"

#include <cstddef>

namespace holdfast::support {

namespace {

constexpr std::string_view greatest_character = "\xf4\x8f\xbf\xbf";  // U+10FFFF

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The code point after `character`, which is below U+10FFFF. In UTF-8 the order of code points is
// that of their bytes.
std::string next_character(std::string_view character) {
  std::string next(character);
  // Counts up as an odometer does whose digits are the continuation bytes, 0x80 to 0xbf.
  for (std::size_t i = next.size(); i-- > 1;) {
    if (next[i] != '\xbf') {
      ++next[i];
      return next == "\xed\xa0\x80" ? "\xee\x80\x80" : next;  // Surrogates are no characters.
    }
    next[i] = '\x80';
  }
  switch (static_cast<unsigned char>(next[0])) {
    case 0x7f:
      return "\xc2\x80";
    case 0xdf:
      return "\xe0\xa0\x80";
    case 0xef:
      return "\xf0\x90\x80\x80";
    default:
      ++next[0];
      return next;
  }
}

}  // namespace

const std::string& after_all_text() {
  static const std::string text = [] {
    constexpr int longer_than_all = 1024 / 4 + 1;
    std::string repeated;
    for (int i = 0; i < longer_than_all; ++i) repeated += greatest_character;
    return repeated;
  }();
  return text;
}

TextRange own_range(std::string_view ns) {
  const std::string path(ns);
  // U+0000 stands in no text, so nothing lies between a path and the path with U+0001 behind it.
  return {path, path + '\x01'};
}

SubtreeRanges::SubtreeRanges(std::string_view ns) {
  if (ns.empty()) {
    own = {"", after_all_text()};
    return;
  }
  own = own_range(ns);
  const std::string path(ns);
  below = {path + '/', path + static_cast<char>('/' + 1)};
}

std::string end_of_prefix(std::string_view prefix) {
  while (!prefix.empty()) {
    std::size_t start = prefix.size() - 1;
    while (start > 0 && is_continuation(prefix[start])) --start;
    const std::string_view last = prefix.substr(start);
    prefix.remove_suffix(last.size());
    if (last != greatest_character) return std::string(prefix) + next_character(last);
  }
  return after_all_text();
}

}  // namespace holdfast::support
