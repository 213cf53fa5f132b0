// The JSON form of filters.
#include <algorithm>
#include <string>

#include "filter_text.hpp"
#include "holdfast/error.hpp"
#include "holdfast/filter.hpp"

namespace holdfast {

namespace {

[[noreturn]] void refuse(const std::string& place, std::string_view problem) {
  throw_invalid_argument("filter" + (place.empty() ? "" : " at " + place) + ": " +
                         std::string(problem));
}

// A member's name in a message: quoted, escaped, and not of any length.
std::string shown(std::string_view name) {
  constexpr std::size_t longest = 80;
  std::string quoted(MemoryValue(name).json_text());
  if (quoted.size() <= longest) return quoted;
  std::size_t end = longest;
  while ((static_cast<unsigned char>(quoted[end]) & 0xC0U) == 0x80) --end;
  return quoted.substr(0, end) + "...";
}

std::string operators_listed() {
  std::string names;
  for (const auto& [op, name] : filter_text::operators) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

enum class Members { none, plain, operators, mixed };

Members members_of(const MemoryValue& map) {
  bool operators = false;
  bool plain = false;
  for (const MemoryItem& item : map.items()) {
    (item.key.starts_with('$') ? operators : plain) = true;
  }
  if (operators && plain) return Members::mixed;
  if (operators) return Members::operators;
  return plain ? Members::plain : Members::none;
}

// Reads one filter, counting its nodes as it goes, so that it stops at the limits rather than
// after having read whatever it was given.
class FilterReader {
 public:
  Filter read(const MemoryValue& form, const std::string& place, std::size_t depth) {
    if (form.kind() != ValueKind::map) {
      refuse(place, "a filter is a map, not " + std::string(to_string(form.kind())));
    }
    if (depth > Filter::max_depth) {
      refuse({}, "groups nest over " + std::to_string(Filter::max_depth) +
                     " deep, the most that is allowed");
    }
    std::vector<Filter> parts;
    for (const MemoryItem& item : form.items()) {
      if (item.key.starts_with('$')) {
        parts.push_back(group(item, place, depth));
      } else {
        conditions(item, place, parts);
      }
    }
    if (parts.size() == 1) return std::move(parts.front());
    count();
    return Filter::all_of(std::move(parts));
  }

 private:
  void count() {
    if (++nodes_ <= Filter::max_nodes) return;
    refuse({}, "over " + std::to_string(Filter::max_nodes) +
                   " conditions and groups, the most that is allowed; $in takes a list of any "
                   "length");
  }

  Filter group(const MemoryItem& item, const std::string& outer, std::size_t depth) {
    const std::string place = outer.empty() ? item.key : outer + "." + item.key;
    if (item.key == filter_text::none) {
      count();
      return Filter::none_of(read(item.value, place, depth + 1));
    }
    const bool all = item.key == filter_text::all;
    if (!all && item.key != filter_text::any) {
      refuse(outer, "no group " + shown(item.key) +
                        "; there are $and, $or and $not, and a key that begins with '$' is "
                        "written [\"$key\"]");
    }
    if (item.value.kind() != ValueKind::list) {
      refuse(place,
             "a list of filters is needed, not " + std::string(to_string(item.value.kind())));
    }
    count();
    std::vector<Filter> parts;
    for (const MemoryItem& part : item.value.items()) {
      parts.push_back(
          read(part.value, place + "[" + std::to_string(parts.size()) + "]", depth + 1));
    }
    return all ? Filter::all_of(std::move(parts)) : Filter::any_of(std::move(parts));
  }

  void conditions(const MemoryItem& item, const std::string& outer, std::vector<Filter>& parts) {
    const std::string place = (outer.empty() ? "" : outer + ".") + shown(item.key);
    const Path path = path_of(item.key, place);
    const Members members =
        item.value.kind() == ValueKind::map ? members_of(item.value) : Members::plain;
    if (members == Members::mixed) {
      refuse(place,
             "operators ($...) and other keys stand in one map; to compare with a map that "
             "has keys with '$', write {\"$eq\":{...}}");
    }
    if (members != Members::operators) {
      count();
      parts.push_back(Filter::where(path, Filter::Operator::eq, item.value));
      return;
    }
    for (const MemoryItem& condition : item.value.items()) {
      count();
      parts.push_back(Filter::where(path, operator_named(condition.key, place), condition.value));
    }
  }

  static Path path_of(const std::string& name, const std::string& place) {
    try {
      return Path(name);
    } catch (const Error& error) {
      refuse(place, error.message());
    }
  }

  static Filter::Operator operator_named(std::string_view name, const std::string& place) {
    const auto found =
        std::ranges::find(filter_text::operators, name, &filter_text::OperatorName::name);
    if (found != filter_text::operators.end()) return found->op;
    refuse(place, "no operator " + shown(name) + "; there are " + operators_listed());
  }

  std::size_t nodes_ = 0;
};

MemoryValue form_of(const Filter::Condition& condition) {
  const MemoryValue operators =
      MemoryValue::map({{std::string(filter_text::name_of(condition.op)), condition.operand}});
  const bool plain =
      condition.op == Filter::Operator::eq && condition.operand.kind() != ValueKind::map;
  return MemoryValue::map({{condition.path.text(), plain ? condition.operand : operators}});
}

MemoryValue form_of(const Filter::Group& group) {
  if (group.kind == Filter::Group::Kind::none) {
    return MemoryValue::map({{std::string(filter_text::none), group.filters.front().to_value()}});
  }
  const bool all = group.kind == Filter::Group::Kind::all;
  if (all && group.filters.empty()) return MemoryValue::map({});
  std::vector<MemoryValue> forms;
  forms.reserve(group.filters.size());
  for (const Filter& filter : group.filters) forms.push_back(filter.to_value());
  return MemoryValue::map(
      {{std::string(all ? filter_text::all : filter_text::any), MemoryValue::list(forms)}});
}

}  // namespace

Filter Filter::parse(std::string_view json_text) {
  return from_value(MemoryValue::parse(json_text));
}

Filter Filter::from_value(const MemoryValue& json_form) {
  return FilterReader().read(json_form, {}, 0);
}

MemoryValue Filter::to_value() const {
  return std::visit([](const auto& content) { return form_of(content); }, node());
}

}  // namespace holdfast
