#include "arguments.hpp"

#include <charconv>
#include <concepts>

namespace holdfast::postgresql {

namespace {

void append_number(std::string& text, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  text.append(digits, end);
}

template <std::unsigned_integral Unsigned>
void append_big_endian(std::string& bytes, Unsigned number) {
  for (int shift = 8 * static_cast<int>(sizeof number) - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
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

void append_int16(std::string& bytes, std::int16_t number) {
  append_big_endian(bytes, static_cast<std::uint16_t>(number));
}
void append_int32(std::string& bytes, std::int32_t number) {
  append_big_endian(bytes, static_cast<std::uint32_t>(number));
}
void append_int64(std::string& bytes, std::int64_t number) {
  append_big_endian(bytes, static_cast<std::uint64_t>(number));
}

ArrayBytes::ArrayBytes(Of elements, std::size_t size) {
  constexpr std::int32_t text_oid = 25;
  constexpr std::int32_t bigint_oid = 20;
  constexpr std::int32_t dimensions = 1;
  constexpr std::int32_t may_have_nulls = 1;
  constexpr std::int32_t first_index = 1;
  constexpr std::size_t usual_text = 64;
  bytes_.reserve(size * (elements == Of::text ? usual_text : 12) + 20);
  append_int32(bytes_, dimensions);
  append_int32(bytes_, may_have_nulls);
  append_int32(bytes_, elements == Of::text ? text_oid : bigint_oid);
  append_int32(bytes_, static_cast<std::int32_t>(size));
  append_int32(bytes_, first_index);
}

ArrayBytes& ArrayBytes::add(std::string_view text) {
  append_int32(bytes_, static_cast<std::int32_t>(text.size()));
  bytes_ += text;
  return *this;
}

ArrayBytes& ArrayBytes::add(std::int64_t number) {
  append_int32(bytes_, sizeof number);
  append_int64(bytes_, number);
  return *this;
}

ArrayBytes& ArrayBytes::add_null() {
  append_int32(bytes_, -1);
  return *this;
}

Arguments& Arguments::add(std::string_view bytes, int format) {
  places_.push_back(bytes_.size());
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(format);
  bytes_.append(bytes).append(1, '\0');
  return *this;
}

Arguments& Arguments::add(std::string_view text) { return add(text, 0); }

Arguments& Arguments::add(const ArrayBytes& array) { return add(array.bytes(), 1); }

Arguments& Arguments::add(std::int64_t number) {
  char digits[24];
  const auto* const end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  return add(std::string_view(digits, static_cast<std::size_t>(end - digits)), 0);
}

Arguments& Arguments::add(bool value) { return add(std::string_view(value ? "t" : "f"), 0); }

Arguments& Arguments::add_null() {
  places_.push_back(null_place);
  lengths_.push_back(0);
  formats_.push_back(0);
  return *this;
}

Arguments& Arguments::add(const std::optional<std::int64_t>& number) {
  return number ? add(*number) : add_null();
}

std::vector<const char*> Arguments::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(places_.size());
  for (const std::size_t place : places_) {
    pointers.push_back(place == null_place ? nullptr : bytes_.data() + place);
  }
  return pointers;
}

}  // namespace holdfast::postgresql
