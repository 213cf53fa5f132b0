#include "value_text.hpp"

#include "base64.hpp"
#include "holdfast/error.hpp"
#include "json_number.hpp"
#include "json_scan.hpp"
#include "json_string.hpp"

namespace holdfast::value_text {
namespace {

constexpr std::string_view bytes_prefix = R"({"$bytes":")";
constexpr std::string_view bytes_suffix = R"("})";
constexpr std::string_view map_prefix = R"({"$map":)";

bool has_bytes_frame(std::string_view text) noexcept {
  return text.starts_with(bytes_prefix) && text.ends_with(bytes_suffix) &&
         text.size() >= bytes_prefix.size() + bytes_suffix.size();
}

bool has_map_frame(std::string_view text) noexcept {
  return text.starts_with(map_prefix) && text.ends_with('}');
}

std::string_view without_map_frame(std::string_view text) noexcept {
  text.remove_prefix(map_prefix.size());
  text.remove_suffix(1);
  return text;
}

ValueKind kind_of_number(std::string_view text) {
  if (text.size() > number_size_max) throw_corruption("a number is too long");
  const bool is_float = text.find_first_of(".e") != std::string_view::npos;
  return is_float ? ValueKind::float64 : ValueKind::int64;
}

ValueKind kind_of_object(std::string_view text) noexcept {
  if (is_bytes_form(text)) return ValueKind::bytes;
  return ValueKind::map;
}

ValueKind expect(bool holds, ValueKind kind) {
  if (!holds) throw_corruption("the text of a value does not end as it begins");
  return kind;
}

bool ends_scalar(char c) noexcept { return c == ',' || c == ']' || c == '}'; }

}  // namespace

void throw_corruption(std::string_view what) {
  throw Error(ErrorCode::corruption, "stored value: " + std::string(what));
}

std::string for_message(std::string_view key) {
  constexpr std::size_t size_max = 80;
  if (key.size() <= size_max) return std::string(key);
  std::size_t end = size_max;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80) --end;
  return std::string(key.substr(0, end)) + "...";
}

ValueKind kind_of(std::string_view text) {
  if (text.empty()) throw_corruption("the text of a value is empty");
  switch (text.front()) {
    case 'n':
      return expect(text == "null", ValueKind::null);
    case 't':
      return expect(text == "true", ValueKind::boolean);
    case 'f':
      return expect(text == "false", ValueKind::boolean);
    case '"':
      return expect(text.size() >= 2 && text.back() == '"', ValueKind::string);
    case '[':
      return expect(text.back() == ']', ValueKind::list);
    case '{':
      return expect(text.back() == '}', kind_of_object(text));
    default:
      break;
  }
  const bool is_number = text.front() == '-' || (text.front() >= '0' && text.front() <= '9');
  if (!is_number) throw_corruption("no value begins like this");
  return kind_of_number(text);
}

bool is_bytes_form(std::string_view text) noexcept {
  return has_bytes_frame(text) && is_canonical_base64(base64_in(text));
}

bool is_special_form(std::string_view text) noexcept {
  while (has_map_frame(text)) text = without_map_frame(text);
  return is_bytes_form(text);
}

std::string_view base64_in(std::string_view bytes_form) noexcept {
  bytes_form.remove_prefix(bytes_prefix.size());
  bytes_form.remove_suffix(bytes_suffix.size());
  return bytes_form;
}

std::string_view plain_map(std::string_view map_text) noexcept {
  if (!has_map_frame(map_text) || !is_special_form(map_text)) return map_text;
  return without_map_frame(map_text);
}

std::size_t end_of_string(std::string_view text, std::size_t offset) {
  const char* const end = text.data() + text.size();
  const char* at = text.data() + offset + 1;
  while (true) {
    at = find_quote_or_backslash(at, end);
    if (at == end) break;
    if (*at == '"') return static_cast<std::size_t>(at - text.data()) + 1;
    if (end - at < 2) break;
    at += 2;
  }
  throw_corruption("a string does not end");
}

std::size_t end_of_value(std::string_view text, std::size_t offset) {
  std::size_t depth = 0;
  while (offset < text.size()) {
    const char c = text[offset];
    if (c == '"') {
      offset = end_of_string(text, offset);
      if (depth == 0) return offset;
      continue;
    }
    if (depth == 0 && ends_scalar(c)) return offset;
    ++offset;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && --depth == 0) return offset;
  }
  if (depth != 0) throw_corruption("a list or map does not end");
  return offset;
}

std::string unquote(std::string_view quoted) {
  std::string plain;
  if (!append_unquoted(quoted, plain)) throw_corruption("a string is not canonical");
  return plain;
}

std::strong_ordering compare_unquoted(std::string_view quoted, std::string_view plain) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner <=> plain;
  return std::string_view(unquote(quoted)) <=> plain;
}

bool nests_deeper_than(std::string_view text, std::size_t levels) {
  if (text.size() <= 2 * levels) return false;
  std::size_t depth = 0;
  std::size_t offset = 0;
  while (offset < text.size()) {
    const char c = text[offset];
    if (c == '"') {
      offset = end_of_string(text, offset);
      continue;
    }
    if ((c == '[' || c == '{') && depth == levels) {
      const std::size_t end = end_of_value(text, offset);
      if (!is_bytes_form(text.substr(offset, end - offset))) return true;
      offset = end;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    ++offset;
  }
  return false;
}

Walk::Walk(std::string_view container, std::size_t offset)
    : container_(container), offset_(offset) {}

bool Walk::next() {
  if (offset_ + 1 >= container_.size()) return false;
  if (offset_ > 1) {
    if (container_[offset_] != ',') throw_corruption("a comma is missing");
    ++offset_;
  }
  // The last byte is the container's own bracket: nothing inside may reach it.
  const std::string_view inside = container_.substr(0, container_.size() - 1);
  if (container_.front() == '{') {
    if (offset_ >= inside.size() || inside[offset_] != '"') throw_corruption("a key is missing");
    const std::size_t key_end = end_of_string(inside, offset_);
    key_ = inside.substr(offset_, key_end - offset_);
    if (key_end >= inside.size() || inside[key_end] != ':') throw_corruption("a colon is missing");
    offset_ = key_end + 1;
  }
  const std::size_t end = end_of_value(inside, offset_);
  if (end == offset_) throw_corruption("a value is missing");
  value_ = inside.substr(offset_, end - offset_);
  offset_ = end;
  return true;
}

}  // namespace holdfast::value_text
