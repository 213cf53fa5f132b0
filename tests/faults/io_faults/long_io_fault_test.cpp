// Each call on a file fails in each operation.
#include <gtest/gtest.h>

#include "io_fault_run.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr const char* operations =
    "SQLite: a failing call on a file is an error that tells the truth";
constexpr const char* openings = "SQLite: a store opens once what kept it from opening is gone";

// All of them at `full`, and a third where writing differs.
std::uint64_t fail_everywhere(bool faults_last) {
  return fail_operations(Writing::full, faults_last, 1) +
         fail_operations(Writing::normal, faults_last, 3) +
         fail_operations(Writing::secure_erase, faults_last, 3);
}

TEST(IoFaultEverywhere, OneFailingCallIsToldAndThenEverythingWorks) {
  count_tries(operations, fail_everywhere(false));
}

TEST(IoFaultEverywhere, LastingFaultsAreToldAndThenEverythingWorks) {
  count_tries(operations, fail_everywhere(true));
}

TEST(IoFaultEverywhere, OneFailingCallKeepsNoStoreFromOpening) {
  count_tries(openings, fail_openings(false, 1));
}

TEST(IoFaultEverywhere, LastingFaultsKeepNoStoreFromOpeningAfterThem) {
  count_tries(openings, fail_openings(true, 1));
}

}  // namespace
}  // namespace holdfast::fault_tests
