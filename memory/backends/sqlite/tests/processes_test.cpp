// Several processes on one file, processes that die, and fork.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <sstream>
#include <utility>
#include <vector>

#include "driver.hpp"
#include "sqlite_fixture.hpp"
#include "support/tries.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteProcesses : public SqliteTest {};

void expect_sound(Memory& memory) {
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
}

TEST_F(SqliteProcesses, TwelveWritingAThousandEachLeaveTwelveThousand) {
  std::vector<std::unique_ptr<Driver>> drivers;
  for (int i = 0; i < 12; ++i) {
    drivers.push_back(std::make_unique<Driver>(
        std::vector<std::string>{"write", path(), std::to_string(i), "1000"}));
  }
  // One that met an error ends with another status.
  for (const auto& driver : drivers) EXPECT_EQ(driver->wait(), 0);
  Memory memory = open();
  EXPECT_EQ(memory.count(Scope{"process", true}), 12'000U);
  EXPECT_EQ(memory.stats().last_revision, 12'000);
  expect_sound(memory);
  fault_tests::count_tries("SQLite, 12 processes: every write of every process is there", 12'000);
}

TEST_F(SqliteProcesses, IncrementsOfOneCounterAreNotLost) {
  std::vector<std::unique_ptr<Driver>> drivers;
  for (int i = 0; i < 6; ++i) {
    drivers.push_back(
        std::make_unique<Driver>(std::vector<std::string>{"increment", path(), "200"}));
  }
  for (const auto& driver : drivers) EXPECT_EQ(driver->wait(), 0);
  EXPECT_EQ(open().get("shared", "counter"), MemoryValue(1200));
}

TEST_F(SqliteProcesses, DurabilitiesMixAndWriteBesideThisProcess) {
  Memory memory = open();
  Driver other({"write", path(), "other", "500", "&durability=normal"});
  for (int i = 0; i < 500; ++i) memory.set("process/own", "key" + std::to_string(i), i);
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(memory.count(Scope{"process", true}), 1000U);
  expect_sound(memory);
}

// Kills a writer after some acknowledged writes, again and again, and looks for all of them.
void kill_and_look(const std::string& store, const std::string& options, int rounds) {
  std::mt19937 random(20240501);
  Revision last = 0;
  std::size_t acknowledged = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::unique_ptr<Driver>> drivers;
    for (int i = 0; i < 2; ++i) {
      const std::string name = std::to_string(round) + "-" + std::to_string(i);
      drivers.push_back(
          std::make_unique<Driver>(std::vector<std::string>{"acknowledge", store, name, options}));
    }
    drivers[0]->read_lines(1 + random() % 200);
    std::vector<std::string> lines;
    for (const auto& driver : drivers) {
      std::istringstream said(driver->kill_and_read());
      for (std::string line; std::getline(said, line);) lines.push_back(line);
    }
    Memory memory = open_sqlite({.path = store});
    Revision greatest = 0;
    for (const std::string& line : lines) {
      const auto space = line.find(' ');
      const auto entry = memory.get_entry("acknowledged", line.substr(0, space));
      ASSERT_TRUE(entry) << "an acknowledged write is gone: " << line;
      const Revision revision = std::stoll(line.substr(space + 1));
      EXPECT_EQ(entry->revision, revision);
      EXPECT_GT(revision, last) << "a revision was given again";
      greatest = std::max(greatest, revision);
    }
    last = std::max(last, greatest);
    acknowledged += lines.size();
    EXPECT_GE(memory.count(Scope{"acknowledged", false}), acknowledged);
    expect_sound(memory);
  }
}

TEST_F(SqliteProcesses, AcknowledgedWritesSurviveKilledWriters) { kill_and_look(path(), "", 15); }

TEST_F(SqliteProcesses, AcknowledgedWritesSurviveKilledWritersAtNormal) {
  kill_and_look(path(), "&durability=normal", 15);
}

TEST_F(SqliteProcesses, KilledWhileMakingTheFileLeavesAFileThatOpens) {
  for (int round = 0; round < 20; ++round) {
    const std::string store = path("new" + std::to_string(round));
    Driver driver({"acknowledge", store, "x"});
    if (round % 2 == 0) driver.read_lines(1);
    driver.kill_and_read();
    Memory memory = open_sqlite({.path = store});
    memory.set("a", "k", 1);
    expect_sound(memory);
  }
}

TEST_F(SqliteProcesses, AChildCannotUseItsParentsHandle) {
  Memory memory = open();
  memory.set("a", "k", 1);
  const pid_t child = fork();
  if (child == 0) {
    // No exit handlers: they are the parent's.
    int verdict = 0;
    try {
      static_cast<void>(memory.get("a", "k"));
      verdict = 1;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed_precondition) verdict = 2;
    }
    try {
      memory.set("a", "k", 2);
      verdict = 3;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed_precondition) verdict = 4;
    }
    try {
      static_cast<void>(open());
      verdict = 5;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed_precondition) verdict = 6;
    }
    try {
      open("another.db").set("a", "k", 3);
    } catch (const Error&) {
      verdict = 7;
    }
    memory.close();
    _exit(verdict);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  // The parent goes on, and still holds its locks.
  memory.set("a", "k", 4);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(4));
  EXPECT_EQ(open("another.db").get("a", "k"), MemoryValue(3));
  Driver other({"write", path(), "other", "10"});
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(memory.count(Scope{"process", true}), 10U);
}

}  // namespace
}  // namespace holdfast::sqlite_tests
