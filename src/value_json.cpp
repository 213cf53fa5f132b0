// From nlohmann::json.
#include <nlohmann/json.hpp>

#include "base64.hpp"
#include "holdfast/error.hpp"
#include "holdfast/value.hpp"
#include "json_number.hpp"
#include "json_string.hpp"
#include "text_builder.hpp"
#include "value_text.hpp"

namespace holdfast {
namespace {

using nlohmann::json;

/// Writes canonical text; its recursion ends where nesting is refused.
class JsonWriter {
 public:
  explicit JsonWriter(TextBuilder& out) : out_(out) {}

  void write(const json& value, std::size_t depth) {
    switch (value.type()) {
      case json::value_t::null:
        return out_.append("null");
      case json::value_t::boolean:
        return out_.append(value.get<bool>() ? "true" : "false");
      case json::value_t::number_integer:
        return write_number(value.get<std::int64_t>());
      case json::value_t::number_unsigned:
        return write_unsigned(value.get<std::uint64_t>());
      case json::value_t::number_float:
        return write_float(value.get<double>());
      case json::value_t::string:
        return write_string(value.get_ref<const std::string&>());
      case json::value_t::binary:
        return write_binary(value.get_binary());
      case json::value_t::array:
        return write_array(value, depth + 1);
      case json::value_t::object:
        return write_object(value, depth + 1);
      case json::value_t::discarded:
        break;
    }
    throw_invalid_argument("a discarded nlohmann::json is no value");
  }

 private:
  void write_number(std::int64_t integer) {
    out_.ensure_room(number_size_max);
    out_.advance_to(write_integer(integer, out_.tail()));
  }

  void write_unsigned(std::uint64_t integer) {
    if (!std::in_range<std::int64_t>(integer)) {
      throw_invalid_argument("the integer " + std::to_string(integer) +
                             " is outside int64, at most 9223372036854775807");
    }
    write_number(static_cast<std::int64_t>(integer));
  }

  void write_float(double number) {
    if (!std::isfinite(number)) throw_invalid_argument("a double must be finite");
    out_.ensure_room(number_size_max);
    out_.advance_to(write_double(number, out_.tail()));
  }

  void write_string(const std::string& text) {
    if (!append_quoted(text, out_)) throw_invalid_argument("a string must be valid UTF-8");
  }

  void write_binary(const json::binary_t& binary) {
    if (binary.has_subtype()) {
      throw_invalid_argument("bytes have no subtype; this nlohmann binary has one");
    }
    out_.append(R"({"$bytes":")");
    out_.ensure_room(base64_size(binary.size()));
    out_.advance_to(write_base64(std::as_bytes(std::span(binary)), out_.tail()));
    out_.append(R"("})");
  }

  void write_array(const json& array, std::size_t depth) {
    if (depth > MemoryValue::max_depth) refuse_depth();
    out_.append('[');
    bool is_first = true;
    for (const json& element : array) {
      if (!std::exchange(is_first, false)) out_.append(',');
      write(element, depth);
    }
    out_.append(']');
  }

  void write_object(const json& object, std::size_t depth) {
    // One level further only the form of bytes may stand, which nests nothing.
    if (depth > MemoryValue::max_depth && object.size() != 1) refuse_depth();
    if (depth > MemoryValue::max_depth && !object.begin()->is_string()) refuse_depth();
    const std::size_t begin = out_.size();
    out_.append('{');
    bool is_first = true;
    for (const auto& [key, value] : object.get_ref<const json::object_t&>()) {
      if (!std::exchange(is_first, false)) out_.append(',');
      if (!append_quoted(key, out_)) throw_invalid_argument("a key of a map must be valid UTF-8");
      out_.append(':');
      write(value, depth);
    }
    out_.append('}');
    if (depth > MemoryValue::max_depth && !value_text::is_bytes_form(out_.view().substr(begin))) {
      refuse_depth();
    }
  }

  [[noreturn]] static void refuse_depth() {
    throw_invalid_argument(std::string(value_text::too_deep));
  }

  TextBuilder& out_;
};

}  // namespace

MemoryValue MemoryValue::from_json(const nlohmann::json& json) {
  TextBuilder out(64);
  JsonWriter(out).write(json, 0);
  return from_canonical(out.finish());
}

}  // namespace holdfast
