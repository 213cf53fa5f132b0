/// @file
/// Looking at eight bytes of JSON text at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast {

/// A bit is set in each byte of the result that is below 0x20, a quote, a backslash or above 0x7F
/// in `word`. A borrow may mark more bytes above the lowest; the lowest is exact.
[[nodiscard]] constexpr std::uint64_t special_bytes(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  const std::uint64_t quote = word ^ (ones * '"');
  const std::uint64_t backslash = word ^ (ones * '\\');
  return ((word - ones * 0x20) | (quote - ones) | (backslash - ones) | word) & (ones * 0x80);
}

/// Eight bytes, the first in memory lowest, so that a borrow runs towards later bytes.
[[nodiscard]] inline std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// The index of the first byte among those marked in `marks`, which must not be zero.
[[nodiscard]] inline std::size_t first_marked(std::uint64_t marks) noexcept {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

[[nodiscard]] inline bool is_special_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x80;
}

/// The first byte in [at, end) that a string cannot simply hold: a control character, a quote, a
/// backslash or a byte beyond ASCII; `end` when there is none.
[[nodiscard]] inline const char* find_special_byte(const char* at, const char* end) noexcept {
  while (end - at >= 8) {
    const std::uint64_t marks = special_bytes(load_word(at));
    if (marks != 0) return at + first_marked(marks);
    at += 8;
  }
  while (at != end && !is_special_byte(*at)) ++at;
  return at;
}

/// The first quote or backslash in [at, end), or `end`: what can end a string.
[[nodiscard]] inline const char* find_quote_or_backslash(const char* at, const char* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  while (end - at >= 8) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t quote = word ^ (ones * '"');
    const std::uint64_t backslash = word ^ (ones * '\\');
    const std::uint64_t marks =
        (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & (ones * 0x80);
    if (marks != 0) return at + first_marked(marks);
    at += 8;
  }
  while (at != end && *at != '"' && *at != '\\') ++at;
  return at;
}

}  // namespace holdfast
