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
  // Built as a list, so that no part can be mistaken for another.
  return std::string(
      MemoryValue::list({"entries", query.scope.ns.text(), query.scope.subtree, query.key_prefix,
                         query.key_pattern.text(), query.filter.to_value(),
                         text_of(query.created.from), text_of(query.created.until),
                         text_of(query.updated.from), text_of(query.updated.until),
                         static_cast<int>(query.order), static_cast<int>(query.direction),
                         query.keys_only, query.after_revision.value_or(-1)})
          .json_text());
}

std::string text_of(const NamespaceQuery& query) {
  return std::string(MemoryValue::list({"namespaces", query.prefix.text(), query.suffix.text(),
                                        query.max_depth ? std::to_string(*query.max_depth) : "-"})
                         .json_text());
}

std::string text_of(const SearchQuery& query) {
  const MemoryValue rest = MemoryValue::list(
      {"search", query.scope.ns.text(), query.scope.subtree, query.filter.to_value(),
       text_of(query.created.from), text_of(query.created.until), text_of(query.updated.from),
       text_of(query.updated.until)});
  // The text stands last and as it is: it need not be valid UTF-8.
  return std::string(rest.json_text()) + query.text;
}

}  // namespace holdfast
