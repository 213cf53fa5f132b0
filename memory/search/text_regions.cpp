#include "text_regions.hpp"

#include <cstdint>
#include <cstring>

namespace holdfast::search {
namespace {

// So many plain bytes are worth leaving ICU for.
constexpr std::size_t worthwhile = 32;

constexpr std::uint64_t lowest_bits = 0x0101010101010101U;
constexpr std::uint64_t highest_bits = 0x8080808080808080U;

bool needs_icu(char c) noexcept { return static_cast<unsigned char>(c) >= 0x80 || c == '@'; }

// The same for any of eight; may be wrong about what follows one that does.
bool any_needs_icu(std::uint64_t bytes) noexcept {
  const std::uint64_t zero_where_at = bytes ^ (lowest_bits * '@');
  return ((bytes | ((zero_where_at - lowest_bits) & ~zero_where_at)) & highest_bits) != 0;
}

}  // namespace

std::size_t find_icu_text(std::string_view text) noexcept {
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + i, sizeof bytes);
    if (any_needs_icu(bytes)) break;
  }
  while (i < text.size() && !needs_icu(text[i])) ++i;
  return i;
}

TextRegions::Region TextRegions::next() noexcept {
  if (!after_plain_) {
    after_plain_ = true;
    const std::size_t other = find_icu_text(left_);
    if (other == left_.size()) return take(other, true);
    const std::size_t space = left_.rfind(' ', other);
    return take(space == std::string_view::npos ? 0 : space, true);
  }
  after_plain_ = false;
  std::size_t last_other = 0;
  for (std::size_t i = 0; i < left_.size(); ++i) {
    if (needs_icu(left_[i])) last_other = i;
    if (left_[i] == ' ' && i > last_other + worthwhile) return take(i, false);
  }
  return take(left_.size(), false);
}

}  // namespace holdfast::search
