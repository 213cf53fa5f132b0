#include "json_string.hpp"

#include <array>

#include "json_scan.hpp"
#include "utf8.hpp"

namespace holdfast {
namespace {

/// The letter of a character's short escape, or 0.
char short_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

/// Reads the canonical escape at `at`, a backslash, into `c`; null when it is none.
const char* read_canonical_escape(const char* at, const char* end, char& c) noexcept {
  constexpr std::string_view letters = "\"\\bfnrt";
  constexpr std::string_view meanings = "\"\\\b\f\n\r\t";
  if (end - at < 2) return nullptr;
  const std::size_t index = letters.find(at[1]);
  if (index != std::string_view::npos) {
    c = meanings[index];
    return at + 2;
  }
  if (at[1] != 'u') return nullptr;
  const std::int32_t code_point = read_four_hex(at + 2, end);
  if (code_point < 0 || code_point >= 0x20) return nullptr;
  c = static_cast<char>(code_point);
  std::array<char, escaped_size_max> canonical{};
  const char* const canonical_end = write_escaped(c, canonical.data());
  const std::string_view spelling(canonical.data(),
                                  static_cast<std::size_t>(canonical_end - canonical.data()));
  return std::string_view(at, escaped_size_max) == spelling ? at + escaped_size_max : nullptr;
}

}  // namespace

char* write_escaped(char c, char* out) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  const char letter = short_escape(c);
  const auto byte = static_cast<unsigned char>(c);
  if (letter != '\0') {
    *out++ = '\\';
    *out++ = letter;
  } else if (byte < 0x20) {
    for (const char prefix : std::string_view(R"(\u00)")) *out++ = prefix;
    *out++ = digits[byte >> 4U];
    *out++ = digits[byte & 0xFU];
  } else {
    *out++ = c;
  }
  return out;
}

bool append_quoted(std::string_view text, TextBuilder& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out.ensure_room(text.size() + 2);
  out.append('"');
  while (true) {
    const char* const special = find_special_byte(at, end);
    out.append(std::string_view(at, static_cast<std::size_t>(special - at)));
    if (special == end) break;
    const std::size_t length = valid_code_point_length(special, end);
    if (length == 0) return false;
    if (length == 1) {
      out.ensure_room(escaped_size_max);
      out.advance_to(write_escaped(*special, out.tail()));
    } else {
      out.append(std::string_view(special, length));
    }
    at = special + length;
  }
  out.append('"');
  return true;
}

bool append_unquoted(std::string_view quoted, std::string& out) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return false;
  const char* at = quoted.data() + 1;
  const char* const end = quoted.data() + quoted.size() - 1;
  out.reserve(out.size() + quoted.size() - 2);
  while (true) {
    const char* const special = find_special_byte(at, end);
    out.append(at, special);
    if (special == end) return true;
    if (*special == '\\') {
      char c = '\0';
      at = read_canonical_escape(special, end, c);
      if (at == nullptr) return false;
      out.push_back(c);
      continue;
    }
    const std::size_t length = valid_code_point_length(special, end);
    if (length < 2) return false;
    out.append(special, length);
    at = special + length;
  }
}

std::int32_t read_four_hex(const char* at, const char* end) noexcept {
  if (end - at < 4) return -1;
  std::int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    std::int32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace holdfast
