// The search index between processes, and when they are killed.
#include <random>

#include "driver.hpp"
#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteSearchProcesses : public SqliteTest {
 protected:
  [[nodiscard]] static std::size_t hits(Memory& memory, const std::string& text) {
    return memory.search({.scope = {"talk", true}, .text = text, .limit = 1000}).hits.size();
  }
  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }
};

TEST_F(SqliteSearchProcesses, WhatOneConfiguresTheOthersNextWriteGoesBy) {
  Memory memory = open();
  memory.set("talk", "before", "a red bicycle");
  EXPECT_EQ(Driver({"configure", path(), "talk"}).wait(), 0);
  memory.set("talk", "after", "a blue bicycle");
  EXPECT_EQ(hits(memory, "bicycle"), 2U);
  EXPECT_EQ(Driver({"say", path(), "talk/below", "other", "a green bicycle"}).wait(), 0);
  EXPECT_EQ(hits(memory, "bicycle"), 3U);
  memory.remove_search("talk");
  EXPECT_EQ(Driver({"say", path(), "talk", "before", "nobody looks for a bicycle"}).wait(), 0);
  expect_sound(memory);
  memory.configure_search("talk", SearchConfig::texts({""}));
  EXPECT_EQ(Driver({"say", path(), "talk", "before", "a car"}).wait(), 0);
  EXPECT_EQ(hits(memory, "bicycle"), 2U);
  EXPECT_EQ(hits(memory, "car"), 1U);
  expect_sound(memory);
}

TEST_F(SqliteSearchProcesses, ManyThatAppendLeaveOneIndex) {
  {
    Memory memory = open();
    memory.configure_search("process", SearchConfig::texts({""}));
  }
  std::vector<std::unique_ptr<Driver>> drivers;
  for (int i = 0; i < 4; ++i) {
    drivers.push_back(std::make_unique<Driver>(
        std::vector<std::string>{"write", path(), "same", "200", "&durability=normal"}));
  }
  for (const auto& driver : drivers) EXPECT_EQ(driver->wait(), 0);
  Memory memory = open();
  EXPECT_EQ(memory.check_search("process").documents, 200U);
  expect_sound(memory);
}

TEST_F(SqliteSearchProcesses, KilledWritersLeaveAnIndexOfWhatIsThere) {
  {
    Memory memory = open();
    memory.configure_search("acknowledged", SearchConfig::texts({""}));
  }
  std::mt19937 random(20240501);
  for (int round = 0; round < 10; ++round) {
    Driver driver({"acknowledge", path(), std::to_string(round)});
    driver.read_lines(1 + random() % 60);
    driver.kill_and_read();
    Memory memory = open();
    EXPECT_EQ(memory.check_search("acknowledged").documents,
              memory.count(Scope{"acknowledged", false}));
    expect_sound(memory);
  }
}

TEST_F(SqliteSearchProcesses, KilledWhileItMakesAnIndexLeavesTheOneBefore) {
  {
    Memory memory = open();
    WriteBatch batch;
    for (int i = 0; i < 2000; ++i) {
      batch.set("talk/" + std::to_string(i % 3), std::to_string(i),
                "word" + std::to_string(i % 50) + " of many");
    }
    memory.write(batch);
    memory.configure_search("talk", SearchConfig::texts({""}));
  }
  std::mt19937 random(20240502);
  for (int round = 0; round < 10; ++round) {
    Driver driver({"reconfigure", path(), "talk"});
    driver.read_lines(random() % 3);
    driver.kill_and_read();
    Memory memory = open();
    EXPECT_EQ(hits(memory, "word7"), 40U);
    EXPECT_EQ(memory.check_search("talk").documents, 2000U);
    expect_sound(memory);
  }
}

}  // namespace
}  // namespace holdfast::sqlite_tests
