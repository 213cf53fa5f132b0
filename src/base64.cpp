#include "base64.hpp"

#include <array>
#include <cstdint>

namespace holdfast {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(not_a_digit);
  for (std::uint8_t value = 0; value < alphabet.size(); ++value) {
    values[static_cast<unsigned char>(alphabet[value])] = value;
  }
  return values;
}();

std::uint8_t digit(char c) noexcept { return digit_values[static_cast<unsigned char>(c)]; }

/// The number of '=' at the end, 0 to 2.
std::size_t padding(std::string_view text) noexcept {
  if (!text.ends_with('=')) return 0;
  return text.ends_with("==") ? 2 : 1;
}

std::uint32_t byte_value(std::byte byte) noexcept { return std::to_integer<std::uint32_t>(byte); }

}  // namespace

char* write_base64(std::span<const std::byte> bytes, char* out) noexcept {
  std::size_t at = 0;
  const auto put = [&out](std::uint32_t bits) { *out++ = alphabet[bits & 0x3FU]; };
  for (; bytes.size() - at >= 3; at += 3) {
    const std::uint32_t group =
        byte_value(bytes[at]) << 16U | byte_value(bytes[at + 1]) << 8U | byte_value(bytes[at + 2]);
    put(group >> 18U);
    put(group >> 12U);
    put(group >> 6U);
    put(group);
  }
  const std::size_t rest = bytes.size() - at;
  if (rest == 0) return out;
  const std::uint32_t second = rest == 2 ? byte_value(bytes[at + 1]) : 0;
  const std::uint32_t group = byte_value(bytes[at]) << 16U | second << 8U;
  put(group >> 18U);
  put(group >> 12U);
  if (rest == 2) {
    put(group >> 6U);
  } else {
    *out++ = '=';
  }
  *out++ = '=';
  return out;
}

std::string encode_base64(std::span<const std::byte> bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  write_base64(bytes, text.data());
  return text;
}

bool is_canonical_base64(std::string_view text) noexcept {
  if (text.size() % 4 != 0) return false;
  const std::size_t padded = padding(text);
  const std::string_view digits = text.substr(0, text.size() - padded);
  std::uint8_t seen = 0;
  for (const char c : digits) seen = static_cast<std::uint8_t>(seen | digit(c));
  if ((seen & 0xC0U) != 0) return false;
  // The bits of the last digit that stand for no byte must be zero.
  const unsigned unused = padded == 2 ? 0x0FU : padded == 1 ? 0x03U : 0U;
  return padded == 0 || (digit(digits.back()) & unused) == 0;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  if (!is_canonical_base64(text)) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - padding(text));
  std::vector<std::byte> bytes;
  bytes.reserve(digits.size() * 3 / 4);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : digits) {
    group = group << 6U | digit(c);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::byte>(group >> bits));
    }
  }
  return bytes;
}

}  // namespace holdfast
