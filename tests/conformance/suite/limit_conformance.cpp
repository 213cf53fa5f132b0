// Clause 8: limits.
#include <atomic>
#include <thread>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(limit)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(LimitConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ValueLimitConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(EvictionConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(QuotaConformance);

namespace {

template <typename Call>
testing::AssertionResult is_refused_as_full(Call&& call) {
  return throws(ErrorCode::resource_exhausted, std::forward<Call>(call));
}

StoreRequest with_max_entries(StoreRequest request, std::uint64_t max_entries) {
  request.max_entries = max_entries;
  return request;
}

}  // namespace

TEST_P(LimitConformance, TheNumberOfEntriesIsKeptToTheEntry) {
  HOLDFAST_CLAUSE("8.1, 8.3");
  Memory store = open(with_max_entries(request(), 5));
  EXPECT_EQ(store.stats().limits.max_entries, 5U);
  for (int i = 0; i < 5; ++i) store.set(i % 2 == 0 ? "a" : "b", std::to_string(i), i);
  const std::vector<Entry> before = everything(store);
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "one too many", 1); }));
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("new", "one too many", 1); }));
  EXPECT_TRUE(is_refused_as_full([&] { return store.increment("a", "one too many"); }));
  EXPECT_EQ(everything(store), before);
  EXPECT_EQ(store.stats().entries, 5U);
  store.erase("a", "0");
  EXPECT_EQ(store.set("c", "fits again", 1).status, WriteStatus::created);
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "one too many", 1); }));
}

TEST_P(LimitConformance, WhatDoesNotGrowIsAllowedAtTheLimit) {
  HOLDFAST_CLAUSE("8.2");
  Memory store = open(with_max_entries(request(), 2));
  store.set("a", "1", 1);
  store.set("a", "2", 2);
  EXPECT_EQ(store.set("a", "1", "another value").status, WriteStatus::updated);
  EXPECT_EQ(store.increment("a", "2"), 3);
  EXPECT_TRUE(store.touch("a", "2", Ttl(1h)));
  EXPECT_EQ(store.set("a", "3", 1, on(Precondition::if_present())).status, WriteStatus::unmet);
  EXPECT_EQ(store.erase("a", "absent").status, WriteStatus::absent);
  EXPECT_EQ(store.count(below({})), 2U);
}

TEST_P(LimitConformance, ABatchIsMeasuredAsAWhole) {
  HOLDFAST_CLAUSE("8.2");
  Memory store = open(with_max_entries(request(), 5));
  for (int i = 0; i < 3; ++i) store.set("a", std::to_string(i), i);
  const std::vector<Entry> before = everything(store);
  WriteBatch too_many;
  for (int i = 3; i < 6; ++i) too_many.set("a", std::to_string(i), i);
  EXPECT_TRUE(is_refused_as_full([&] { return store.write(too_many); }));
  EXPECT_EQ(everything(store), before);
  WriteBatch fits;
  fits.erase("a", "0").set("a", "3", 3).set("a", "4", 4).set("a", "5", 5).set("a", "1", "again");
  EXPECT_TRUE(store.write(fits).applied);
  EXPECT_EQ(store.count(below({})), 5U);
  WriteBatch swap;
  swap.erase("a", "1").set("a", "6", 6);
  EXPECT_TRUE(store.write(swap).applied);
  EXPECT_EQ(store.count(below({})), 5U);
}

TEST_P(LimitConformance, ExpiredEntriesNeverCauseARefusal) {
  HOLDFAST_CLAUSE("8.2");
  Memory store = open(with_max_entries(request(), 20));
  for (int i = 0; i < 20; ++i) {
    store.set("a", std::to_string(i), i, i < 15 ? with_ttl(10ms) : SetOptions{});
  }
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "x", 1); }));
  advance(10ms);
  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(store.set("b", std::to_string(i), i).status, WriteStatus::created);
  }
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("b", "x", 1); }));
  EXPECT_EQ(store.count(below({})), 20U);
}

TEST_P(LimitConformance, BytesAreBounded) {
  HOLDFAST_CLAUSE("8.1, 8.2, 8.3");
  StoreRequest limited = request();
  limited.max_bytes = 256 * 1024;
  Memory store = open(limited);
  const std::string value(1000, 'v');
  const auto fits = [&](const std::string& key) {
    return !error_of([&] { return store.set("a", key, value); });
  };
  int stored = 0;
  while (stored < 1000 && fits(std::to_string(stored))) {
    ++stored;
    ASSERT_LE(store.stats().limited_bytes, *limited.max_bytes);
  }
  EXPECT_GT(stored, 100) << "far less fits than the limit says";
  EXPECT_LT(stored, 263) << "more fits than the limit says";
  const std::vector<Entry> before = everything(store);
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "more", value); }));
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "0", std::string(100'000, 'g')); }));
  EXPECT_EQ(everything(store), before);
  EXPECT_EQ(store.set("a", "0", std::string(1000, 'w')).status, WriteStatus::updated);
  EXPECT_EQ(store.set("a", "1", "small").status, WriteStatus::updated);
  EXPECT_TRUE(store.touch("a", "2", Ttl(1h)));
  store.clear(below({}));
  EXPECT_TRUE(fits("again"));
  EXPECT_LE(store.stats().limited_bytes, *limited.max_bytes);
}

TEST_P(LimitConformance, RacingWritersNeverPassTheLimitConcurrent) {
  HOLDFAST_CLAUSE("8.2");
  constexpr std::uint64_t limit = 50;
  Memory store = open(with_max_entries(request(), limit));
  std::atomic<bool> overshot{false};
  std::atomic<int> other_errors{0};
  in_threads(8, [&](int thread) {
    for (int i = 0; i < 40; ++i) {
      const std::string key = std::to_string(thread) + "_" + std::to_string(i);
      const auto error = error_of([&] { return store.set("a", key, i); });
      if (error && error->code() != ErrorCode::resource_exhausted) ++other_errors;
      if (store.count(below({})) > limit) overshot = true;
      if (i % 5 == 0) store.erase("a", key);
    }
  });
  EXPECT_FALSE(overshot);
  EXPECT_EQ(other_errors, 0);
  for (std::uint64_t i = store.count(below({})); i < limit; ++i) {
    EXPECT_EQ(store.set("b", std::to_string(i), 1).status, WriteStatus::created) << i;
  }
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("b", "one too many", 1); }));
  EXPECT_EQ(store.count(below({})), limit);
}

TEST_P(ValueLimitConformance, ValuesAreKeptToTheByte) {
  HOLDFAST_CLAUSE("8.1, 8.3");
  StoreRequest limited = request();
  limited.max_value_bytes = 12;
  Memory store = open(limited);
  EXPECT_EQ(store.stats().limits.max_value_bytes, 12U);
  store.set("a", "k", "1234567890");  // And two quotes.
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "k", "12345678901"); }));
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("a", "l", "12345678901"); }));
  store.set("a", "n", std::int64_t{999'999'999'999});
  EXPECT_TRUE(is_refused_as_full([&] { return store.increment("a", "n"); }));
  EXPECT_TRUE(is_refused_as_full(
      [&] { return store.write(WriteBatch().set("a", "m", 1).increment("a", "n", 1)); }));
  EXPECT_EQ(store.get("a", "k"), MemoryValue("1234567890"));
  EXPECT_EQ(store.get("a", "n"), MemoryValue(std::int64_t{999'999'999'999}));
  EXPECT_EQ(store.count(below({})), 2U);
}

TEST_P(ValueLimitConformance, WhatIsNotWrittenIsNotMeasured) {
  HOLDFAST_CLAUSE("8.3, 4.2");
  StoreRequest limited = request();
  limited.max_value_bytes = 12;
  Memory store = open(limited);
  SetOptions if_present;
  if_present.precondition = Precondition::if_present();
  EXPECT_EQ(store.set("a", "k", "12345678901", if_present).status, WriteStatus::unmet);
  const BatchResult result = store.write(
      WriteBatch().check("a", "k", Precondition::if_present()).set("a", "l", "12345678901"));
  EXPECT_FALSE(result.applied);
  EXPECT_EQ(result.failed, 0U);
}

TEST_P(EvictionConformance, NewEntriesAreTakenInAndTheLimitHolds) {
  HOLDFAST_CLAUSE("8.3, 14");
  StoreRequest limited = with_max_entries(request(), 20);
  limited.evict = true;
  Memory store = open(limited);
  EXPECT_TRUE(store.capabilities().eviction);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(store.set("a", std::to_string(i), i).status, WriteStatus::created);
    EXPECT_TRUE(store.exists("a", std::to_string(i)));
    ASSERT_LE(store.count(below({})), 20U);
  }
  const MemoryStats stats = store.stats();
  EXPECT_EQ(stats.entries + stats.counters.evicted, 200U);
  EXPECT_EQ(everything(store).size(), stats.entries);
}

TEST_P(EvictionConformance, OverwritingAtTheLimitEvictsNothing) {
  HOLDFAST_CLAUSE("8.2");
  StoreRequest limited = with_max_entries(request(), 10);
  limited.evict = true;
  Memory store = open(limited);
  for (int i = 0; i < 10; ++i) store.set("a", std::to_string(i), i);
  const std::uint64_t entries = store.count(below({}));
  for (const Entry& entry : everything(store)) store.set("a", entry.key, "again");
  EXPECT_EQ(store.count(below({})), entries);
}

TEST_P(QuotaConformance, ASubtreeIsBoundedAndItsNeighboursAreNot) {
  HOLDFAST_CLAUSE("8.1, 8.2, 8.3");
  StoreRequest limited = request();
  limited.entry_quotas = {{"users/1", 3}};
  Memory store = open(limited);
  EXPECT_TRUE(store.capabilities().quotas);
  store.set("users/1", "a", 1);
  store.set("users/1/chat", "b", 1);
  store.set("users/1", "c", 1);
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("users/1", "d", 1); }));
  EXPECT_TRUE(is_refused_as_full([&] { return store.set("users/1/chat/deep", "d", 1); }));
  EXPECT_EQ(store.set("users/1", "a", 2).status, WriteStatus::updated);
  for (int i = 0; i < 10; ++i) {
    store.set("users/10", std::to_string(i), i);
    store.set("users", std::to_string(i), i);
  }
  WriteBatch batch;
  batch.set("users/10", "x", 1).set("users/1", "x", 1);
  EXPECT_TRUE(is_refused_as_full([&] { return store.write(batch); }));
  EXPECT_FALSE(store.exists("users/10", "x"));
  store.erase("users/1/chat", "b");
  EXPECT_EQ(store.set("users/1", "d", 1).status, WriteStatus::created);
  EXPECT_EQ(store.count(below("users/1")), 3U);
}

}  // namespace holdfast::conformance
