// How lists, maps and bytes come from their parts.
#include <algorithm>
#include <numeric>

#include "base64.hpp"
#include "holdfast/error.hpp"
#include "holdfast/value.hpp"
#include "json_string.hpp"
#include "text_builder.hpp"
#include "value_text.hpp"

namespace holdfast {
namespace {

void refuse_depth() { throw_invalid_argument(std::string(value_text::too_deep)); }

/// Refuses a value that cannot stand within one more list or map.
void check_nestable(const MemoryValue& value) {
  const bool nests = value.kind() == ValueKind::list || value.kind() == ValueKind::map;
  if (nests && value_text::nests_deeper_than(value.json_text(), MemoryValue::max_depth - 1)) {
    refuse_depth();
  }
}

void append_key(std::string_view key, TextBuilder& out) {
  if (!append_quoted(key, out)) throw_invalid_argument("a key of a map must be valid UTF-8");
  out.append(':');
}

/// Makes a value of the plain text of a map: wraps it where it would be taken for a special form.
MemoryValue seal_map(TextBuilder& plain) {
  if (!value_text::is_special_form(plain.view())) {
    return MemoryValue::from_canonical(plain.finish());
  }
  constexpr std::string_view prefix = R"({"$map":)";
  TextBuilder wrapped(plain.size() + prefix.size() + 1);
  wrapped.append(prefix);
  wrapped.append(plain.view());
  wrapped.append('}');
  if (value_text::nests_deeper_than(wrapped.view(), MemoryValue::max_depth)) refuse_depth();
  return MemoryValue::from_canonical(wrapped.finish());
}

/// Members in the order of their keys.
std::vector<const MemoryValue::Member*> in_order(std::span<const MemoryValue::Member> members) {
  std::vector<const MemoryValue::Member*> order;
  order.reserve(members.size());
  for (const MemoryValue::Member& member : members) order.push_back(&member);
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  const auto twin =
      std::adjacent_find(order.begin(), order.end(),
                         [](const auto* a, const auto* b) { return a->first == b->first; });
  if (twin != order.end()) {
    throw_invalid_argument("a map holds the key \"" + value_text::for_message((*twin)->first) +
                           "\" twice");
  }
  return order;
}

/// Where in the plain text of a map `key` stands or would stand.
struct Place {
  std::size_t begin = 1;  ///< End of the member before, or just behind the brace.
  std::size_t end = 1;    ///< End of the member under `key`; `begin` when there is none.
};

Place find_place(std::string_view plain, std::string_view key) {
  value_text::Walk walk(plain);
  Place place;
  while (walk.next()) {
    const std::strong_ordering order = value_text::compare_unquoted(walk.quoted_key(), key);
    if (order > 0) break;
    place.end = walk.offset();
    if (order == 0) break;
    place.begin = place.end;
  }
  return place;
}

}  // namespace

MemoryValue MemoryValue::bytes(std::span<const std::byte> bytes) {
  TextBuilder out(0);
  out.append(R"({"$bytes":")");
  out.ensure_room(base64_size(bytes.size()) + 2);
  out.advance_to(write_base64(bytes, out.tail()));
  out.append(R"("})");
  return {out.finish(), ValueKind::bytes};
}

MemoryValue MemoryValue::list(std::span<const MemoryValue> elements) {
  if (elements.empty()) return {SharedText::of_static("[]"), ValueKind::list};
  std::size_t size = elements.size() + 1;
  for (const MemoryValue& element : elements) size += element.json_text().size();
  TextBuilder out(size);
  char separator = '[';
  for (const MemoryValue& element : elements) {
    check_nestable(element);
    out.append(separator);
    out.append(element.json_text());
    separator = ',';
  }
  out.append(']');
  return {out.finish(), ValueKind::list};
}

MemoryValue MemoryValue::list(std::initializer_list<MemoryValue> elements) {
  return list(std::span<const MemoryValue>(elements.begin(), elements.size()));
}

MemoryValue MemoryValue::map(std::span<const Member> members) {
  if (members.empty()) return {SharedText::of_static("{}"), ValueKind::map};
  std::size_t size = 2;
  for (const auto& [key, value] : members) size += key.size() + value.json_text().size() + 4;
  TextBuilder out(size);
  char separator = '{';
  for (const Member* member : in_order(members)) {
    check_nestable(member->second);
    out.append(separator);
    append_key(member->first, out);
    out.append(member->second.json_text());
    separator = ',';
  }
  out.append('}');
  return seal_map(out);
}

MemoryValue MemoryValue::map(std::initializer_list<Member> members) {
  return map(std::span<const Member>(members.begin(), members.size()));
}

MemoryValue MemoryValue::with(std::string_view key, const MemoryValue& value) const {
  if (kind_ != ValueKind::map && !is_null()) refuse_kind(ValueKind::map);
  check_nestable(value);
  const std::string_view plain = is_null() ? "{}" : value_text::plain_map(json_text());
  const Place place = find_place(plain, key);
  const std::string_view rest = plain.substr(place.end);
  TextBuilder out(plain.size() + key.size() + value.json_text().size() + 4);
  out.append(plain.substr(0, place.begin));
  if (place.begin > 1) out.append(',');
  append_key(key, out);
  out.append(value.json_text());
  if (rest.front() != ',' && rest.front() != '}') out.append(',');
  out.append(rest);
  return seal_map(out);
}

MemoryValue MemoryValue::without(std::string_view key) const {
  if (kind_ != ValueKind::map) refuse_kind(ValueKind::map);
  const std::string_view plain = value_text::plain_map(json_text());
  const Place place = find_place(plain, key);
  if (place.begin == place.end) return *this;
  std::string_view rest = plain.substr(place.end);
  if (place.begin == 1 && rest.front() == ',') rest.remove_prefix(1);
  TextBuilder out(plain.size());
  out.append(plain.substr(0, place.begin));
  out.append(rest);
  return seal_map(out);
}

}  // namespace holdfast
