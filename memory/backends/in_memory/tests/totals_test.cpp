// Sums over the whole store, which nobody adds up anew.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>

#include "support.hpp"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class InMemoryTotalsModel : public ::testing::TestWithParam<bool> {
 protected:
  void write_something() {
    const Namespace ns = Namespace("n") / std::to_string(random_() % 12);
    const std::string key = std::to_string(random_() % 20);
    switch (random_() % 8) {
      case 0:
        memory_.erase(ns, key);
        break;
      case 1:
        if (random_() % 8 == 0) memory_.clear(ns);
        break;
      case 2:
        memory_.sweep(random_() % 10 + 1);
        break;
      case 3:
        clock_->advance(milliseconds(300));
        break;
      case 4:
        memory_.set(ns, key, std::string(random_() % 50, 'x'));
        break;
      case 5:
        memory_.touch(ns, key, Ttl(seconds(random_() % 5 + 1)));
        break;
      default:
        memory_.set(ns, key, 1, {.ttl = seconds(random_() % 5 + 1)});
    }
  }

  void expect_what_a_scan_finds() {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::set<std::string> namespaces;
    MemoryQuery query{.scope = everything(), .limit = 10'000};
    for (const Entry& entry : memory_.query(query).entries) {
      ++entries;
      bytes += entry.ns.text().size() + entry.key.size() + entry.value.json_text().size();
      namespaces.insert(std::string(entry.ns.text()));
    }
    const MemoryStats stats = memory_.stats();
    ASSERT_EQ(memory_.count(everything()), entries);
    ASSERT_EQ(stats.entries, entries);
    ASSERT_EQ(stats.bytes, bytes);
    ASSERT_EQ(stats.namespaces, namespaces.size());
  }

  std::mt19937 random_{11};
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  Memory memory_ = open_in_memory({.change_log = GetParam(), .clock = clock_});
};

TEST_P(InMemoryTotalsModel, AreWhatAScanFindsAfterAnyWrites) {
  for (int i = 0; i < 4'000; ++i) {
    write_something();
    expect_what_a_scan_finds();
  }
  memory_.clear(everything());
  expect_what_a_scan_finds();
  EXPECT_EQ(memory_.stats().details["namespaces_held"], MemoryValue(GetParam() ? 12 : 0));
}

INSTANTIATE_TEST_SUITE_P(ChangeLog, InMemoryTotalsModel, ::testing::Bool());

// Entries come, go and expire in pairs.
TEST(InMemoryTotalsRace, ConcurrentCountsSeeWholeBatchesWhileEntriesExpire) {
  Memory memory = open_in_memory();
  std::atomic<int> writing = 2;
  run_threads(4, [&](int thread) {
    for (int i = 0; thread < 2 && i < 3'000; ++i) {
      WriteBatch batch;
      const Namespace ns = Namespace(thread == 0 ? "a" : "b") / std::to_string(i % 40);
      const SetOptions options{.ttl = milliseconds(1 + i % 3)};
      batch.set(ns, std::to_string(i), 1, options);
      batch.set(ns / "other", std::to_string(i), 1, options);
      memory.write(batch);
      if (i % 20 == 0) memory.clear(Scope(ns, true));
    }
    if (thread < 2) --writing;
    while (writing > 0) {
      if (thread == 2) {
        ASSERT_EQ(memory.count(everything()) % 2, 0U);
      }
      if (thread == 3) {
        ASSERT_EQ(memory.stats().entries % 2, 0U);
      }
    }
  });
}

TEST(InMemoryTotalsRace, ConcurrentSweepsChangeNoCount) {
  const auto clock = std::make_shared<ManualClock>();
  Memory memory = open_in_memory({.clock = clock});
  for (int i = 0; i < 4'000; ++i) {
    const Namespace ns = Namespace("n") / std::to_string(i % 100);
    memory.set(ns, std::to_string(i), 1, {.ttl = seconds(1)});
    if (i < 1'000) memory.set(ns / "stays", std::to_string(i), 1);
  }
  clock->advance(seconds(1));
  std::atomic<int> sweeping = 2;
  std::atomic<std::size_t> swept = 0;
  run_threads(4, [&](int thread) {
    while (thread < 2) {
      const std::size_t now = memory.sweep(7);
      swept += now;
      if (now == 0) break;
    }
    if (thread < 2) --sweeping;
    while (sweeping > 0) {
      ASSERT_EQ(memory.count(everything()), 1'000U);
      ASSERT_EQ(memory.stats().namespaces, 100U);
    }
  });
  EXPECT_EQ(swept, 4'000U);
}

TEST(InMemoryTotals, SweepFindsWhatExpiredAmongManyNamespaces) {
  const auto clock = std::make_shared<ManualClock>();
  Memory memory = open_in_memory({.clock = clock});
  for (int i = 0; i < 1'000; ++i) {
    const Namespace ns = Namespace("n") / std::to_string(i);
    memory.set(ns, "stays", 1);
    memory.set(ns, "goes", 1, {.ttl = seconds(1 + (i * 7) % 10)});
  }
  for (int second = 1; second <= 10; ++second) {
    clock->advance(seconds(1));
    EXPECT_EQ(memory.count(everything()), 2'000U - 100U * static_cast<unsigned>(second));
    EXPECT_EQ(memory.sweep(), 100U);
    EXPECT_EQ(memory.sweep(), 0U);
  }
  EXPECT_EQ(memory.stats().entries, 1'000U);
}

}  // namespace
}  // namespace holdfast
