/// @file
/// Strings of JSON text in their one canonical spelling: the escapes are \" \\ \b \f \n \r \t and
/// \u00xx for the other bytes below 0x20; all else stands for itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "text_builder.hpp"

namespace holdfast {

/// The most bytes that `write_escaped` writes.
inline constexpr std::size_t escaped_size_max = 6;
/// Writes the canonical spelling of an ASCII character at `out`; returns the end.
char* write_escaped(char c, char* out) noexcept;

/// Appends `text`, quoted. False, with an unfinished string appended, when it is not valid UTF-8.
[[nodiscard]] bool append_quoted(std::string_view text, TextBuilder& out);

/// Appends what the canonically spelled `quoted` stands for. False when it is anything else.
[[nodiscard]] bool append_unquoted(std::string_view quoted, std::string& out);

/// The value of four hexadecimal digits in [at, end), or -1.
[[nodiscard]] std::int32_t read_four_hex(const char* at, const char* end) noexcept;

}  // namespace holdfast
