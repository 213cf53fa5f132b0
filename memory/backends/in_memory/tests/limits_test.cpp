#include <gmock/gmock.h>

#include <atomic>
#include <random>

#include "support.hpp"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(InMemoryLimits, FullStoreRefusesCreationAndNamesTheFigures) {
  Memory memory = open_in_memory({.max_entries = 2});
  memory.set("a", "1", 1);
  memory.set("a", "2", 2);
  std::string message;
  EXPECT_EQ(code_of([&] { memory.set("a", "3", 3); }, &message), ErrorCode::resource_exhausted);
  EXPECT_THAT(message,
              AllOf(HasSubstr("max_entries=2"), HasSubstr("holds 2"), HasSubstr("adds 1")));
  EXPECT_FALSE(memory.exists("a", "3"));
  EXPECT_EQ(memory.count(everything()), 2U);
}

TEST(InMemoryLimits, FullStoreTakesOverwritesTouchesAndIncrements) {
  Memory memory = open_in_memory({.max_entries = 1});
  memory.set("a", "1", 1);
  EXPECT_EQ(memory.set("a", "1", 2).status, WriteStatus::updated);
  EXPECT_EQ(memory.increment("a", "1", 5), 7);
  EXPECT_TRUE(memory.touch("a", "1", std::chrono::hours(1)));
}

TEST(InMemoryLimits, OverwritingWithTheSameSizeIsTakenAtTheExactLimitOfBytes) {
  std::uint64_t full = 0;
  {
    Memory measured = open_in_memory();
    measured.set("a", "1", std::string(100, 'x'));
    full = measured.stats().limited_bytes;
  }
  Memory memory = open_in_memory({.max_bytes = full});
  memory.set("a", "1", std::string(100, 'x'));
  EXPECT_TRUE(memory.touch("a", "1", std::chrono::hours(1)));
  memory.set("a", "1", std::string(100, 'y'));
  std::string message;
  EXPECT_EQ(code_of([&] { memory.set("a", "1", std::string(200, 'z')); }, &message),
            ErrorCode::resource_exhausted);
  EXPECT_THAT(message, HasSubstr("max_bytes=" + std::to_string(full)));
  EXPECT_EQ(memory.get("a", "1"), MemoryValue(std::string(100, 'y')));
}

TEST(InMemoryLimits, NothingIsLeftInTheAccountWhenAllIsErased) {
  for (const bool change_log : {false, true}) {
    Memory memory = open_in_memory({.change_log = change_log});
    for (int i = 0; i < 100; ++i) {
      const Namespace ns = Namespace("users") / std::to_string(i % 7);
      memory.set(ns, std::to_string(i), std::string(static_cast<std::size_t>(i) * 10, 'x'),
                 {.ttl = std::chrono::hours(1)});
    }
    for (int i = 0; i < 50; ++i) {
      memory.erase(Namespace("users") / std::to_string(i % 7), std::to_string(i));
    }
    memory.clear({"users", true});
    const MemoryStats stats = memory.stats();
    EXPECT_EQ(stats.entries, 0U);
    EXPECT_EQ(stats.bytes, 0U);
    EXPECT_EQ(stats.limited_bytes == 0, !change_log);
    EXPECT_EQ(stats.details["tombstones"], MemoryValue(change_log ? 100 : 0));
  }
}

TEST(InMemoryLimits, BatchIsJudgedByItsWholeEffect) {
  Memory memory = open_in_memory({.max_entries = 3});
  for (const char* key : {"1", "2", "3"}) memory.set("a", key, 1);
  WriteBatch swap;
  swap.set("b", "new", 1).set("b", "newer", 2).erase("a", "1").erase("a", "2");
  EXPECT_TRUE(memory.write(swap).applied);
  WriteBatch too_much;
  too_much.set("c", "1", 1).erase("a", "3").set("c", "2", 1);
  EXPECT_EQ(code_of([&] { (void)memory.write(too_much); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(keys_of(memory, {.scope = everything()}),
            (std::vector<std::string>{"a:3", "b:new", "b:newer"}));
}

TEST(InMemoryLimits, ValuesOverTheirLimitAreRefusedWhateverTheOperation) {
  Memory memory = open_in_memory({.max_value_bytes = 4});
  memory.set("a", "k", 9999);
  EXPECT_EQ(code_of([&] { memory.set("a", "k", "12345"); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(code_of([&] { memory.increment("a", "k"); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(9999));
}

TEST(InMemoryLimits, ExpiredEntriesGiveWayBeforeAWriteIsRefused) {
  auto clock = std::make_shared<ManualClock>();
  Memory memory = open_in_memory({.max_entries = 1000, .clock = clock});
  for (int i = 0; i < 1000; ++i) {
    memory.set(Namespace("n") / std::to_string(i % 10), std::to_string(i), i,
               {.ttl = std::chrono::seconds(1)});
  }
  EXPECT_EQ(code_of([&] { memory.set("m", "k", 1); }), ErrorCode::resource_exhausted);
  clock->advance(std::chrono::seconds(1));
  WriteBatch batch;
  for (int i = 0; i < 1000; ++i) batch.set("m", std::to_string(i), i);
  EXPECT_TRUE(memory.write(batch).applied);
  EXPECT_EQ(memory.stats().counters.expired, 1000U);
}

TEST(InMemoryLimits, RacingWritersNeverOvershoot) {
  constexpr std::uint64_t max_entries = 200;
  constexpr std::uint64_t max_bytes = 60'000;
  Memory memory = open_in_memory({.max_entries = max_entries, .max_bytes = max_bytes});
  std::atomic<int> running{8};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> most_entries{0};
  run_threads(9, [&](int thread) {
    if (thread == 8) {
      while (running > 0) {
        const MemoryStats stats = memory.stats();
        most_entries = std::max(most_entries.load(), stats.entries);
        ASSERT_LE(stats.entries, max_entries);
        ASSERT_LE(stats.limited_bytes, max_bytes);
      }
      return;
    }
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < 3000; ++i) {
      const std::string key = std::to_string(random() % 400);
      try {
        if (random() % 3 == 0) {
          memory.erase("n", key);
        } else if (random() % 8 == 0) {
          WriteBatch batch;
          for (int k = 0; k < 10; ++k) batch.set("m", std::to_string(random() % 400), k);
          (void)memory.write(batch);
        } else {
          memory.set("n", key, std::string(random() % 200, 'v'));
        }
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::resource_exhausted);
        ++refused;
      }
    }
    --running;
  });
  EXPECT_GT(refused, 0U);
  memory.clear(everything());
  EXPECT_EQ(memory.stats().limited_bytes, 0U);
}

TEST(InMemoryLimits, RacingCreatorsFillTheStoreToTheLastEntry) {
  Memory memory = open_in_memory({.max_entries = 100});
  std::atomic<int> created{0};
  run_threads(8, [&](int thread) {
    for (int i = 0; i < 50; ++i) {
      try {
        memory.set(Namespace("n") / std::to_string(thread), std::to_string(i), i);
        ++created;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::resource_exhausted);
      }
    }
  });
  EXPECT_EQ(created, 100);
  EXPECT_EQ(memory.count(everything()), 100U);
}

TEST(InMemoryLimits, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(code_of([] { (void)open_in_memory({.max_entries = 0}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { (void)open_in_memory({.max_bytes = 0}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { (void)open_in_memory({.max_value_bytes = 0}); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { (void)open_in_memory({.max_value_bytes = max_value_bytes + 1}); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { (void)open_in_memory({.eviction = Eviction::lru}); }),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace holdfast
