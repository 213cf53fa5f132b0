#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "holdfast/error.hpp"
#include "holdfast/filter.hpp"
#include "utf8.hpp"

namespace holdfast {

namespace {

[[noreturn]] void refuse(std::size_t offset, std::string_view problem) {
  throw_invalid_argument("path: byte " + std::to_string(offset) + ": " + std::string(problem));
}

void check_steps(std::size_t steps) {
  if (steps <= Path::max_steps) return;
  throw_invalid_argument("path: over " + std::to_string(Path::max_steps) +
                         " steps, the most that is allowed");
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_plain(std::string_view key) noexcept {
  return !key.empty() && key.find_first_of(".[") == std::string_view::npos;
}

// Reads the text form of a path from left to right.
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  std::vector<Path::Step> read() {
    std::vector<Path::Step> steps;
    while (at_ < text_.size()) {
      if (text_[at_] == '[') {
        steps.push_back(bracketed());
      } else if (steps.empty()) {
        steps.emplace_back(plain_key());
      } else if (text_[at_] == '.') {
        ++at_;
        steps.emplace_back(plain_key());
      } else {
        refuse(at_, "after ']' follows '.', '[' or the end");
      }
      check_steps(steps.size());
    }
    return steps;
  }

 private:
  std::string plain_key() {
    const std::size_t end = std::min(text_.find_first_of(".[", at_), text_.size());
    if (end == at_) refuse(at_, "a key is missing; the empty key is written [\"\"]");
    const std::string_view key = text_.substr(at_, end - at_);
    if (!is_valid_utf8(key)) refuse(at_, "a key that is not valid UTF-8");
    at_ = end;
    return std::string(key);
  }

  Path::Step bracketed() {
    const std::size_t opening = at_++;
    Path::Step step;
    if (at_ < text_.size() && text_[at_] == '"') {
      step = quoted_key();
    } else {
      step = index();
    }
    if (at_ == text_.size() || text_[at_] != ']') {
      refuse(at_, "']' is missing, for the '[' at byte " + std::to_string(opening));
    }
    ++at_;
    return step;
  }

  std::string quoted_key() {
    const std::size_t start = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) refuse(start, "the string has no closing quote");
    ++at_;
    try {
      return MemoryValue::parse(text_.substr(start, at_ - start)).get<std::string>();
    } catch (const Error& error) {
      refuse(start, "not a JSON string: " + error.message());
    }
  }

  std::size_t index() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (start == at_) refuse(start, "'[' takes a list's index or a key as a JSON string");
    if (text_[start] == '0' && at_ - start > 1) refuse(start, "an index has no leading zeros");
    std::size_t index = 0;
    const auto end = text_.data() + at_;
    if (std::from_chars(text_.data() + start, end, index).ec != std::errc()) {
      refuse(start, "the index is too large");
    }
    return index;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// A leading '$' would read as an operator where filters are written as JSON.
void append_key(std::string& text, const std::string& key) {
  if (is_plain(key) && !(text.empty() && key.front() == '$')) {
    if (!text.empty()) text += '.';
    text += key;
    return;
  }
  text += '[';
  text += MemoryValue(key).json_text();
  text += ']';
}

std::optional<MemoryValue> step_into(const MemoryValue& value, const Path::Step& step) {
  if (const auto* key = std::get_if<std::string>(&step)) return value.find(*key);
  return value.at(std::get<std::size_t>(step));
}

}  // namespace

Path::Path(std::string_view text) : steps_(PathReader(text).read()) {}

Path::Path(std::vector<Step> steps) : steps_(std::move(steps)) {
  check_steps(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto* key = std::get_if<std::string>(&steps_[i]);
    if (key != nullptr && !is_valid_utf8(*key)) {
      throw_invalid_argument("path: the key in step " + std::to_string(i + 1) +
                             " is not valid UTF-8");
    }
  }
}

std::string Path::text() const {
  std::string text;
  for (const Step& step : steps_) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      append_key(text, *key);
    } else {
      text += '[' + std::to_string(std::get<std::size_t>(step)) + ']';
    }
  }
  return text;
}

std::optional<MemoryValue> Path::resolve(const MemoryValue& value) const {
  std::optional<MemoryValue> found = value;
  for (const Step& step : steps_) {
    found = step_into(*found, step);
    if (!found) break;
  }
  return found;
}

}  // namespace holdfast
