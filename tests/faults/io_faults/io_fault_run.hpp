// Every operation, with a call on its files failing at each ordinal.
#pragma once

#include <cstdint>

#include "operations.hpp"

namespace holdfast::fault_tests {

// Both fail the running test where a promise is broken, naming the case. They say how many cases
// there were: of all, one in `one_in`, by a seeded choice.
[[nodiscard]] std::uint64_t fail_operations(Writing writing, bool faults_last,
                                            std::uint64_t one_in);
[[nodiscard]] std::uint64_t fail_openings(bool faults_last, std::uint64_t one_in);

}  // namespace holdfast::fault_tests
