#include <gmock/gmock.h>

#include "support.hpp"

namespace holdfast {
namespace {

InMemoryOptions with_quotas(std::vector<Quota> quotas) {
  InMemoryOptions options;
  options.quotas = std::move(quotas);
  return options;
}

TEST(InMemoryQuota, HoldsForTheWholeSubtreeAndNothingBesideIt) {
  Memory memory = open_in_memory(with_quotas({{.subtree = "users/42", .max_entries = 2}}));
  memory.set("users/42", "a", 1);
  memory.set("users/42/chat", "b", 1);
  std::string message;
  EXPECT_EQ(code_of([&] { memory.set("users/42/notes", "c", 1); }, &message),
            ErrorCode::resource_exhausted);
  EXPECT_THAT(message, ::testing::HasSubstr("users/42"));
  memory.set("users/421", "c", 1);
  memory.erase("users/42", "a");
  EXPECT_EQ(memory.set("users/42/notes", "c", 1).status, WriteStatus::created);
}

TEST(InMemoryQuota, NestedQuotasHoldTogether) {
  Memory memory = open_in_memory(
      with_quotas({{.subtree = "t", .max_entries = 3}, {.subtree = "t/1", .max_entries = 2}}));
  memory.set("t/1", "a", 1);
  memory.set("t/1", "b", 1);
  EXPECT_EQ(code_of([&] { memory.set("t/1", "c", 1); }), ErrorCode::resource_exhausted);
  memory.set("t/2", "a", 1);
  EXPECT_EQ(code_of([&] { memory.set("t/2", "b", 1); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.stats().details["quotas"]["t/1"]["entries"], MemoryValue(2));
  EXPECT_EQ(memory.stats().details["quotas"]["t"]["entries"], MemoryValue(3));
}

TEST(InMemoryQuota, BytesAreCountedAndGivenBack) {
  Memory memory = open_in_memory(with_quotas({{.subtree = "u", .max_bytes = 2000}}));
  memory.set("u", "a", std::string(1000, 'x'));
  EXPECT_EQ(code_of([&] { memory.set("u", "b", std::string(1000, 'x')); }),
            ErrorCode::resource_exhausted);
  memory.clear({"u", false});
  EXPECT_EQ(memory.stats().details["quotas"]["u"]["bytes"], MemoryValue(0));
  EXPECT_EQ(memory.set("u", "b", std::string(1000, 'x')).status, WriteStatus::created);
}

TEST(InMemoryQuota, RefusesEvenWhereTheStoreEvicts) {
  InMemoryOptions options = with_quotas({{.subtree = "u", .max_entries = 2}});
  options.max_entries = 10;
  options.eviction = Eviction::lru;
  Memory memory = open_in_memory(options);
  memory.set("u", "a", 1);
  memory.set("u", "b", 1);
  EXPECT_EQ(code_of([&] { memory.set("u", "c", 1); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.count(Scope{"u", true}), 2U);
}

TEST(InMemoryQuota, ExpiredEntriesGiveWay) {
  auto clock = std::make_shared<ManualClock>();
  InMemoryOptions options = with_quotas({{.subtree = "u", .max_entries = 1}});
  options.clock = clock;
  Memory memory = open_in_memory(options);
  memory.set("u/1", "a", 1, {.ttl = std::chrono::seconds(1)});
  memory.set("v", "a", 1, {.ttl = std::chrono::seconds(1)});
  clock->advance(std::chrono::seconds(1));
  EXPECT_EQ(memory.set("u/2", "b", 1).status, WriteStatus::created);
  EXPECT_EQ(memory.sweep(), 1U);
}

TEST(InMemoryQuota, RacingWritersNeverOvershoot) {
  Memory memory = open_in_memory(with_quotas({{.subtree = "u", .max_entries = 50}}));
  run_threads(8, [&](int thread) {
    for (int i = 0; i < 100; ++i) {
      try {
        memory.set(Namespace("u") / std::to_string(thread), std::to_string(i), i);
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::resource_exhausted);
      }
      ASSERT_LE(memory.count(Scope{"u", true}), 50U);
    }
  });
  EXPECT_EQ(memory.count(Scope{"u", true}), 50U);
}

TEST(InMemoryQuota, QuotasThatMakeNoSenseAreRefused) {
  EXPECT_EQ(code_of([] { (void)open_in_memory(with_quotas({{.subtree = "u"}})); }),
            ErrorCode::invalid_argument);
  const Quota quota{.subtree = "u", .max_entries = 1};
  EXPECT_EQ(code_of([&] {
              (void)open_in_memory(with_quotas({quota, quota}));
            }),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace holdfast
