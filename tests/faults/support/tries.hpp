// How often a test tried to break a promise.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::fault_tests {

// Says at the end of a test that it tried to break `promise` so many times: as a property of the
// test, and as a line of the file that HOLDFAST_TRIES_FILE names, which scripts/test adds up by
// promise and prints. `promise` is a few words on one line, the same as in README.md, such as
// "SQLite: acknowledged writes survive SIGKILL". Throws std::system_error where the file cannot be
// written.
void count_tries(std::string_view promise, std::uint64_t tries);

}  // namespace holdfast::fault_tests
