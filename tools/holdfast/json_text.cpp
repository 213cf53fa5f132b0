#include "json_text.hpp"

#include <set>
#include <utility>

#include "holdfast/error.hpp"
#include "holdfast/value.hpp"

namespace holdfast::program {
namespace {

/// Walks over the outermost level of JSON text; never recurses.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  bool take(char wanted) {
    skip_space();
    if (offset_ == text_.size() || text_[offset_] != wanted) return false;
    ++offset_;
    return true;
  }

  void expect(char wanted, const char* what) {
    if (!take(wanted)) fail(what);
  }

  void expect_end() {
    skip_space();
    if (offset_ != text_.size()) fail("the end");
  }

  /// The text of one value, up to the comma, bracket or end that follows it.
  std::string_view take_value() {
    skip_space();
    const std::size_t begin = offset_;
    std::size_t depth = 0;
    for (; offset_ < text_.size(); ++offset_) {
      const char c = text_[offset_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        --depth;
      } else if (c == ',' && depth == 0) {
        break;
      }
    }
    if (offset_ == begin || depth > 0) fail("a value");
    return text_.substr(begin, offset_ - begin);
  }

  /// The text of a string, quotes included.
  std::string_view take_string() {
    skip_space();
    if (offset_ == text_.size() || text_[offset_] != '"') fail("a string");
    const std::size_t begin = offset_;
    skip_string();
    ++offset_;
    return text_.substr(begin, offset_ - begin);
  }

  [[noreturn]] void fail(const std::string& expected) const {
    throw_invalid_argument("not valid JSON at byte " + std::to_string(offset_) + ": expected " +
                           expected);
  }

 private:
  void skip_space() {
    while (offset_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[offset_]) != std::string_view::npos) {
      ++offset_;
    }
  }

  /// From an opening quote to its closing quote.
  void skip_string() {
    for (++offset_; offset_ < text_.size(); ++offset_) {
      if (text_[offset_] == '\\') {
        ++offset_;
      } else if (text_[offset_] == '"') {
        return;
      }
    }
    offset_ = text_.size();
    fail("the end of a string");
  }

  std::string_view text_;
  std::size_t offset_ = 0;
};

std::string quoted(std::string_view text) { return std::string(MemoryValue(text).json_text()); }

}  // namespace

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += quoted(name);
  text_ += ':';
  text_ += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return raw(name, quoted(value));
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
  return raw(name, std::to_string(value));
}

std::string JsonObject::finish() && {
  text_ += '}';
  return std::move(text_);
}

std::vector<MemberText> split_object(std::string_view json) {
  Scanner scanner(json);
  std::vector<MemberText> members;
  std::set<std::string> names;  // A line has room for millions of them.
  scanner.expect('{', "'{'");
  if (!scanner.take('}')) {
    do {
      std::string name = MemoryValue::parse(scanner.take_string()).get<std::string>();
      if (!names.insert(name).second) throw_invalid_argument("\"" + name + "\" stands twice");
      scanner.expect(':', "':'");
      members.push_back({std::move(name), scanner.take_value()});
    } while (scanner.take(','));
    scanner.expect('}', "',' or '}'");
  }
  scanner.expect_end();
  return members;
}

std::vector<ElementText> split_list(std::string_view json) {
  Scanner scanner(json);
  std::vector<ElementText> elements;
  scanner.expect('[', "'['");
  if (!scanner.take(']')) {
    do {
      const std::string_view value = scanner.take_value();
      elements.push_back({value, static_cast<std::size_t>(value.data() - json.data())});
    } while (scanner.take(','));
    scanner.expect(']', "',' or ']'");
  }
  scanner.expect_end();
  return elements;
}

}  // namespace holdfast::program
