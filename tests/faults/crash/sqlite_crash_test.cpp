// SQLite stores under killed processes, some hundred times. long_sqlite_crash_test.cpp: thousands.
#include "sqlite_crash.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

void count(const char* promise, const Tally& tally) {
  std::cout << tally.text() << '\n';
  count_tries(promise, tally.points.size());
}

TEST(SqliteCrash, OneProcessWithFullDurability) {
  Tally tally;
  crash_alone(sqlite_ground(), {.durability = "full", .change_log = true, .seed = 100}, 15, tally);
  count("SQLite: acknowledged writes survive SIGKILL, one process", tally);
}

TEST(SqliteCrash, OneProcessWithNormalDurability) {
  Tally tally;
  crash_alone(sqlite_ground(), {.durability = "normal", .seed = 200}, 20, tally);
  count("SQLite: acknowledged writes survive SIGKILL, one process", tally);
}

TEST(SqliteCrash, FourProcessesWithFullDurability) {
  Tally tally;
  crash_together({}, {.durability = "full", .seed = 300}, 12, tally);
  count("SQLite: acknowledged writes survive SIGKILL, four processes", tally);
}

TEST(SqliteCrash, FourProcessesWithNormalDurability) {
  Tally tally;
  crash_together({}, {.durability = "normal", .change_log = true, .seed = 400}, 16, tally);
  count("SQLite: acknowledged writes survive SIGKILL, four processes", tally);
}

TEST(SqliteCrash, ThreadsOfOneProcess) {
  Tally tally;
  crash_together({.processes = 1, .threads = 4}, {.durability = "full", .seed = 450}, 8, tally);
  count("SQLite: acknowledged writes survive SIGKILL, threads that commit together", tally);
}

TEST(SqliteCrash, EachOperationIsWholeOrAbsent) {
  Tally tally;
  crash_operations({.seed = 500}, 37, tally);
  count("SQLite: each operation is whole or absent after SIGKILL at any system call", tally);
}

TEST(SqliteCrash, MakingAStoreAndBringingOneUpToDate) {
  Tally tally;
  crash_creating({.change_log = true, .seed = 600}, 1, 19, tally);
  crash_migrating(1, {.durability = "normal"}, 2, 23, tally);
  crash_migrating(2, {}, 3, 29, tally);
  count("SQLite: a store that is made or brought up to date survives SIGKILL", tally);
}

}  // namespace
}  // namespace holdfast::fault_tests
