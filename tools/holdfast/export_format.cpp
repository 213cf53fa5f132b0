#include "export_format.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/write.hpp"
#include "json_text.hpp"

namespace holdfast::program {
namespace {

constexpr std::int64_t version = 1;
constexpr std::string_view end_begins_with = "{\"holdfast_export_end\"";

std::int64_t ms(Timestamp time) { return time.time_since_epoch().count(); }

/// The members of one line, each to be taken once.
class Members {
 public:
  explicit Members(std::string_view line) : members_(split_object(line)) {}

  std::optional<MemoryValue> take(std::string_view name) {
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

  MemoryValue require(std::string_view name) {
    auto value = take(name);
    if (!value) throw_invalid_argument("\"" + std::string(name) + "\" is missing");
    return *std::move(value);
  }

  std::string require_text(std::string_view name) {
    const auto text = require(name).get_if<std::string>();
    if (!text) throw_invalid_argument("\"" + std::string(name) + "\" must be a string");
    return *text;
  }

  /// Empty where the member is not there or null.
  std::optional<std::int64_t> take_number(std::string_view name) {
    const auto value = take(name);
    if (!value || value->is_null()) return std::nullopt;
    const auto number = value->get_if<std::int64_t>();
    if (!number) throw_invalid_argument("\"" + std::string(name) + "\" must be a whole number");
    return number;
  }

  std::int64_t require_number(std::string_view name) {
    const auto number = take_number(name);
    if (!number) throw_invalid_argument("\"" + std::string(name) + "\" must be a whole number");
    return *number;
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const MemberText& m) { return m.name == name; });
  }

  void refuse_rest(std::string_view allowed) const {
    if (members_.empty()) return;
    throw_invalid_argument("unknown member \"" + members_.front().name + "\"; allowed are " +
                           std::string(allowed));
  }

 private:
  std::vector<MemberText> members_;
};

void check_revisions(const Entry& entry) {
  if (entry.created_revision >= 1 && entry.revision >= entry.created_revision) return;
  throw_invalid_argument(
      "\"created_revision\" must be at least 1, and \"revision\" no less than it");
}

void read_exported(Members& members, Entry& entry) {
  entry.created_at = Timestamp(std::chrono::milliseconds(members.require_number("created_at")));
  entry.updated_at = Timestamp(std::chrono::milliseconds(members.require_number("updated_at")));
  if (!members.has("expires_at")) throw_invalid_argument("\"expires_at\" is missing");
  entry.created_revision = members.require_number("created_revision");
  entry.revision = members.require_number("revision");
  check_revisions(entry);
}

void read_plain(Members& members, Entry& entry, Timestamp now) {
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

void ExportSum::add(std::string_view line) noexcept {
  ++entries_;
  const auto mix = [this](char c) {
    hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  for (const char c : line) mix(c);
  mix('\n');
}

std::string ExportSum::digest() const {
  std::array<char, 20> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%016llx", static_cast<unsigned long long>(hash_));
  return buffer.data();
}

std::string export_header(const Namespace& scope) {
  return std::move(JsonObject()
                       .number("holdfast_export", version)
                       .text("scope", scope.text())
                       .text("order", "created"))
      .finish();
}

std::string export_line(const Entry& entry) {
  JsonObject json;
  json.text("namespace", entry.ns.text())
      .text("key", entry.key)
      .raw("value", entry.value.json_text())
      .number("created_at", ms(entry.created_at))
      .number("updated_at", ms(entry.updated_at));
  if (entry.expires_at) {
    json.number("expires_at", ms(*entry.expires_at));
  } else {
    json.raw("expires_at", "null");
  }
  json.number("created_revision", entry.created_revision).number("revision", entry.revision);
  return std::move(json).finish();
}

std::string export_end(const ExportSum& sum) {
  return std::move(JsonObject()
                       .number("holdfast_export_end", version)
                       .number("entries", static_cast<std::int64_t>(sum.entries()))
                       .text("fnv1a64", sum.digest()))
      .finish();
}

void check_export_header(std::string_view line) {
  std::optional<std::int64_t> found;
  try {
    Members members(line);
    found = members.take_number("holdfast_export");
  } catch (const Error&) {
    found.reset();  // Whatever it is, it is no header: said below, with what is expected.
  }
  if (!found) {
    throw_invalid_argument(
        "this is no export: it should begin with {\"holdfast_export\":1,...} (--plain reads JSON "
        "Lines of entries without it)");
  }
  if (*found != version) {
    throw_invalid_argument("the export is of version " + std::to_string(*found) +
                           ", and this program reads version " + std::to_string(version));
  }
}

bool is_export_end(std::string_view line) noexcept { return line.starts_with(end_begins_with); }

void check_export_end(std::string_view line, const ExportSum& sum) {
  Members members(line);
  if (members.require_number("holdfast_export_end") != version) {
    throw_invalid_argument("the closing line is of another version than the header");
  }
  const std::int64_t entries = members.require_number("entries");
  if (std::cmp_not_equal(entries, sum.entries())) {
    throw_invalid_argument("the export says that it holds " + std::to_string(entries) +
                           " entries, but " + std::to_string(sum.entries()) + " were read");
  }
  if (members.require_text("fnv1a64") != sum.digest()) {
    throw_invalid_argument("the check sum does not fit: lines were changed or moved");
  }
}

Entry parse_entry(std::string_view line, EntryForm form, Timestamp now) {
  Members members(line);
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
