#include "holdfast/value.hpp"

#include <cmath>

#include "base64.hpp"
#include "holdfast/error.hpp"
#include "json_number.hpp"
#include "json_string.hpp"
#include "text_builder.hpp"
#include "value_text.hpp"

namespace holdfast {
namespace {

SharedText integer_text(std::int64_t integer) {
  constexpr std::string_view digits = "0123456789";
  if (integer >= 0 && integer < 10) {
    return SharedText::of_static(digits.substr(static_cast<std::size_t>(integer), 1));
  }
  TextBuilder out(number_size_max);
  out.advance_to(write_integer(integer, out.tail()));
  return out.finish();
}

SharedText double_text(double number) {
  if (!std::isfinite(number)) throw_invalid_argument("a double must be finite");
  TextBuilder out(number_size_max);
  out.advance_to(write_double(number, out.tail()));
  return out.finish();
}

SharedText string_text(std::string_view text) {
  if (text.empty()) return SharedText::of_static(R"("")");
  TextBuilder out(0);
  if (!append_quoted(text, out)) throw_invalid_argument("a string must be valid UTF-8");
  return out.finish();
}

std::string_view boolean_text(bool boolean) noexcept { return boolean ? "true" : "false"; }

}  // namespace

std::string_view to_string(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return "bool";
    case ValueKind::int64:
      return "int64";
    case ValueKind::float64:
      return "double";
    case ValueKind::string:
      return "string";
    case ValueKind::bytes:
      return "bytes";
    case ValueKind::list:
      return "list";
    case ValueKind::map:
      return "map";
  }
  return "unknown";
}

MemoryValue::MemoryValue(BooleanTag, bool boolean) noexcept
    : MemoryValue(SharedText::of_static(boolean_text(boolean)), ValueKind::boolean) {}
MemoryValue::MemoryValue(IntegerTag, std::int64_t integer)
    : MemoryValue(integer_text(integer), ValueKind::int64) {}
MemoryValue::MemoryValue(double number) : MemoryValue(double_text(number), ValueKind::float64) {}
MemoryValue::MemoryValue(std::string_view text)
    : MemoryValue(string_text(text), ValueKind::string) {}

MemoryValue MemoryValue::from_canonical(SharedText text) {
  const ValueKind kind = value_text::kind_of(text.view());
  if (kind == ValueKind::null) return {};
  if (kind == ValueKind::boolean) return text.view() == "true";
  return {std::move(text), kind};
}

void MemoryValue::refuse_integer() {
  throw_invalid_argument("an integer must lie within int64, at most 9223372036854775807");
}

void MemoryValue::refuse_kind(ValueKind wanted) const {
  std::string message("the value is of kind ");
  message.append(to_string(kind_)).append(", not ").append(to_string(wanted));
  throw Error(ErrorCode::failed_precondition, std::move(message));
}

template <>
bool MemoryValue::get<bool>() const {
  if (kind_ != ValueKind::boolean) refuse_kind(ValueKind::boolean);
  return json_text() == "true";
}

template <>
std::int64_t MemoryValue::get<std::int64_t>() const {
  if (kind_ != ValueKind::int64) refuse_kind(ValueKind::int64);
  const std::optional<std::int64_t> integer = read_integer(json_text());
  if (!integer) value_text::throw_corruption("an integer is not canonical");
  return *integer;
}

template <>
double MemoryValue::get<double>() const {
  if (kind_ != ValueKind::float64) refuse_kind(ValueKind::float64);
  const std::optional<double> number = read_double(json_text());
  if (!number) value_text::throw_corruption("a double is not canonical");
  return *number;
}

template <>
std::string MemoryValue::get<std::string>() const {
  if (kind_ != ValueKind::string) refuse_kind(ValueKind::string);
  return value_text::unquote(json_text());
}

template <>
Bytes MemoryValue::get<Bytes>() const {
  if (kind_ != ValueKind::bytes) refuse_kind(ValueKind::bytes);
  std::optional<Bytes> bytes = decode_base64(value_text::base64_in(json_text()));
  if (!bytes) value_text::throw_corruption("bytes are not canonical base64");
  return *std::move(bytes);
}

std::size_t MemoryValue::size() const {
  if (kind_ != ValueKind::list && kind_ != ValueKind::map) return 0;
  value_text::Walk walk(value_text::plain_map(json_text()));
  std::size_t items = 0;
  while (walk.next()) ++items;
  return items;
}

std::optional<MemoryValue> MemoryValue::find(std::string_view key) const {
  if (kind_ != ValueKind::map) return std::nullopt;
  value_text::Walk walk(value_text::plain_map(json_text()));
  while (walk.next()) {
    const std::strong_ordering order = value_text::compare_unquoted(walk.quoted_key(), key);
    if (order == 0) return from_canonical(text_.narrowed_to(walk.value()));
    if (order > 0) break;  // keys are in order: it cannot come any more
  }
  return std::nullopt;
}

std::optional<MemoryValue> MemoryValue::at(std::size_t index) const {
  if (kind_ != ValueKind::list) return std::nullopt;
  value_text::Walk walk(json_text());
  while (walk.next()) {
    if (index == 0) return from_canonical(text_.narrowed_to(walk.value()));
    --index;
  }
  return std::nullopt;
}

MemoryValue MemoryValue::operator[](std::string_view key) const {
  std::optional<MemoryValue> member = find(key);
  return member ? *std::move(member) : MemoryValue();
}

MemoryValue::ItemRange MemoryValue::items() const { return {Iterator(*this)}; }

MemoryValue::Iterator::Iterator(const MemoryValue& container)
    : offset_(1), is_map_(container.kind_ == ValueKind::map) {
  if (!is_map_ && container.kind_ != ValueKind::list) return;
  text_ = container.text_.narrowed_to(value_text::plain_map(container.json_text()));
  read_item();
}

MemoryValue::Iterator& MemoryValue::Iterator::operator++() {
  read_item();
  return *this;
}

void MemoryValue::Iterator::read_item() {
  value_text::Walk walk(text_.view(), offset_);
  at_end_ = !walk.next();
  if (at_end_) {
    item_ = {};
    return;
  }
  offset_ = walk.offset();
  item_.value = from_canonical(text_.narrowed_to(walk.value()));
  if (is_map_) item_.key = value_text::unquote(walk.quoted_key());
}

}  // namespace holdfast
