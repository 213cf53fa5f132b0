// Each system call below the program fails.
#include <gtest/gtest.h>

#include "program_fault_run.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr const char* promise = "program: a failing system call is told, and the next run succeeds";

TEST(ProgramFaultEverywhere, AnExportIsWholeOrRefused) { count_tries(promise, fail_export(1)); }

TEST(ProgramFaultEverywhere, AnImportIsWholeOrCanGoOn) { count_tries(promise, fail_import(1)); }

}  // namespace
}  // namespace holdfast::fault_tests
