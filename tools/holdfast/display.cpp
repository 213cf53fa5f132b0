#include "display.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace holdfast::program {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// Decodes the first code point; an invalid byte is taken by itself.
CodePoint decode(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {lead, 1, false};
  char32_t value = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return {lead, 1, false};
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool outside = value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff);
  if (overlong || outside) return {lead, 1, false};
  return {value, length, true};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool in_ranges(const std::array<Range, N>& ranges, char32_t c) noexcept {
  const auto* const after = std::upper_bound(
      ranges.data(), ranges.data() + N, c, [](char32_t v, const Range& r) { return v < r.first; });
  return after != ranges.data() && c <= (after - 1)->last;
}

constexpr std::array<Range, 13> zero_width{{{0x0300, 0x036f},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05bd},
                                            {0x0610, 0x061a},
                                            {0x064b, 0x065f},
                                            {0x093a, 0x093a},
                                            {0x0e34, 0x0e3a},
                                            {0x1ab0, 0x1aff},
                                            {0x200b, 0x200f},
                                            {0x20d0, 0x20ff},
                                            {0xfe00, 0xfe0f},
                                            {0xfe20, 0xfe2f},
                                            {0xe0100, 0xe01ef}}};

constexpr std::array<Range, 14> double_width{{{0x1100, 0x115f},
                                              {0x2e80, 0x303e},
                                              {0x3041, 0x33ff},
                                              {0x3400, 0x4dbf},
                                              {0x4e00, 0x9fff},
                                              {0xa000, 0xa4cf},
                                              {0xac00, 0xd7a3},
                                              {0xf900, 0xfaff},
                                              {0xfe30, 0xfe6f},
                                              {0xff00, 0xff60},
                                              {0xffe0, 0xffe6},
                                              {0x1f300, 0x1f64f},
                                              {0x1f900, 0x1f9ff},
                                              {0x20000, 0x3fffd}}};

std::size_t width_of(char32_t c) noexcept {
  if (c < 0x300) return 1;
  if (in_ranges(zero_width, c)) return 0;
  return in_ranges(double_width, c) ? 2 : 1;
}

bool is_control(char32_t c) noexcept {
  const bool c0_or_c1 = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool line_end = c == 0x2028 || c == 0x2029;
  const bool direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return c0_or_c1 || line_end || direction;
}

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint c = decode(text);
    width += width_of(c.value);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t fits = 0;  // Bytes that leave one column for the ellipsis.
  std::size_t offset = 0;
  while (offset < text.size()) {
    const CodePoint c = decode(text.substr(offset));
    used += width_of(c.value);
    if (used > width) return std::string(text.substr(0, fits)) + "…";
    offset += c.bytes;
    if (used < width) fits = offset;
  }
  return std::string(text);
}

std::string escape_controls(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  std::array<char, 16> buffer{};
  while (!text.empty()) {
    const CodePoint c = decode(text);
    if (c.valid && !is_control(c.value)) {
      escaped += text.substr(0, c.bytes);
    } else {
      std::snprintf(buffer.data(), buffer.size(), c.valid ? "\\u%04x" : "\\x%02x",
                    static_cast<unsigned>(c.value));
      escaped += buffer.data();
    }
    text.remove_prefix(c.bytes);
  }
  return escaped;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < units.size()) {
    amount /= 1024;
    ++unit;
  }
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f %s", amount, units[unit]);
  return buffer.data();
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

}  // namespace holdfast::program
