#include "entry_text.hpp"

#include <utility>

#include "json_text.hpp"

namespace holdfast::program {
namespace {

void add_revisions_and_times(JsonObject& json, const Entry& entry) {
  json.number("revision", entry.revision)
      .number("created_revision", entry.created_revision)
      .number("created_at", entry.created_at.time_since_epoch().count())
      .number("updated_at", entry.updated_at.time_since_epoch().count());
  if (entry.expires_at) {
    json.number("expires_at", entry.expires_at->time_since_epoch().count());
  } else {
    json.raw("expires_at", "null");
  }
}

}  // namespace

std::string entry_json(const Entry& entry) {
  JsonObject json;
  json.text("namespace", entry.ns.text())
      .text("key", entry.key)
      .raw("value", entry.value.json_text());
  add_revisions_and_times(json, entry);
  json.number("size", static_cast<std::int64_t>(entry.size_bytes()));
  return std::move(json).finish();
}

std::string entry_json_without_value(const Entry& entry) {
  JsonObject json;
  json.text("namespace", entry.ns.text()).text("key", entry.key);
  add_revisions_and_times(json, entry);
  return std::move(json).finish();
}

std::string plain_text(const MemoryValue& value) {
  if (value.kind() == ValueKind::string) return value.get<std::string>();
  return std::string(value.json_text());
}

std::string shown_namespace(const Namespace& ns) {
  return ns.is_root() ? "''" : std::string(ns.text());
}

std::string absence_of(std::string_view ns, std::string_view key) {
  return "no entry \"" + std::string(key) + "\" in namespace '" + std::string(ns) + "'";
}

}  // namespace holdfast::program
