#include "json_members.hpp"

#include <algorithm>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast::program {

bool JsonMembers::has(std::string_view name) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const MemberText& m) { return m.name == name; });
}

std::optional<MemoryValue> JsonMembers::take(std::string_view name) {
  const auto at = std::find_if(members_.begin(), members_.end(),
                               [&](const MemberText& m) { return m.name == name; });
  if (at == members_.end()) return std::nullopt;
  const std::string_view text = at->value;
  members_.erase(at);
  try {
    return MemoryValue::parse(text);
  } catch (const Error& error) {
    throw_invalid_argument("\"" + std::string(name) + "\": " + error.message());
  }
}

MemoryValue JsonMembers::require(std::string_view name) {
  auto value = take(name);
  if (!value) throw_invalid_argument("\"" + std::string(name) + "\" is missing");
  return *std::move(value);
}

std::string JsonMembers::require_text(std::string_view name) {
  const auto text = require(name).get_if<std::string>();
  if (!text) throw_invalid_argument("\"" + std::string(name) + "\" must be a string");
  return *text;
}

std::optional<std::int64_t> JsonMembers::take_number(std::string_view name) {
  const auto value = take(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto number = value->get_if<std::int64_t>();
  if (!number) throw_invalid_argument("\"" + std::string(name) + "\" must be a whole number");
  return number;
}

std::int64_t JsonMembers::require_number(std::string_view name) {
  const auto number = take_number(name);
  if (!number) throw_invalid_argument("\"" + std::string(name) + "\" must be a whole number");
  return *number;
}

void JsonMembers::refuse_rest(std::string_view allowed) const {
  if (members_.empty()) return;
  throw_invalid_argument("unknown member \"" + members_.front().name + "\"; allowed are " +
                         std::string(allowed));
}

}  // namespace holdfast::program
