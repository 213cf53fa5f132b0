// A sample of what can fail below the program; long_program_fault_test.cpp has all of it.
#include <gtest/gtest.h>

#include "program_fault_run.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr const char* promise = "program: a failing system call is told, and the next run succeeds";

TEST(ProgramFault, AnExportIsWholeOrRefused) { count_tries(promise, fail_export(20)); }

TEST(ProgramFault, AnImportIsWholeOrCanGoOn) { count_tries(promise, fail_import(100)); }

}  // namespace
}  // namespace holdfast::fault_tests
