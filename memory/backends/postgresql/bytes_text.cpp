#include "bytes_text.hpp"

#include <cstddef>

namespace holdfast::postgresql {

namespace {

unsigned digit_of(char c) noexcept {
  return static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0');
}

}  // namespace

std::string bytea_text(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(text.size() + 2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 0x0fU];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(digit_of(text[i]) << 4U | digit_of(text[i + 1]));
  }
  return bytes;
}

}  // namespace holdfast::postgresql
