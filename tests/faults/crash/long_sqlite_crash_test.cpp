// SQLite stores under killed processes, thousands of times.
#include <gtest/gtest.h>

#include <iostream>

#include "sqlite_crash.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

void count(const char* promise, const Tally& tally, std::size_t points) {
  std::cout << tally.text() << '\n';
  EXPECT_GE(tally.points.size(), points);
  count_tries(promise, tally.points.size());
}

class LongSqliteCrash : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static Trial trial(std::uint64_t seed) {
    return {.durability = GetParam(), .change_log = seed % 2 == 1, .seed = seed};
  }
};

TEST_P(LongSqliteCrash, OneProcess) {
  Tally tally;
  crash_alone(sqlite_ground(), trial(1001), 400, tally);
  crash_alone(sqlite_ground(), trial(2000), 400, tally);
  count("SQLite: acknowledged writes survive SIGKILL, one process", tally, 700);
}

TEST_P(LongSqliteCrash, FourProcesses) {
  Tally tally;
  crash_together({}, trial(3001), 400, tally);
  crash_together({}, trial(4000), 400, tally);
  count("SQLite: acknowledged writes survive SIGKILL, four processes", tally, 700);
}

TEST_P(LongSqliteCrash, ThreadsOfOneProcessAndOfTwo) {
  Tally tally;
  crash_together({.processes = 1, .threads = 4}, trial(7001), 150, tally);
  crash_together({.processes = 2, .threads = 3}, trial(8000), 150, tally);
  count("SQLite: acknowledged writes survive SIGKILL, threads that commit together", tally, 200);
}

TEST_P(LongSqliteCrash, EachOperationAtEachSystemCall) {
  Tally tally;
  crash_operations(trial(500), 1, tally);
  count("SQLite: each operation is whole or absent after SIGKILL at any system call", tally, 500);
}

TEST_P(LongSqliteCrash, MakingAStoreAndBringingOneUpToDate) {
  Tally tally;
  crash_creating(trial(600), 1, 1, tally);
  crash_creating(trial(601), 1, 1, tally);
  crash_migrating(1, trial(0), 1, 1, tally);
  crash_migrating(2, trial(0), 1, 1, tally);
  count("SQLite: a store that is made or brought up to date survives SIGKILL", tally, 100);
}

INSTANTIATE_TEST_SUITE_P(, LongSqliteCrash, ::testing::Values("full", "normal"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace holdfast::fault_tests
