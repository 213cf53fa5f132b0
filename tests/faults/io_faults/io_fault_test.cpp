// A sample of what can fail; long_io_fault_test.cpp has all of it.
#include <gtest/gtest.h>

#include "io_fault_run.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr const char* operations =
    "SQLite: a failing call on a file is an error that tells the truth";
constexpr const char* openings = "SQLite: a store opens once what kept it from opening is gone";

TEST(IoFault, OneFailingCallIsToldAndThenEverythingWorks) {
  count_tries(operations, fail_operations(Writing::full, false, 60));
}

TEST(IoFault, LastingFaultsAreToldAndThenEverythingWorks) {
  count_tries(operations, fail_operations(Writing::normal, true, 60));
}

TEST(IoFault, OneFailingCallKeepsNoStoreFromOpening) {
  count_tries(openings, fail_openings(false, 15));
}

TEST(IoFault, LastingFaultsKeepNoStoreFromOpeningAfterThem) {
  count_tries(openings, fail_openings(true, 15));
}

}  // namespace
}  // namespace holdfast::fault_tests
