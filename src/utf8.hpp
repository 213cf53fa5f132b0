/// @file
/// UTF-8 as the Unicode standard defines it: no overlong forms, no surrogates, at most U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast {

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// The length, 1 to 4, of the code point that begins at `first`; 0 when none that is valid and
/// complete does. `first` must be below `end`.
[[nodiscard]] std::size_t valid_code_point_length(const char* first, const char* end) noexcept;

/// The length, 1 to 4, of the code point that begins with `lead`, in text known to be valid.
[[nodiscard]] constexpr std::size_t code_point_length(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

/// Writes `code_point`, which must be a scalar value, at `out` (up to 4 bytes); returns the end.
char* write_utf8(std::uint32_t code_point, char* out) noexcept;

}  // namespace holdfast
