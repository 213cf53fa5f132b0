/// @file
/// Random texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace holdfast::conformance {

/// A number below `bound`, the same on every standard library for one seed.
[[nodiscard]] inline std::size_t below_bound(std::mt19937_64& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

/// Appends one code point that is no surrogate.
inline void append_utf8(std::string& text, std::uint32_t code_point) {
  const auto byte = [&text](std::uint32_t bits) { text.push_back(static_cast<char>(bits)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0U | (code_point >> 6));
    byte(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    byte(0xE0U | (code_point >> 12));
    byte(0x80U | ((code_point >> 6) & 0x3FU));
    byte(0x80U | (code_point & 0x3FU));
  } else {
    byte(0xF0U | (code_point >> 18));
    byte(0x80U | ((code_point >> 12) & 0x3FU));
    byte(0x80U | ((code_point >> 6) & 0x3FU));
    byte(0x80U | (code_point & 0x3FU));
  }
}

/// Valid UTF-8 of exactly `bytes` bytes without U+0000, '%' and '/', from everywhere in Unicode, so
/// that no index compresses it.
[[nodiscard]] inline std::string random_utf8(std::mt19937_64& random, std::size_t bytes) {
  std::string text;
  while (text.size() + 4 <= bytes) {
    auto code_point = static_cast<std::uint32_t>(1 + below_bound(random, 0x10FFFF));
    const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
    if (is_surrogate || code_point == '%' || code_point == '/') code_point = 'x';
    append_utf8(text, code_point);
  }
  while (text.size() < bytes) text.push_back(static_cast<char>('a' + below_bound(random, 26)));
  return text;
}

}  // namespace holdfast::conformance
