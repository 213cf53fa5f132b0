#include <algorithm>
#include <string>

#include "holdfast/error.hpp"
#include "holdfast/query.hpp"
#include "utf8.hpp"

namespace holdfast {

namespace {

constexpr std::size_t max_pattern_bytes = 1024;

[[noreturn]] void refuse(std::string problem) {
  throw_invalid_argument("key pattern: " + std::move(problem));
}

std::size_t code_point_end(std::string_view text, std::size_t at) noexcept {
  return std::min(at + code_point_length(text[at]), text.size());
}

}  // namespace

KeyPattern::KeyPattern(std::string_view text) : text_(text) {
  if (text.size() > max_pattern_bytes) {
    refuse(std::to_string(text.size()) + " bytes; at most " + std::to_string(max_pattern_bytes) +
           " are allowed");
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    refuse("byte " + std::to_string(nul) + ": U+0000 is not allowed, as in keys");
  }
  if (!is_valid_utf8(text)) refuse("not valid UTF-8");
  for (std::size_t at = text.find('\\'); at != std::string_view::npos;
       at = text.find('\\', at + 2)) {
    if (at + 1 == text.size()) {
      refuse("byte " + std::to_string(at) +
             ": a backslash makes the next character literal, and none follows; a literal "
             "backslash is written twice");
    }
  }
}

// Only the last '*' is ever tried again, which is enough: whatever an earlier one could still
// take, the later one can take as well. So the cost is at most pattern times key.
bool KeyPattern::matches(std::string_view key) const noexcept {
  if (matches_everything()) return true;
  const std::string_view pattern = text_;
  std::size_t p = 0;
  std::size_t k = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t retry_from = 0;
  while (k < key.size() || p < pattern.size()) {
    if (p < pattern.size()) {
      const char c = pattern[p];
      if (c == '*') {
        after_star = ++p;
        retry_from = k;
        continue;
      }
      const std::size_t literal_at = c == '\\' ? p + 1 : p;
      if (k < key.size() && (c == '?' || pattern[literal_at] == key[k])) {
        k = c == '?' ? code_point_end(key, k) : k + 1;
        p = literal_at + 1;
        continue;
      }
    }
    if (after_star == std::string_view::npos || retry_from >= key.size()) return false;
    retry_from = code_point_end(key, retry_from);
    k = retry_from;
    p = after_star;
  }
  return true;
}

std::string KeyPattern::literal_prefix() const {
  std::string prefix;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    if (text_[at] == '*' || text_[at] == '?') break;
    if (text_[at] == '\\') ++at;
    prefix += text_[at];
  }
  return prefix;
}

}  // namespace holdfast
