/// @file
/// Stores of tests in the shared server: each is a schema.
#pragma once

#include <filesystem>
#include <string>

namespace holdfast::testing {

/// Drops the schema, and what it holds, where it is there. Throws std::runtime_error with the
/// server's words.
void drop_schema(const std::string& schema);

/// A schema's name for a test's folder, the same for the same folder. What it holds is dropped when
/// the process that asked first ends.
[[nodiscard]] std::string schema_for(const std::filesystem::path& folder);

}  // namespace holdfast::testing
