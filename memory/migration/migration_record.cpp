#include "migration_record.hpp"

#include <xxhash.h>

#include <array>
#include <cstdio>
#include <string_view>

namespace holdfast::migration {
namespace {

constexpr std::int64_t version = 1;

MemoryValue identity_of(const MigrationOptions& options) {
  return MemoryValue::map({{"source", options.source_name},
                           {"namespace", options.scope.ns.text()},
                           {"subtree", options.scope.subtree},
                           {"destination", options.destination.value_or(options.scope.ns).text()},
                           {"filter", options.filter.to_value()}});
}

template <typename T>
T field(const MemoryValue& map, std::string_view name) {
  const auto member = map.find(name);
  if (!member) throw Error(ErrorCode::corruption, "it lacks \"" + std::string(name) + "\"");
  return member->get<T>();
}

std::uint64_t count(const MemoryValue& map, std::string_view name) {
  return static_cast<std::uint64_t>(field<std::int64_t>(map, name));
}

ConflictPolicy policy_of(const std::string& text) {
  for (const ConflictPolicy policy : {ConflictPolicy::fail, ConflictPolicy::skip,
                                      ConflictPolicy::overwrite, ConflictPolicy::newer}) {
    if (to_string(policy) == text) return policy;
  }
  throw Error(ErrorCode::corruption, "it names an unknown policy");
}

MigrationRecord record_of(const MemoryValue& map) {
  if (field<std::int64_t>(map, "version") != version) {
    throw Error(ErrorCode::failed_precondition,
                "it was left by another version of Holdfast; end it with that one, or restart it");
  }
  MigrationRecord record;
  record.revisions =
      field<bool>(map, "keeps_revisions") ? RestoreRevisions::keep : RestoreRevisions::assign;
  record.policy = policy_of(field<std::string>(map, "on_conflict"));
  record.base = field<Revision>(map, "base");
  record.others_there = field<bool>(map, "others_there");
  record.first_until = field<Revision>(map, "first_until");
  record.position = field<Revision>(map, "position");
  record.finished = field<bool>(map, "finished");
  record.copied = count(map, "copied");
  record.erased = count(map, "erased");
  record.bytes = count(map, "bytes");
  record.skipped = count(map, "skipped");
  record.overwritten = count(map, "overwritten");
  return record;
}

}  // namespace

std::string note_name(const MigrationOptions& options) {
  const MemoryValue identity = identity_of(options);
  const std::string_view text = identity.json_text();
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  return std::string("migration/") + digits.data();
}

std::string to_text(const MigrationRecord& record, const MigrationOptions& options) {
  return std::string(
      MemoryValue::map({{"version", version},
                        {"of", identity_of(options)},
                        {"keeps_revisions", record.revisions == RestoreRevisions::keep},
                        {"on_conflict", to_string(record.policy)},
                        {"base", record.base},
                        {"others_there", record.others_there},
                        {"first_until", record.first_until},
                        {"position", record.position},
                        {"finished", record.finished},
                        {"copied", record.copied},
                        {"erased", record.erased},
                        {"bytes", record.bytes},
                        {"skipped", record.skipped},
                        {"overwritten", record.overwritten}})
          .json_text());
}

MigrationRecord parse_record(const std::string& text) {
  try {
    return record_of(MemoryValue::parse(text));
  } catch (const Error& error) {
    const ErrorCode code = error.code() == ErrorCode::failed_precondition
                               ? ErrorCode::failed_precondition
                               : ErrorCode::corruption;
    throw Error(code, "what the destination remembers of this migration cannot be read: " +
                          error.message());
  }
}

}  // namespace holdfast::migration
