#include "utf8.hpp"

#include <cstring>

namespace holdfast {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

unsigned char byte_at(const char* position) noexcept {
  return static_cast<unsigned char>(*position);
}

std::uint64_t word_at(const char* position) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, position, sizeof word);
  return word;
}

bool is_continuation(const char* position) noexcept { return (byte_at(position) & 0xC0U) == 0x80; }

/// The second byte decides about overlong forms, surrogates and what lies above U+10FFFF.
bool is_second_of_three(unsigned char lead, const char* second) noexcept {
  if (!is_continuation(second)) return false;
  if (lead == 0xE0) return byte_at(second) >= 0xA0;
  return lead != 0xED || byte_at(second) < 0xA0;
}

bool is_second_of_four(unsigned char lead, const char* second) noexcept {
  if (!is_continuation(second)) return false;
  if (lead == 0xF0) return byte_at(second) >= 0x90;
  return lead != 0xF4 || byte_at(second) < 0x90;
}

}  // namespace

std::size_t valid_code_point_length(const char* first, const char* end) noexcept {
  const unsigned char lead = byte_at(first);
  const std::ptrdiff_t available = end - first;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return available >= 2 && is_continuation(first + 1) ? 2 : 0;
  if (lead < 0xF0) {
    return available >= 3 && is_second_of_three(lead, first + 1) && is_continuation(first + 2) ? 3
                                                                                               : 0;
  }
  return available >= 4 && is_second_of_four(lead, first + 1) && is_continuation(first + 2) &&
                 is_continuation(first + 3)
             ? 4
             : 0;
}

bool is_valid_utf8(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Mostly ASCII, and mostly to the end.
  while (end - at >= 16 && ((word_at(at) | word_at(at + 8)) & high_bits) == 0) at += 16;
  while (at != end) {
    if (end - at >= 8) {
      if ((word_at(at) & high_bits) == 0) {
        at += 8;
        continue;
      }
    } else if (text.size() >= 8 && (word_at(end - 8) & high_bits) == 0) {
      return true;
    }
    const std::size_t length = valid_code_point_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

char* write_utf8(std::uint32_t code_point, char* out) noexcept {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | code_point >> 18U);
    put(0x80U | (code_point >> 12U & 0x3FU));
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
  return out;
}

}  // namespace holdfast
