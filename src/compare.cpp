#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

#include "base64.hpp"
#include "holdfast/filter.hpp"
#include "json_number.hpp"
#include "value_compare.hpp"
#include "value_text.hpp"

namespace holdfast {

namespace {

using Number = std::variant<std::int64_t, double>;

bool is_number(ValueKind kind) noexcept {
  return kind == ValueKind::int64 || kind == ValueKind::float64;
}

bool begins_number(char c) noexcept { return c == '-' || (c >= '0' && c <= '9'); }

Number read_number(std::string_view text) {
  if (text.find_first_of(".e") == std::string_view::npos) {
    if (const auto integer = read_integer(text)) return *integer;
  } else if (const auto number = read_double(text)) {
    return *number;
  }
  value_text::throw_corruption("a number is not canonical");
}

// Through no conversion that rounds: 2^53 + 1 is above the double 2^53.
std::partial_ordering compare_exactly(std::int64_t integer, double number) noexcept {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (number >= limit) return std::partial_ordering::less;
  if (number < -limit) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(number);
  if (integer != whole) return integer <=> whole;
  return 0.0 <=> number - static_cast<double>(whole);
}

std::partial_ordering compare_numbers(std::string_view a_text, std::string_view b_text) {
  const Number a = read_number(a_text);
  const Number b = read_number(b_text);
  const auto* a_integer = std::get_if<std::int64_t>(&a);
  const auto* b_integer = std::get_if<std::int64_t>(&b);
  if (a_integer != nullptr && b_integer != nullptr) return *a_integer <=> *b_integer;
  if (a_integer != nullptr) return compare_exactly(*a_integer, std::get<double>(b));
  if (b_integer != nullptr) return 0 <=> compare_exactly(*b_integer, std::get<double>(a));
  return std::get<double>(a) <=> std::get<double>(b);
}

std::string_view without_quotes(std::string_view quoted) noexcept {
  return quoted.substr(1, quoted.size() - 2);
}

bool has_escapes(std::string_view quoted) noexcept {
  return quoted.find('\\') != std::string_view::npos;
}

std::partial_ordering compare_strings(std::string_view a, std::string_view b) {
  if (a == b) return std::partial_ordering::equivalent;
  if (!has_escapes(b)) return value_text::compare_unquoted(a, without_quotes(b));
  return value_text::compare_unquoted(a, value_text::unquote(b));
}

std::partial_ordering compare_bytes(std::string_view a_text, std::string_view b_text) {
  const auto a = decode_base64(value_text::base64_in(a_text));
  const auto b = decode_base64(value_text::base64_in(b_text));
  if (!a || !b) value_text::throw_corruption("bytes are not canonical base64");
  return *a <=> *b;
}

std::size_t end_of_number(std::string_view text, std::size_t offset) noexcept {
  return std::min(text.find_first_of(",]}", offset), text.size());
}

// The numbers that begin at the offsets, which it moves behind them.
bool same_number(std::string_view a, std::size_t& a_at, std::string_view b, std::size_t& b_at) {
  const std::string_view a_number = a.substr(a_at, end_of_number(a, a_at) - a_at);
  const std::string_view b_number = b.substr(b_at, end_of_number(b, b_at) - b_at);
  a_at += a_number.size();
  b_at += b_number.size();
  return a_number == b_number || compare_numbers(a_number, b_number) == 0;
}

// Texts of equivalent values differ in the spelling of numbers alone: keys stand in one order,
// strings have one spelling, and the forms of bytes and of wrapped maps hold no number. So both
// are read side by side, once, whatever the nesting.
bool same_but_for_spelling_of_numbers(std::string_view a, std::string_view b) {
  std::size_t a_at = 0;
  std::size_t b_at = 0;
  while (a_at < a.size() && b_at < b.size()) {
    if (begins_number(a[a_at]) && begins_number(b[b_at])) {
      if (!same_number(a, a_at, b, b_at)) return false;
    } else if (a[a_at] != b[b_at]) {
      return false;
    } else if (a[a_at] == '"') {
      const std::size_t a_end = value_text::end_of_string(a, a_at);
      const std::string_view string = a.substr(a_at, a_end - a_at);
      if (b.substr(b_at, string.size()) != string) return false;
      a_at = a_end;
      b_at += string.size();
    } else {
      ++a_at;
      ++b_at;
    }
  }
  return a_at == a.size() && b_at == b.size();
}

}  // namespace

bool equivalent_texts(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.empty() || b.empty()) value_text::throw_corruption("the text of a value is empty");
  const auto can_differ = [](char first) {
    return begins_number(first) || first == '[' || first == '{';
  };
  if (!can_differ(a.front()) || !can_differ(b.front())) return false;
  return same_but_for_spelling_of_numbers(a, b);
}

std::partial_ordering compare_texts(std::string_view a, std::string_view b) {
  const ValueKind kind = value_text::kind_of(a);
  const ValueKind other = value_text::kind_of(b);
  if (is_number(kind) && is_number(other)) return compare_numbers(a, b);
  if (kind != other) return std::partial_ordering::unordered;
  if (kind == ValueKind::string) return compare_strings(a, b);
  if (kind == ValueKind::bytes) return compare_bytes(a, b);
  return std::partial_ordering::unordered;
}

// Escapes stand for one character each, so a part is in the text where its spelling is, unless
// the spelling was found in the midst of an escape.
bool contains_quoted(std::string_view whole, std::string_view part) {
  if (without_quotes(whole).find(without_quotes(part)) == std::string_view::npos) return false;
  if (!has_escapes(whole)) return true;
  return value_text::unquote(whole).find(value_text::unquote(part)) != std::string::npos;
}

bool equivalent(const MemoryValue& a, const MemoryValue& b) {
  return equivalent_texts(a.json_text(), b.json_text());
}

std::partial_ordering compare(const MemoryValue& a, const MemoryValue& b) {
  return compare_texts(a.json_text(), b.json_text());
}

}  // namespace holdfast
