// Batches over several namespaces against readers in other threads.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <set>

#include "support.hpp"

namespace holdfast {
namespace {

constexpr int rounds = 1500;

Namespace ns_of(int i) { return Namespace("n") / std::to_string(i); }

// Writes the same number to five namespaces at a time, in changing orders, and now and then takes
// all of them away, so that the namespaces come and go.
void write_equal_numbers(Memory& memory, int thread) {
  for (int i = 0; i < rounds; ++i) {
    WriteBatch batch;
    for (int k = 0; k < 5; ++k) {
      const Namespace ns = ns_of((k * (i % 2 == 0 ? 1 : 4) + thread) % 5);
      if (i % 7 == 6) {
        batch.erase(ns, "k");
      } else {
        batch.set(ns, "k", thread * rounds + i);
      }
    }
    ASSERT_TRUE(memory.write(batch).applied);
  }
}

// All five there with one value, or none.
void expect_one_state(const std::vector<std::optional<Entry>>& entries) {
  std::set<std::string> texts;
  for (const auto& entry : entries) {
    texts.emplace(entry ? entry->value.json_text() : std::string_view());
  }
  ASSERT_EQ(texts.size(), 1U);
}

class InMemoryAtomicity : public ::testing::Test {
 protected:
  // Runs `read` again and again beside two writers.
  void race(const std::function<void()>& read) {
    std::atomic<int> writing{2};
    run_threads(4, [&](int thread) {
      if (thread < 2) {
        write_equal_numbers(memory_, thread);
        --writing;
        return;
      }
      while (writing > 0) {
        read();
        if (HasFatalFailure()) return;
      }
    });
  }
  void query_in_one_state(OrderBy order, Direction direction) {
    race([&] {
      const Page page = memory_.query(
          {.scope = {"n", true}, .order = order, .direction = direction, .limit = 100});
      ASSERT_TRUE(page.entries.size() == 5 || page.entries.empty()) << page.entries.size();
      for (const Entry& entry : page.entries) ASSERT_EQ(entry.value, page.entries[0].value);
    });
  }

  Memory memory_ = open_in_memory();
};

TEST_F(InMemoryAtomicity, GetManySeesWholeBatches) {
  std::vector<Address> addresses;
  for (int i = 0; i < 5; ++i) addresses.push_back({ns_of(i), "k"});
  race([&] { expect_one_state(memory_.get_many(addresses)); });
}

TEST_F(InMemoryAtomicity, AscendingScansSeeWholeBatches) {
  query_in_one_state(OrderBy::key, Direction::ascending);
}

TEST_F(InMemoryAtomicity, DescendingScansSeeWholeBatches) {
  query_in_one_state(OrderBy::key, Direction::descending);
}

TEST_F(InMemoryAtomicity, ScansByRevisionSeeWholeBatches) {
  query_in_one_state(OrderBy::updated, Direction::descending);
}

TEST_F(InMemoryAtomicity, CountsSeeWholeBatches) {
  race([&] {
    const std::uint64_t count = memory_.count(Scope{"n", true});
    ASSERT_TRUE(count == 0 || count == 5) << count;
  });
}

TEST_F(InMemoryAtomicity, ClearTakesWholeBatches) {
  race([&] {
    const std::uint64_t gone = memory_.clear({"n", true});
    ASSERT_TRUE(gone == 0 || gone == 5) << gone;
  });
}

TEST_F(InMemoryAtomicity, ChangesSeeWholeBatches) {
  race([&] {
    const ChangePage page = memory_.changes(0);
    ASSERT_TRUE(page.changes.empty() || page.changes.size() == 5) << page.changes.size();
    ASSERT_LE(page.next_after, memory_.stable_revision());
  });
}

TEST_F(InMemoryAtomicity, RacingIncrementsAreAllCounted) {
  run_threads(4, [&](int) {
    for (int i = 0; i < 2000; ++i) memory_.increment("n", "counter");
  });
  EXPECT_EQ(memory_.get("n", "counter"), MemoryValue(8000));
}

TEST_F(InMemoryAtomicity, OneOfManyRacingCreatorsWins) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> created{0};
    run_threads(4, [&](int) {
      SetOptions options{.precondition = Precondition::if_absent()};
      const Namespace ns = Namespace("n") / std::to_string(round);
      if (memory_.set(ns, "k", 1, options).applied()) ++created;
    });
    ASSERT_EQ(created, 1);
  }
}

}  // namespace
}  // namespace holdfast
