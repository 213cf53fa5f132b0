#include "json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace holdfast {
namespace {

/// Whether the number in `text`, which std::from_chars found out of range, is too small rather
/// than too large: below 1 in magnitude.
bool is_too_small(std::string_view text) noexcept {
  const std::size_t exponent_at = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, exponent_at);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  // The power of ten of the first digit that counts, without the exponent.
  const auto power = first < point ? static_cast<std::int64_t>(point - first) - 1
                                   : -static_cast<std::int64_t>(first - point);
  if (exponent_at == std::string_view::npos) return power < 0;
  std::string_view exponent = text.substr(exponent_at + 1);
  const bool is_negative = exponent.starts_with('-');
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t value = 0;
  const std::errc error =
      std::from_chars(exponent.data(), exponent.data() + exponent.size(), value).ec;
  constexpr std::int64_t beyond_any_text = std::int64_t{1} << 40U;
  if (error != std::errc{} || value > beyond_any_text || value < -beyond_any_text) {
    return is_negative;
  }
  return power + value < 0;
}

}  // namespace

char* write_integer(std::int64_t integer, char* out) noexcept {
  return std::to_chars(out, out + number_size_max, integer).ptr;
}

char* write_double(double number, char* out) noexcept {
  char* end = std::to_chars(out, out + number_size_max, number).ptr;
  const std::string_view text(out, static_cast<std::size_t>(end - out));
  if (text.find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return end;
}

std::optional<std::int64_t> read_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> read_double(std::string_view text) noexcept {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range && is_too_small(text)) {
    return text.starts_with('-') ? -0.0 : 0.0;
  }
  if (result.ec != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace holdfast
