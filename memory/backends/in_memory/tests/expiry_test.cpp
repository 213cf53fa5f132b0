#include <gtest/gtest.h>

#include "support.hpp"

namespace holdfast {
namespace {

using std::chrono::seconds;

class InMemoryExpiry : public ::testing::Test {
 protected:
  void fill(int entries) {
    for (int i = 0; i < entries; ++i) {
      memory_.set(Namespace("n") / std::to_string(i % 10), std::to_string(i), i,
                  {.ttl = seconds(1 + i % 2)});
    }
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  Memory memory_ = open_in_memory({.change_log = true, .clock = clock_});
};

TEST_F(InMemoryExpiry, CountsAreExactBeforeAnySweep) {
  fill(1000);
  memory_.set("other", "stays", 1);
  clock_->advance(seconds(1));
  EXPECT_EQ(memory_.count(everything()), 501U);
  EXPECT_EQ(memory_.count(Scope{"n/0", false}), 0U);
  const MemoryStats stats = memory_.stats();
  EXPECT_EQ(stats.entries, 501U);
  EXPECT_EQ(stats.namespaces, 6U);
  EXPECT_EQ(stats.details["expired_waiting"], MemoryValue(500));
  EXPECT_EQ(memory_.list_namespaces().namespaces.size(), 6U);
}

TEST_F(InMemoryExpiry, SweepReclaimsNoMoreThanAskedAndAllInTheEnd) {
  fill(1000);
  clock_->advance(seconds(2));
  EXPECT_EQ(memory_.sweep(300), 300U);
  EXPECT_EQ(memory_.stats().details["expired_waiting"], MemoryValue(700));
  EXPECT_EQ(memory_.sweep(), 700U);
  EXPECT_EQ(memory_.sweep(), 0U);
  EXPECT_EQ(memory_.stats().counters.expired, 1000U);
  EXPECT_EQ(memory_.stats().details["tombstones"], MemoryValue(1000));
}

TEST_F(InMemoryExpiry, DeadlinesSetAfterASweepAreSweptToo) {
  fill(10);
  clock_->advance(seconds(5));
  EXPECT_EQ(memory_.sweep(), 10U);
  memory_.set("late", "k", 1, {.ttl = seconds(1)});
  EXPECT_EQ(memory_.sweep(), 0U);
  clock_->advance(seconds(1));
  EXPECT_EQ(memory_.sweep(), 1U);
}

TEST_F(InMemoryExpiry, ReclaimedEntriesAppearAsRemovals) {
  memory_.set("n", "k", 1, {.ttl = seconds(1)});
  const Revision before = memory_.stable_revision();
  clock_->advance(seconds(1));
  EXPECT_TRUE(memory_.changes(before).changes.empty());
  memory_.sweep();
  const ChangePage page = memory_.changes(before);
  ASSERT_EQ(page.changes.size(), 1U);
  EXPECT_FALSE(page.changes[0].record);
  EXPECT_EQ(page.changes[0].address, (Address{"n", "k"}));
}

TEST_F(InMemoryExpiry, WritingOverAnExpiredEntryIsACreation) {
  const WriteResult first = memory_.set("n", "k", 1, {.ttl = seconds(1)});
  clock_->advance(seconds(1));
  EXPECT_EQ(memory_.erase("n", "k").status, WriteStatus::absent);
  EXPECT_FALSE(memory_.touch("n", "k", std::nullopt));
  EXPECT_EQ(memory_.increment("n", "k", 5), 5);
  const auto entry = memory_.get_entry("n", "k");
  ASSERT_TRUE(entry);
  EXPECT_GT(entry->created_revision, first.revision);
  EXPECT_EQ(entry->created_at, clock_->now());
  EXPECT_EQ(memory_.sweep(), 0U);
}

TEST_F(InMemoryExpiry, TouchMovesTheDeadlineAndKeepsTheRest) {
  memory_.set("n", "k", "v", {.ttl = seconds(1)});
  const auto before = memory_.get_entry("n", "k");
  EXPECT_TRUE(memory_.touch("n", "k", seconds(10)));
  clock_->advance(seconds(9));
  const auto after = memory_.get_entry("n", "k");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->value, before->value);
  EXPECT_EQ(after->created_revision, before->created_revision);
  EXPECT_GT(after->revision, before->revision);
  EXPECT_EQ(memory_.sweep(), 0U);
}

}  // namespace
}  // namespace holdfast
