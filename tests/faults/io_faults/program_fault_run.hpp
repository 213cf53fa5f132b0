// The program's export and import, with a system call failing at each ordinal.
#pragma once

#include <cstdint>

namespace holdfast::fault_tests {

// As those of io_fault_run.hpp.
[[nodiscard]] std::uint64_t fail_export(std::uint64_t one_in);
[[nodiscard]] std::uint64_t fail_import(std::uint64_t one_in);

}  // namespace holdfast::fault_tests
