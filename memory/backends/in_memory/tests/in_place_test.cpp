// Overwriting an entry in its block, which nobody may notice but by what it costs.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support.hpp"

namespace holdfast {
namespace {

using std::chrono::hours;

class InPlace : public ::testing::Test {
 protected:
  [[nodiscard]] Entry entry() { return *memory_.get_entry("ns", "key"); }
  Memory memory_ = open_in_memory();
};

TEST_F(InPlace, AValueThatWasReadStaysAsItWas) {
  memory_.set("ns", "key", "before");
  const MemoryValue held = *memory_.get("ns", "key");
  memory_.set("ns", "key", "after!");
  EXPECT_EQ(held, MemoryValue("before"));
  EXPECT_EQ(entry().value, MemoryValue("after!"));
}

TEST_F(InPlace, ATouchedEntryKeepsAValueThatIsHeld) {
  memory_.set("ns", "key", "value");
  const Entry before = entry();
  EXPECT_TRUE(memory_.touch("ns", "key", hours(1)));
  const Entry after = entry();
  EXPECT_EQ(after.value, before.value);
  EXPECT_GT(after.revision, before.revision);
  EXPECT_EQ(after.created_revision, before.created_revision);
  EXPECT_TRUE(after.expires_at.has_value());
  EXPECT_FALSE(before.expires_at.has_value());
}

TEST_F(InPlace, EveryOrderAndCountFollowsValuesOfAnySize) {
  for (int i = 0; i < 200; ++i) memory_.set("ns", std::to_string(i), i);
  std::uint64_t bytes = 0;
  for (int round = 0; round < 20; ++round) {
    bytes = 0;
    for (int i = 0; i < 200; ++i) {
      const std::string text(static_cast<std::size_t>((i + round * 7) % 40), 'x');
      memory_.set("ns", std::to_string(i), text);
      bytes += 2 + std::to_string(i).size() + text.size() + 2;
    }
  }
  EXPECT_EQ(memory_.stats().bytes, bytes);
  EXPECT_EQ(memory_.count({"ns", false}), 200U);
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    const Page page = memory_.query({.scope = {"ns", false}, .order = order, .limit = 300});
    ASSERT_EQ(page.entries.size(), 200U);
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(page.entries[i].key, std::to_string(i));
  }
}

TEST_F(InPlace, DeadlinesComeMoveAndGo) {
  memory_.set("ns", "key", 1);
  memory_.set("ns", "key", 2, {.ttl = hours(2)});
  const auto first = entry().expires_at;
  ASSERT_TRUE(first);
  memory_.set("ns", "key", 3, {.keep_ttl = true});
  EXPECT_EQ(entry().expires_at, first);
  memory_.set("ns", "key", 4, {.ttl = hours(1)});
  EXPECT_LT(entry().expires_at, first);
  memory_.increment("ns", "key", 1);
  EXPECT_EQ(entry().value, MemoryValue(5));
  EXPECT_TRUE(entry().expires_at);
  memory_.set("ns", "key", 6);
  EXPECT_FALSE(entry().expires_at);
  EXPECT_EQ(memory_.sweep(), 0U);
}

TEST_F(InPlace, APreconditionThatDoesNotHoldChangesNothing) {
  memory_.set("ns", "key", 1);
  const Entry before = entry();
  const WriteResult result =
      memory_.set("ns", "key", 2, {.precondition = Precondition::if_revision(before.revision + 1)});
  EXPECT_EQ(result.status, WriteStatus::unmet);
  EXPECT_EQ(result.revision, before.revision);
  EXPECT_EQ(entry(), before);
}

TEST_F(InPlace, ConcurrentReadersSeeWholeValues) {
  const std::string a(100, 'a');
  const std::string b(100, 'b');
  memory_.set("ns", "key", a);
  run_threads(4, [&](int thread) {
    for (int i = 0; i < 5'000; ++i) {
      if (thread < 2) {
        memory_.set("ns", "key", i % 2 == 0 ? a : b);
        continue;
      }
      const auto text = memory_.get("ns", "key")->get<std::string>();
      ASSERT_TRUE(text == a || text == b);
      const Page page = memory_.query({.scope = {"ns", false}});
      const auto in_page = page.entries.at(0).value.get<std::string>();
      ASSERT_TRUE(in_page == a || in_page == b);
    }
  });
}

}  // namespace
}  // namespace holdfast
