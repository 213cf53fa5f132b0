#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "support.hpp"

namespace holdfast {
namespace {

class InMemoryEviction : public ::testing::TestWithParam<Eviction> {
 protected:
  [[nodiscard]] static Memory open(std::uint64_t max_entries, bool change_log = false) {
    return open_in_memory(
        {.max_entries = max_entries, .eviction = GetParam(), .change_log = change_log});
  }
};

std::string hot(int i) { return "hot" + std::to_string(i); }

TEST_P(InMemoryEviction, NewEntriesFindRoomAndTheLimitHolds) {
  Memory memory = open(100);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(memory.set("n", std::to_string(i), i).status, WriteStatus::created);
    ASSERT_LE(memory.count(everything()), 100U);
    ASSERT_TRUE(memory.exists("n", std::to_string(i)));
  }
  EXPECT_EQ(memory.count(everything()), 100U);
  EXPECT_EQ(memory.stats().counters.evicted, 900U);
}

TEST_P(InMemoryEviction, HotKeysSurviveAScanThroughTheStore) {
  Memory memory = open(1000);
  for (int i = 0; i < 100; ++i) memory.set("n", hot(i), i);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(memory.get("n", hot(i)));
  }
  for (int i = 0; i < 20'000; ++i) {
    memory.set("scan", std::to_string(i), i);
    (void)memory.get("n", hot(i % 100));
  }
  int survivors = 0;
  for (int i = 0; i < 100; ++i) survivors += memory.exists("n", hot(i)) ? 1 : 0;
  EXPECT_EQ(survivors, 100);
}

TEST_P(InMemoryEviction, BatchEvictsOthersAndNeverItsOwn) {
  Memory memory = open(10);
  for (int i = 0; i < 10; ++i) memory.set("old", std::to_string(i), i);
  WriteBatch batch;
  batch.set("old", "3", 33);
  for (int i = 0; i < 9; ++i) batch.set("new", std::to_string(i), i);
  EXPECT_TRUE(memory.write(batch).applied);
  EXPECT_EQ(memory.count(Scope{"new", false}), 9U);
  EXPECT_EQ(memory.get("old", "3"), MemoryValue(33));
  EXPECT_EQ(memory.count(everything()), 10U);
}

TEST_P(InMemoryEviction, BatchThatCanNeverFitEvictsNothing) {
  Memory memory = open(10);
  for (int i = 0; i < 10; ++i) memory.set("old", std::to_string(i), i);
  WriteBatch batch;
  for (int i = 0; i < 11; ++i) batch.set("new", std::to_string(i), i);
  EXPECT_EQ(code_of([&] { (void)memory.write(batch); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.count(Scope{"old", false}), 10U);
}

TEST_P(InMemoryEviction, ExpiredEntriesGoFirst) {
  auto clock = std::make_shared<ManualClock>();
  Memory memory = open_in_memory({.max_entries = 10, .eviction = GetParam(), .clock = clock});
  for (int i = 0; i < 5; ++i) memory.set("live", std::to_string(i), i);
  for (int i = 0; i < 5; ++i) {
    memory.set("dying", std::to_string(i), i, {.ttl = std::chrono::seconds(1)});
  }
  clock->advance(std::chrono::seconds(1));
  for (int i = 0; i < 5; ++i) memory.set("new", std::to_string(i), i);
  EXPECT_EQ(memory.count(Scope{"live", false}), 5U);
  EXPECT_EQ(memory.stats().counters.evicted, 0U);
  EXPECT_EQ(memory.stats().counters.expired, 5U);
}

TEST_P(InMemoryEviction, BytesAreMadeRoomForToo) {
  Memory memory = open_in_memory({.max_bytes = 100'000, .eviction = GetParam()});
  for (int i = 0; i < 500; ++i) {
    memory.set("n", std::to_string(i), std::string(1000, 'x'));
    ASSERT_LE(memory.stats().limited_bytes, 100'000U);
  }
  EXPECT_GT(memory.count(everything()), 60U);
}

TEST_P(InMemoryEviction, EvictionLeavesATombstone) {
  Memory memory = open(2, true);
  for (int i = 0; i < 3; ++i) memory.set("n", std::to_string(i), i);
  const ChangePage page = memory.changes(0);
  ASSERT_EQ(page.changes.size(), 3U);
  EXPECT_EQ(std::count_if(page.changes.begin(), page.changes.end(),
                          [](const Change& change) { return !change.record; }),
            1);
}

TEST_P(InMemoryEviction, ErasedAndClearedEntriesLeaveTheQueues) {
  Memory memory = open(50);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 60; ++i) memory.set("n", std::to_string(i), i);
    for (int i = 0; i < 60; i += 2) memory.erase("n", std::to_string(i));
    if (round % 5 == 0) memory.clear(everything());
  }
  EXPECT_LE(memory.count(everything()), 50U);
}

TEST_P(InMemoryEviction, RacingWritersKeepTheLimitAndAreNotRefused) {
  Memory memory = open(200);
  run_threads(8, [&](int thread) {
    for (int i = 0; i < 2000; ++i) {
      const Namespace ns = Namespace("n") / std::to_string(i % 5);
      memory.set(ns, std::to_string(thread * 10'000 + i), i);
      (void)memory.get(ns, std::to_string(thread * 10'000 + i / 2));
      if (i % 3 == 0) memory.erase(ns, std::to_string(thread * 10'000 + i));
      if (i % 50 == 0) {
        ASSERT_LE(memory.count(everything()), 200U);
      }
    }
  });
  EXPECT_LE(memory.count(everything()), 200U);
  memory.clear(everything());
  EXPECT_EQ(memory.stats().limited_bytes, 0U);
}

INSTANTIATE_TEST_SUITE_P(Policies, InMemoryEviction,
                         ::testing::Values(Eviction::lru, Eviction::s3fifo),
                         [](const auto& policy) {
                           return policy.param == Eviction::lru ? "Lru" : "S3Fifo";
                         });

TEST(InMemoryS3Fifo, OneHitWondersDoNotDisplaceWhatIsUsedRarely) {
  Memory memory = open_in_memory({.max_entries = 1000, .eviction = Eviction::s3fifo});
  for (int i = 0; i < 100; ++i) memory.set("n", hot(i), i);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(memory.get("n", hot(i)));
  }
  for (int i = 0; i < 10'000; ++i) memory.set("scan", std::to_string(i), i);
  int survivors = 0;
  for (int i = 0; i < 100; ++i) survivors += memory.exists("n", hot(i)) ? 1 : 0;
  EXPECT_EQ(survivors, 100);
}

TEST(InMemoryS3Fifo, WhatComesBackSoonIsRemembered) {
  Memory memory = open_in_memory({.max_entries = 100, .eviction = Eviction::s3fifo});
  for (int i = 0; i < 101; ++i) memory.set("n", std::to_string(i), i);
  ASSERT_FALSE(memory.exists("n", "0"));
  memory.set("n", "0", 0);  // From the ghosts straight to the main queue.
  for (int i = 0; i < 1000; ++i) memory.set("scan", std::to_string(i), i);
  EXPECT_TRUE(memory.exists("n", "0"));
}

}  // namespace
}  // namespace holdfast
