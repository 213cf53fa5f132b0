// Lets allocations fail while the store takes entries out that nobody asked for: expired ones, and
// those that give way to others. Such a call may have done a part of that; what is left is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "failing_allocator.hpp"
#include "support.hpp"
#include "support/tries.hpp"

namespace holdfast {
namespace {

// The orders, the counts and the limits agree with one another.
void expect_whole(Memory& memory, long ordinal) {
  std::vector<std::vector<std::string>> orders;
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    orders.push_back(keys_of(memory, {.scope = everything(), .order = order, .limit = 10'000}));
    std::sort(orders.back().begin(), orders.back().end());
  }
  EXPECT_EQ(orders[0], orders[1]) << "ordinal " << ordinal;
  EXPECT_EQ(orders[0], orders[2]) << "ordinal " << ordinal;
  const MemoryStats stats = memory.stats();
  EXPECT_EQ(stats.entries, orders[0].size()) << "ordinal " << ordinal;
  EXPECT_EQ(memory.count(everything()), orders[0].size()) << "ordinal " << ordinal;
  if (stats.limits.max_entries) {
    EXPECT_LE(stats.entries, *stats.limits.max_entries);
  }
  if (stats.limits.max_bytes) {
    EXPECT_LE(stats.limited_bytes, *stats.limits.max_bytes);
  }
}

class InMemoryReclaimingFailure : public ::testing::TestWithParam<bool> {
 protected:
  void TearDown() override {
    fault_tests::count_tries("in memory: an allocation that fails leaves a consistent store",
                             tries_);
  }
  // A store with 40 entries, 20 of which expire in an hour.
  Memory filled(InMemoryOptions options) {
    options.change_log = GetParam();
    options.clock = clock_;
    Memory memory = open_in_memory(options);
    for (int i = 0; i < 40; ++i) {
      SetOptions set;
      if (i % 2 == 0) set.ttl = std::chrono::hours(1);
      memory.set(Namespace("n") / std::to_string(i % 3), std::to_string(i), i, set);
    }
    return memory;
  }
  // Calls with each ordinal failing, on a store of its own each.
  void fail_each(const InMemoryOptions& options, std::chrono::hours later,
                 const std::function<void(Memory&)>& call) {
    for (long ordinal = 0;; ++ordinal) {
      ASSERT_LT(ordinal, 10'000);
      Memory memory = filled(options);
      clock_->advance(later);
      const FailedAllocation failed = fail_allocation(ordinal, [&] { call(memory); });
      expect_whole(memory, ordinal);
      // And it goes on as if nothing had been.
      call(memory);
      expect_whole(memory, ordinal);
      ASSERT_FALSE(HasFailure());
      if (!failed.struck) return;
      ++tries_;
    }
  }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::uint64_t tries_ = 0;
};

TEST_P(InMemoryReclaimingFailure, SweepingCanGoOn) {
  fail_each({}, std::chrono::hours(2), [](Memory& memory) { memory.sweep(); });
}

TEST_P(InMemoryReclaimingFailure, WhatExpiredGivesWay) {
  fail_each({.max_entries = 40}, std::chrono::hours(2),
            [](Memory& memory) { memory.set("new", "key", "a value"); });
}

TEST_P(InMemoryReclaimingFailure, EvictedEntriesGiveWay) {
  for (const Eviction eviction : {Eviction::lru, Eviction::s3fifo}) {
    fail_each({.max_entries = 40, .eviction = eviction}, std::chrono::hours(0),
              [](Memory& memory) { memory.set("new", "key", "a value"); });
    WriteBatch batch;
    for (int i = 0; i < 10; ++i) batch.set("batch", std::to_string(i), "a value");
    fail_each({.max_entries = 40, .eviction = eviction}, std::chrono::hours(0),
              [&](Memory& memory) { memory.write(batch); });
  }
}

TEST_P(InMemoryReclaimingFailure, QuotasHold) {
  const InMemoryOptions options{.quotas = {{.subtree = "n", .max_entries = 45}}};
  fail_each(options, std::chrono::hours(0),
            [](Memory& memory) { memory.set("n/new", "key", "a value"); });
}

INSTANTIATE_TEST_SUITE_P(ChangeLog, InMemoryReclaimingFailure, ::testing::Bool(),
                         [](const auto& on) { return on.param ? "On" : "Off"; });

}  // namespace
}  // namespace holdfast
