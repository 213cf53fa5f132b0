#include "cursor.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "base64.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

constexpr std::string_view prefix = "hf1-";

// FNV-1a, 64 bits (Fowler, Noll, Vo): tells queries apart; it protects nothing, see the header.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return {digits.data(), end};
}

[[noreturn]] void refuse() {
  throw_invalid_argument(
      "the cursor is not one that this store gave; pass the cursor of an earlier page unchanged");
}

std::string text_of(const std::optional<Timestamp>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "-";
}

// Parts one after the other, each with its length, so that none can be mistaken for another.
class Parts {
 public:
  explicit Parts(std::string_view first) { add(first); }
  Parts& add(std::string_view part) {
    add_number(static_cast<std::int64_t>(part.size()));
    text_.append(":").append(part);
    return *this;
  }
  Parts& add(std::int64_t number) {
    add_number(number);
    text_ += ';';
    return *this;
  }
  Parts& add(const TimeRange& range) { return add(text_of(range.from)).add(text_of(range.until)); }
  Parts& add(const Filter& filter) {
    return filter.matches_everything() ? add("") : add(filter.to_value().json_text());
  }
  [[nodiscard]] std::string text() { return std::move(text_); }

 private:
  void add_number(std::int64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text_.append(digits.data(), end);
  }

  std::string text_;
};

Position position_in(const MemoryValue& cursor) {
  const auto revision = cursor.at(1)->get<std::int64_t>();
  const Namespace ns(cursor.at(2)->get<std::string>());
  const auto key = cursor.at(3)->get<std::string>();
  check_key(key);
  return {{ns, key}, revision};
}

}  // namespace

std::string encode_cursor(std::string_view query_text, const Position& position) {
  const MemoryValue cursor = MemoryValue::list({fingerprint(query_text), position.revision,
                                                position.address.ns.text(), position.address.key});
  const std::string_view text = cursor.json_text();
  std::string encoded(prefix);
  encoded += encode_base64(std::as_bytes(std::span(text)));
  return encoded;
}

Position decode_cursor(std::string_view query_text, std::string_view cursor) {
  if (!cursor.starts_with(prefix)) refuse();
  const auto bytes = decode_base64(cursor.substr(prefix.size()));
  if (!bytes) refuse();
  MemoryValue decoded;
  Position position;
  try {
    decoded = MemoryValue::parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (decoded.kind() != ValueKind::list || decoded.size() != 4) refuse();
    position = position_in(decoded);
  } catch (const Error&) {
    refuse();
  }
  if (decoded.at(0)->get_if<std::string>() != fingerprint(query_text)) {
    throw_invalid_argument("the cursor belongs to another query; only the limit may differ");
  }
  return position;
}

std::string text_of(const MemoryQuery& query) {
  return Parts("entries")
      .add(query.scope.ns.text())
      .add(query.scope.subtree)
      .add(query.key_prefix)
      .add(query.key_pattern.text())
      .add(query.filter)
      .add(query.created)
      .add(query.updated)
      .add(static_cast<int>(query.order))
      .add(static_cast<int>(query.direction))
      .add(query.keys_only)
      .add(query.after_revision.value_or(-1))
      .text();
}

std::string text_of(const NamespaceQuery& query) {
  return Parts("namespaces")
      .add(query.prefix.text())
      .add(query.suffix.text())
      .add(query.max_depth ? std::to_string(*query.max_depth) : "-")
      .text();
}

std::string text_of(const SearchQuery& query) {
  return Parts("search")
      .add(query.scope.ns.text())
      .add(query.scope.subtree)
      .add(query.filter)
      .add(query.created)
      .add(query.updated)
      .add(query.text)
      .text();
}

}  // namespace holdfast
