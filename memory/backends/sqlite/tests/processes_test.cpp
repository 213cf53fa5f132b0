// Several processes on one file, processes that die, and fork.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <sstream>
#include <utility>
#include <vector>

#include "sqlite_fixture.hpp"

extern char** environ;

namespace holdfast::sqlite_tests {
namespace {

// A running sharing_driver and what it prints.
class Driver {
 public:
  explicit Driver(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    output_ = ends[0];
    arguments.insert(arguments.begin(), SHARING_DRIVER);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) throw std::runtime_error("cannot start " SHARING_DRIVER);
  }
  ~Driver() { ::close(output_); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }
  // Reads until at least `lines` lines have come.
  void read_lines(std::size_t lines) {
    while (static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) < lines) {
      if (!read_some()) return;
    }
  }
  // Kills it, and reads what it still said.
  std::string kill_and_read() {
    kill(pid_, SIGKILL);
    wait();
    while (read_some()) continue;
    return text_;
  }

 private:
  bool read_some() {
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count <= 0) return false;
    text_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  pid_t pid_ = 0;
  int output_ = -1;
  std::string text_;
};

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
  for (const auto& driver : drivers) EXPECT_EQ(driver->wait(), 0);
  Memory memory = open();
  EXPECT_EQ(memory.count(Scope{"process", true}), 12'000U);
  EXPECT_EQ(memory.stats().last_revision, 12'000);
  expect_sound(memory);
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
