// A store as an earlier version of Holdfast left it.
#pragma once

#include <filesystem>

namespace holdfast::fault_tests {

// Takes away what the format of a store of SQLite, which nobody has open, has had since version 2.
void take_back_to_version_2(const std::filesystem::path& file);

}  // namespace holdfast::fault_tests
