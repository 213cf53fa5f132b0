// To nlohmann::json: read from the canonical text, whose keys are sorted and which has no white
// space.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "holdfast/value.hpp"
#include "json_number.hpp"
#include "json_string.hpp"
#include "value_text.hpp"

namespace holdfast {
namespace {

using nlohmann::json;

// The text may be damaged. Its nesting was looked at, which bounds the recursion.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  json read_whole() {
    json value = read();
    if (at_ != text_.size()) refuse("there is more after its end");
    return value;
  }

 private:
  json read() {
    switch (peek()) {
      case 'n':
        return read_literal("null", nullptr);
      case 't':
        return read_literal("true", true);
      case 'f':
        return read_literal("false", false);
      case '"':
        return read_string();
      case '[':
        return read_list();
      case '{':
        return read_map();
      default:
        return read_number();
    }
  }

  json read_literal(std::string_view literal, const json& value) {
    if (!text_.substr(at_).starts_with(literal)) refuse("no value begins like this");
    at_ += literal.size();
    return value;
  }

  std::string read_string() {
    if (peek() != '"') refuse("a key is no string");
    const std::size_t end = value_text::end_of_string(text_, at_);
    std::string string;
    if (!append_unquoted(text_.substr(at_, end - at_), string)) refuse("a string is not canonical");
    at_ = end;
    return string;
  }

  json read_list() {
    json list = json::array();
    auto& elements = list.get_ref<json::array_t&>();
    for (bool is_first = true; !ends(']', is_first); is_first = false) {
      elements.push_back(read());
    }
    return list;
  }

  json read_map() {
    json map = json::object();
    auto& members = map.get_ref<json::object_t&>();
    for (bool is_first = true; !ends('}', is_first); is_first = false) {
      std::string key = read_string();
      if (peek() != ':') refuse("a key has no value");
      ++at_;
      const std::size_t before = members.size();
      // In order, so that each comes last.
      members.emplace_hint(members.end(), std::move(key), read());
      if (members.size() == before) refuse("a key stands twice");
    }
    return map;
  }

  // Goes past the bracket or the comma before an element, and past that at the end.
  bool ends(char bracket, bool is_first) {
    if (is_first) ++at_;
    const char next = peek();
    if (next == bracket) {
      ++at_;
      return true;
    }
    if (is_first) return false;
    if (next != ',') refuse("a comma is missing");
    ++at_;
    return false;
  }

  json read_number() {
    const std::size_t end = std::min(text_.find_first_of(",]}", at_), text_.size());
    const std::string_view digits = text_.substr(at_, end - at_);
    at_ = end;
    if (const std::optional<std::int64_t> integer = read_integer(digits)) {
      // As nlohmann's own parser has it.
      if (*integer >= 0) return static_cast<std::uint64_t>(*integer);
      return *integer;
    }
    const std::optional<double> number = read_double(digits);
    if (!number) refuse("no value begins like this");
    return *number;
  }

  [[nodiscard]] char peek() const {
    if (at_ >= text_.size()) refuse("it ends early");
    return text_[at_];
  }

  [[noreturn]] static void refuse(const char* what) { value_text::throw_corruption(what); }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

nlohmann::json MemoryValue::to_json() const {
  if (value_text::nests_deeper_than(json_text(), max_depth)) {
    value_text::throw_corruption("lists and maps nest over 128 levels deep");
  }
  return JsonReader(json_text()).read_whole();
}

}  // namespace holdfast
