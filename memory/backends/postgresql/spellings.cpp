#include "spellings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::postgresql {
namespace {

constexpr std::size_t spellings_max = 64;
constexpr std::size_t spelling_bytes_max = std::size_t{1} << 20U;  // Where there are several.

constexpr double two_to_63 = 9223372036854775808.0;

std::string text_of(const MemoryValue& value) { return std::string(value.json_text()); }

// The texts of the numbers that equal the one in `text`, which is canonical: as int64, where it is
// one, and as double, where a double holds it.
std::vector<std::string> spellings_of_number(std::string_view text) {
  const MemoryValue number = MemoryValue::parse(text);
  if (const auto real = number.get_if<double>()) {
    const bool is_integer = *real >= -two_to_63 && *real < two_to_63 && std::trunc(*real) == *real;
    if (*real == 0) return {"0", "0.0", "-0.0"};
    if (!is_integer) return {std::string(text)};
    return {std::string(text), text_of(static_cast<std::int64_t>(*real))};
  }
  const auto integer = number.get<std::int64_t>();
  if (integer == 0) return {"0", "0.0", "-0.0"};
  const auto real = static_cast<double>(integer);
  const bool is_exact = real < two_to_63 && static_cast<std::int64_t>(real) == integer;
  if (!is_exact) return {std::string(text)};
  return {std::string(text), text_of(real)};
}

bool begins_number(char c) noexcept { return c == '-' || (c >= '0' && c <= '9'); }

// The end of the token that begins at `at`: a string, a number, or one byte of anything else.
std::size_t end_of_token(std::string_view text, std::size_t at) noexcept {
  if (begins_number(text[at])) return std::min(text.find_first_of(",]}", at), text.size());
  if (text[at] != '"') return at + 1;
  ++at;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
  return std::min(at + 1, text.size());
}

// Each text so far with each of the endings.
std::vector<std::string> continued(const std::vector<std::string>& texts,
                                   const std::vector<std::string>& endings) {
  std::vector<std::string> all;
  all.reserve(texts.size() * endings.size());
  for (const std::string& text : texts) {
    for (const std::string& ending : endings) all.push_back(text + ending);
  }
  return all;
}

bool are_too_many(std::size_t texts, std::size_t bytes_each) noexcept {
  return texts > spellings_max || (texts > 1 && texts * bytes_each > spelling_bytes_max);
}

}  // namespace

std::optional<std::vector<std::string>> spellings_of(const MemoryValue& operand) {
  const std::string_view text = operand.json_text();
  std::vector<std::string> spellings{""};
  std::size_t written = 0;  // What lies before it is in `spellings`.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_token(text, at);
    if (begins_number(text[at])) {
      for (std::string& spelling : spellings) spelling += text.substr(written, at - written);
      const auto numbers = spellings_of_number(text.substr(at, end - at));
      if (are_too_many(spellings.size() * numbers.size(), text.size())) return std::nullopt;
      spellings = continued(spellings, numbers);
      written = end;
    }
    at = end;
  }
  for (std::string& spelling : spellings) spelling += text.substr(written);
  return spellings;
}

}  // namespace holdfast::postgresql
