#include "export_format.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "holdfast/error.hpp"
#include "holdfast/write.hpp"
#include "json_members.hpp"

namespace holdfast::program {
namespace {

constexpr std::int64_t version = 1;
constexpr std::string_view end_begins_with = "{\"holdfast_export_end\"";

std::int64_t ms(Timestamp time) { return time.time_since_epoch().count(); }

void check_revisions(const Entry& entry) {
  if (entry.created_revision >= 1 && entry.revision >= entry.created_revision) return;
  throw_invalid_argument(
      "\"created_revision\" must be at least 1, and \"revision\" no less than it");
}

void read_exported(JsonMembers& members, Entry& entry) {
  entry.created_at = Timestamp(std::chrono::milliseconds(members.require_number("created_at")));
  entry.updated_at = Timestamp(std::chrono::milliseconds(members.require_number("updated_at")));
  if (!members.has("expires_at")) throw_invalid_argument("\"expires_at\" is missing");
  entry.created_revision = members.require_number("created_revision");
  entry.revision = members.require_number("revision");
  check_revisions(entry);
}

void read_plain(JsonMembers& members, Entry& entry, Timestamp now) {
  entry.created_at =
      Timestamp(std::chrono::milliseconds(members.take_number("created_at").value_or(ms(now))));
  entry.updated_at = Timestamp(
      std::chrono::milliseconds(members.take_number("updated_at").value_or(ms(entry.created_at))));
  entry.created_revision = members.take_number("created_revision").value_or(1);
  entry.revision = members.take_number("revision").value_or(entry.created_revision);
  check_revisions(entry);
  members.take_number("size");
}

}  // namespace

std::string export_header(const Namespace& scope, std::string_view filter) {
  JsonObject json;
  json.number("holdfast_export", version).text("scope", scope.text()).text("order", "created");
  if (!filter.empty()) json.raw("filter", filter);
  return std::move(json).finish();
}

std::string export_line(AddressView address, const Record& record) {
  JsonObject json;
  json.text("namespace", address.ns)
      .text("key", address.key)
      .raw("value", record.value.json_text())
      .number("created_at", ms(record.created_at))
      .number("updated_at", ms(record.updated_at));
  if (record.expires_at) {
    json.number("expires_at", ms(*record.expires_at));
  } else {
    json.raw("expires_at", "null");
  }
  json.number("created_revision", record.created_revision).number("revision", record.revision);
  return std::move(json).finish();
}

std::string export_end(const ExportClosing& closing) {
  return std::move(JsonObject()
                       .number("holdfast_export_end", version)
                       .number("entries", static_cast<std::int64_t>(closing.entries))
                       .text("digest", closing.digest)
                       .text("lines", closing.lines))
      .finish();
}

Namespace parse_export_header(std::string_view line) {
  std::optional<JsonMembers> members;
  std::optional<std::int64_t> found;
  try {
    members.emplace(line);
    found = members->take_number("holdfast_export");
  } catch (const Error&) {
    found.reset();  // Whatever it is, it is no header: said below, with what is expected.
  }
  if (!found) {
    throw_invalid_argument(
        "this is no export: it should begin with {\"holdfast_export\":1,...} (--format plain reads "
        "JSON Lines of entries without it)");
  }
  if (*found != version) {
    throw_invalid_argument("the export is of version " + std::to_string(*found) +
                           ", and this program reads version " + std::to_string(version));
  }
  Namespace scope(members->require_text("scope"));
  if (members->require_text("order") != "created") {
    throw_invalid_argument("\"order\" must be \"created\"");
  }
  members->take("filter");
  members->refuse_rest("holdfast_export, scope, order, filter");
  return scope;
}

bool is_export_end(std::string_view line) noexcept { return line.starts_with(end_begins_with); }

void check_export_end(std::string_view line, const ExportClosing& read) {
  JsonMembers members(line);
  if (members.require_number("holdfast_export_end") != version) {
    throw_invalid_argument("the closing line is of another version than the header");
  }
  const std::int64_t entries = members.require_number("entries");
  if (std::cmp_not_equal(entries, read.entries)) {
    throw_invalid_argument("the export says that it holds " + std::to_string(entries) +
                           " entries, but " + std::to_string(read.entries) + " were read");
  }
  if (members.require_text("lines") != read.lines) {
    throw_invalid_argument("the check sum does not fit: lines were changed or moved");
  }
  if (members.require_text("digest") != read.digest) {
    throw_invalid_argument("the digest of the entries does not fit: they read back otherwise");
  }
  members.refuse_rest("holdfast_export_end, entries, digest, lines");
}

Entry parse_entry(std::string_view line, EntryForm form, Timestamp now) {
  JsonMembers members(line);
  Entry entry;
  entry.ns = Namespace(members.require_text("namespace"));
  entry.key = members.require_text("key");
  entry.value = members.require("value");
  if (form == EntryForm::exported) {
    read_exported(members, entry);
  } else {
    read_plain(members, entry, now);
  }
  if (const auto expires_at = members.take_number("expires_at")) {
    entry.expires_at = Timestamp(std::chrono::milliseconds(*expires_at));
  }
  WriteBatch().set(entry.ns, entry.key, entry.value);  // Throws for what no store would take.
  members.refuse_rest(
      "namespace, key, value, created_at, updated_at, expires_at, created_revision, revision");
  return entry;
}

}  // namespace holdfast::program
