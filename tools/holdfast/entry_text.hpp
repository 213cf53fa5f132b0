/// @file
/// How an entry is shown to programs and to people.
#pragma once

#include <string>
#include <string_view>

#include "holdfast/entry.hpp"

namespace holdfast::program {

/// One JSON object on one line: namespace, key, value, revision, created_revision, created_at,
/// updated_at, expires_at (null: never) and size. Times are milliseconds since the epoch.
[[nodiscard]] std::string entry_json(const Entry& entry);
/// The same without value and size, for entries whose values were not read.
[[nodiscard]] std::string entry_json_without_value(const Entry& entry);

/// The value for people: a string as it is, everything else as JSON.
[[nodiscard]] std::string plain_text(const MemoryValue& value);

/// A namespace for people: '' for the root.
[[nodiscard]] std::string shown_namespace(const Namespace& ns);

/// `no entry "key" in namespace 'ns'`.
[[nodiscard]] std::string absence_of(std::string_view ns, std::string_view key);

}  // namespace holdfast::program
