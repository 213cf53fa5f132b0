// Filters: one that reads also prints and reads back, and matches what a plain evaluator says
// (contract, clause 7.5). The first line is the filter, the rest a value.
#include "holdfast/filter.hpp"

#include <nlohmann/json.hpp>

#include "../../unit/plain_filter.hpp"
#include "filter_text.hpp"
#include "fuzz_input.hpp"

namespace holdfast::fault_tests {
namespace {

using nlohmann::json;

// Not by `to_json`, so that the two have nothing in common.
json plain_of(const MemoryValue& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return nullptr;
    case ValueKind::boolean:
      return value.get<bool>();
    case ValueKind::int64:
      return value.get<std::int64_t>();
    case ValueKind::float64:
      return value.get<double>();
    case ValueKind::string:
      return value.get<std::string>();
    case ValueKind::bytes: {
      json::binary_t::container_type bytes;
      for (const std::byte byte : value.get<Bytes>()) {
        bytes.push_back(std::to_integer<std::uint8_t>(byte));
      }
      return json::binary(bytes);
    }
    case ValueKind::list:
    case ValueKind::map:
      break;
  }
  json items = value.kind() == ValueKind::list ? json::array() : json::object();
  for (const MemoryItem& item : value.items()) {
    if (value.kind() == ValueKind::list) {
      items.push_back(plain_of(item.value));
    } else {
      items[item.key] = plain_of(item.value);
    }
  }
  return items;
}

const json* resolve(const json& value, const Path& path) {
  const json* at = &value;
  for (const Path::Step& step : path.steps()) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      at = at->is_object() && at->contains(*key) ? &at->at(*key) : nullptr;
    } else {
      const std::size_t index = std::get<std::size_t>(step);
      at = at->is_array() && index < at->size() ? &(*at)[index] : nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool plainly_matches(const json& value, const Filter& filter) {
  if (const auto* condition = std::get_if<Filter::Condition>(&filter.node())) {
    return plain::holds(resolve(value, condition->path),
                        std::string(filter_text::name_of(condition->op)),
                        plain_of(condition->operand));
  }
  const auto& group = std::get<Filter::Group>(filter.node());
  const auto met = [&](const Filter& part) { return plainly_matches(value, part); };
  switch (group.kind) {
    case Filter::Group::Kind::all:
      return std::all_of(group.filters.begin(), group.filters.end(), met);
    case Filter::Group::Kind::any:
      return std::any_of(group.filters.begin(), group.filters.end(), met);
    case Filter::Group::Kind::none:
      break;
  }
  return !met(group.filters.front());
}

void check(const Filter& filter, const MemoryValue& value) {
  const bool matches = filter.matches(value);
  expect(matches == plainly_matches(plain_of(value), filter), "a plain evaluator says otherwise",
         value.json_text());
  expect(!filter.matches_everything() || matches, "it says that it matches everything");
  MemoryValue form;
  if (!is_taken([&] { form = filter.to_value(); })) return;  // It would nest too deeply.
  Filter again;
  expect(is_taken([&] { again = Filter::parse(form.json_text()); }), "it does not read back",
         form.json_text());
  expect(again.to_value() == form, "it reads back as another", form.json_text());
  expect(again.matches(value) == matches, "read back it matches otherwise", form.json_text());
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  FuzzInput input(bytes, size);
  const std::string_view text = input.line();
  holdfast::Filter filter;
  if (!is_taken([&] { filter = holdfast::Filter::parse(text); })) return 0;
  holdfast::MemoryValue value;
  static_cast<void>(
      is_taken([&] { value = holdfast::MemoryValue::parse(input.rest()); }));  // Else null.
  check(filter, value);
  return 0;
}
