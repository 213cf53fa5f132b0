#include "arguments.hpp"

#include <charconv>
#include <utility>

namespace holdfast::postgresql {

namespace {

void append_number(std::string& text, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  text.append(digits, end);
}

// What separates an element from the one before it.
void begin_element(std::string& text) {
  if (!text.empty()) text += ',';
}

}  // namespace

ArrayText& ArrayText::add(std::string_view text) {
  begin_element(text_);
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

ArrayText& ArrayText::add(const char* text) { return add(std::string_view(text)); }

ArrayText& ArrayText::add(std::int64_t number) {
  begin_element(text_);
  append_number(text_, number);
  return *this;
}

ArrayText& ArrayText::add(bool value) {
  begin_element(text_);
  text_ += value ? 't' : 'f';
  return *this;
}

ArrayText& ArrayText::add_null() {
  begin_element(text_);
  text_ += "NULL";
  return *this;
}

ArrayText& ArrayText::add(const std::optional<std::int64_t>& number) {
  return number ? add(*number) : add_null();
}

void ArrayText::clear() noexcept { text_.clear(); }

std::string ArrayText::take() {
  std::string taken;
  taken.reserve(text_.size() + 2);
  taken.append(1, '{').append(text_).append(1, '}');
  clear();
  return taken;
}

Arguments& Arguments::add(std::string text) {
  values_.emplace_back(std::move(text));
  return *this;
}

Arguments& Arguments::add(std::string_view text) { return add(std::string(text)); }

Arguments& Arguments::add(const char* text) { return add(std::string(text)); }

Arguments& Arguments::add(std::int64_t number) {
  std::string text;
  append_number(text, number);
  return add(std::move(text));
}

Arguments& Arguments::add(bool value) { return add(std::string(value ? "t" : "f")); }

Arguments& Arguments::add_null() {
  values_.emplace_back();
  return *this;
}

Arguments& Arguments::add(const std::optional<std::int64_t>& number) {
  return number ? add(*number) : add_null();
}

std::vector<const char*> Arguments::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value ? value->c_str() : nullptr);
  return pointers;
}

}  // namespace holdfast::postgresql
