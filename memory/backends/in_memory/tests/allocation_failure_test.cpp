// Lets each allocation of an operation fail in turn, and looks whether anything changed.
#include <gtest/gtest.h>

#include <functional>

#include "failing_allocator.hpp"
#include "support.hpp"
#include "support/tries.hpp"

namespace holdfast {
namespace {

struct Snapshot {
  std::vector<Entry> entries;
  std::uint64_t bytes = 0;
  std::uint64_t limited_bytes = 0;
  std::uint64_t namespaces = 0;
  MemoryValue details;
  Revision last_revision = 0;

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

Snapshot snapshot_of(Memory& memory) {
  Snapshot snapshot;
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    const Page page = memory.query({.scope = everything(), .order = order, .limit = 10'000});
    snapshot.entries.insert(snapshot.entries.end(), page.entries.begin(), page.entries.end());
  }
  const MemoryStats stats = memory.stats();
  snapshot.bytes = stats.bytes;
  snapshot.limited_bytes = stats.limited_bytes;
  snapshot.namespaces = stats.namespaces;
  // Tables may have grown for what then did not come.
  snapshot.details = stats.details.without("table_bytes");
  snapshot.last_revision = stats.last_revision;
  return snapshot;
}

class InMemoryAllocationFailure : public ::testing::TestWithParam<bool> {
 protected:
  InMemoryAllocationFailure() {
    for (int i = 0; i < 60; ++i) {
      memory_.set(Namespace("n") / std::to_string(i % 3), std::to_string(i), i,
                  {.ttl = std::chrono::hours(1)});
    }
  }

  void TearDown() override {
    fault_tests::count_tries("in memory: an allocation that fails changes nothing", tries_);
  }

  // Fails the first allocation of `operation`, then the second, and so on until it gets through.
  void fail_each(const std::function<void()>& operation) {
    const Snapshot before = snapshot_of(memory_);
    for (long ordinal = 0;; ++ordinal) {
      ASSERT_LT(ordinal, 10'000);
      const FailedAllocation failed = fail_allocation(ordinal, operation);
      tries_ += failed.struck ? 1U : 0U;
      if (!failed.thrown) {
        // Where it got through all the same, memory was missing for nothing that matters.
        EXPECT_TRUE(!failed.struck || !(snapshot_of(memory_) == before)) << "ordinal " << ordinal;
        return;
      }
      ASSERT_EQ(snapshot_of(memory_), before) << "ordinal " << ordinal;
    }
  }

  Memory memory_ = open_in_memory({.max_entries = 1'000'000, .change_log = GetParam()});
  std::uint64_t tries_ = 0;
};

TEST_P(InMemoryAllocationFailure, SetChangesNothing) {
  fail_each([&] { memory_.set("new", "key", "value", {.ttl = std::chrono::hours(1)}); });
}

TEST_P(InMemoryAllocationFailure, OverwriteChangesNothing) {
  fail_each([&] {
    memory_.set("n/0", "0", "value", {.ttl = std::chrono::hours(2), .return_previous = true});
  });
}

TEST_P(InMemoryAllocationFailure, EraseAndTouchAndIncrementChangeNothing) {
  fail_each([&] { memory_.erase("n/0", "3"); });
  fail_each([&] { memory_.touch("n/0", "6", std::nullopt); });
  fail_each([&] { memory_.increment("n/0", "9"); });
}

TEST_P(InMemoryAllocationFailure, WhatReadsAndWritesChangesNothing) {
  const std::optional<MemoryValue> next("another value, which is longer than the one before it");
  fail_each([&] { (void)memory_.take("n/0", "3"); });
  fail_each([&] { memory_.update("n/0", "6", [&](const Record*) { return next; }); });
  fail_each([&] { (void)memory_.get("n/0", "9", {.refresh_ttl = std::chrono::hours(2)}); });
  fail_each([&] {
    memory_.transaction([&](Transaction& transaction) {
      (void)transaction.get("n/1", "1");
      transaction.set("n/1", "1", "written by a transaction");
      transaction.set("other", "k", *next, std::chrono::hours(1));
      (void)transaction.erase("n/1", "4");
      (void)transaction.increment("n/1", "7");
    });
  });
}

TEST_P(InMemoryAllocationFailure, ManyAtOnceChangeNothing) {
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < 40; ++i) pairs.emplace_back(std::to_string(i), std::string(50, 'p'));
  const std::vector<std::string> keys{"0", "3", "6", "none"};
  fail_each([&] { memory_.set_many("many", pairs); });
  fail_each([&] { memory_.erase_many("n/0", keys); });
}

TEST_P(InMemoryAllocationFailure, BatchChangesNothing) {
  WriteBatch batch;
  for (int i = 0; i < 200; ++i) {
    batch.set(Namespace("m") / std::to_string(i % 9), std::to_string(i), i,
              {.ttl = std::chrono::hours(1)});
  }
  for (int i = 0; i < 30; ++i) {
    batch.erase(Namespace("n") / std::to_string(i % 3), std::to_string(i));
  }
  fail_each([&] { (void)memory_.write(batch); });
}

TEST_P(InMemoryAllocationFailure, ClearChangesNothing) {
  fail_each([&] { memory_.clear({"n", true}); });
  EXPECT_EQ(memory_.count(everything()), 0U);
}

TEST_P(InMemoryAllocationFailure, RestoreChangesNothing) {
  Entry entry;
  entry.ns = "restored";
  entry.key = "k";
  entry.value = "v";
  const std::vector<Entry> entries(3, entry);
  fail_each([&] { memory_.restore(entries, RestoreRevisions::assign); });
}

TEST_P(InMemoryAllocationFailure, RestoringWithANoteChangesNeither) {
  const std::string name = "a name that is long enough to be allocated";
  const std::string long_text(100, 't');
  const Note first{name, "old"};
  memory_.restore(RestoreBatch{.note = &first});
  Record record;
  record.value = "v";
  const std::vector<RestoreOp> ops{
      {.address = {"n/0", "0"}, .record = &record, .created_rank = 0, .rank = 0},
      {.kind = RestoreOp::Kind::erase, .address = {"n/0", "3"}, .created_rank = 1, .rank = 1}};
  const Note second{name, long_text};
  const RestoreBatch batch{.ops = ops, .ranks = 2, .note = &second};
  fail_each([&] {
    try {
      memory_.restore(batch);
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
      EXPECT_EQ(memory_.note(name), "old");
      throw;
    }
  });
  EXPECT_EQ(memory_.note(name), long_text);
}

TEST_P(InMemoryAllocationFailure, ErasingASubjectChangesNothing) {
  const Namespace subject("n/0");
  fail_each([&] { memory_.erase_subject(subject); });
  EXPECT_EQ(memory_.count({subject, true}), 0U);
}

TEST_P(InMemoryAllocationFailure, ReadsFailAloneAndLeaveNoLockBehind) {
  // Made beforehand: GCC 12 destroys members of an aggregate twice when making one of them throws.
  const MemoryQuery query{.scope = {"n", true}, .order = OrderBy::updated};
  const Namespace ns("n/0");
  const std::vector<std::string> keys{"0", "3", "6"};
  const Scope scope = everything();
  for (long ordinal = 0; ordinal < 60; ++ordinal) {
    allocations_left = ordinal;
    try {
      (void)memory_.query(query);
      (void)memory_.get_many(ns, keys);
      (void)memory_.changes(0);
      (void)memory_.count(scope);
    } catch (const std::bad_alloc&) {
      // The allocation that had to fail.
    } catch (const Error&) {
      // The same, as a call reports it.
    }
    allocations_left = -1;
    memory_.set("n/0", "0", static_cast<int>(ordinal));
  }
  EXPECT_EQ(memory_.count(scope), 60U);
}

INSTANTIATE_TEST_SUITE_P(ChangeLog, InMemoryAllocationFailure, ::testing::Bool(),
                         [](const auto& on) { return on.param ? "On" : "Off"; });

}  // namespace
}  // namespace holdfast
