/// @file
/// Base64 of RFC 4648, section 4, with padding. Each sequence of bytes has exactly one text here:
/// what is not that text (no padding, stray bits, white space, the URL alphabet) is not read.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : 4);
}

/// Writes `base64_size(bytes.size())` characters at `out`; returns the end.
char* write_base64(std::span<const std::byte> bytes, char* out) noexcept;
[[nodiscard]] std::string encode_base64(std::span<const std::byte> bytes);

[[nodiscard]] bool is_canonical_base64(std::string_view text) noexcept;
/// Empty unless `text` is canonical.
[[nodiscard]] std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace holdfast
