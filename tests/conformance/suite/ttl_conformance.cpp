// Clause 6: time to live.
#include <limits>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(ttl)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(TtlConformance);

TEST_P(TtlConformance, AnEntryIsThereUntilItsDeadlineAndGoneAtIt) {
  HOLDFAST_CLAUSE("6.1");
  memory().set("a", "k", 1, with_ttl(100ms));
  advance(99ms);
  EXPECT_TRUE(memory().exists("a", "k"));
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(1));
  EXPECT_EQ(memory().count(only("a")), 1U);
  advance(1ms);
  EXPECT_FALSE(memory().exists("a", "k"));
  EXPECT_EQ(memory().get("a", "k"), std::nullopt);
  EXPECT_EQ(memory().count(only("a")), 0U);
}

TEST_P(TtlConformance, AnExpiredEntryIsAbsentFromEveryCall) {
  HOLDFAST_CLAUSE("6.1");
  memory().set("a", "gone", 41, with_ttl(10ms));
  memory().set("a/b", "gone", 41, with_ttl(10ms));
  memory().set("a", "stays", 1);
  const Revision gone = memory().get_entry("a", "gone")->revision;
  advance(10ms);
  const std::vector<std::string> keys{"gone", "stays"};
  EXPECT_EQ(memory().get_entry("a", "gone"), std::nullopt);
  EXPECT_EQ(memory().get_many("a", keys)[0], std::nullopt);
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(places_of(all_pages(memory(), query_of(below({}), order))),
              std::vector<std::string>{"a:stays"});
    EXPECT_EQ(places_of(all_pages(memory(), query_of(only("a"), order))),
              std::vector<std::string>{"a:stays"});
  }
  MemoryQuery filtered = query_of(below({}));
  filtered.filter = Filter::where("", Filter::Operator::eq, 41);
  EXPECT_TRUE(memory().query(filtered).entries.empty());
  EXPECT_EQ(memory().count(filtered), 0U);
  filtered.top = TopBy{};
  EXPECT_TRUE(memory().query(filtered).entries.empty());
  EXPECT_EQ(memory().count(below({})), 1U);
  EXPECT_EQ(listed(memory()), std::vector<std::string>{"a"});
  const MemoryStats stats = memory().stats();
  EXPECT_EQ(stats.entries, 1U);
  EXPECT_EQ(stats.namespaces, 1U);
  EXPECT_EQ(stats.bytes, std::string_view("astays1").size());
  EXPECT_FALSE(memory().touch("a", "gone", Ttl(1h)));
  EXPECT_EQ(memory().get("a", "gone", {.refresh_ttl = Ttl(1h)}), std::nullopt);
  EXPECT_EQ(memory().take("a", "gone"), std::nullopt);
  EXPECT_EQ(memory().erase("a", "gone").status, WriteStatus::absent);
  EXPECT_EQ(memory().set("a", "gone", 1, on(Precondition::if_present())).status,
            WriteStatus::unmet);
  const WriteResult late = memory().set("a", "gone", 1, on(Precondition::if_revision(gone)));
  EXPECT_EQ(late.status, WriteStatus::unmet);
  EXPECT_EQ(late.revision, 0);
  EXPECT_EQ(memory().clear(below({})), 1U) << "only live entries are said to have gone";
}

TEST_P(TtlConformance, AnExpiredEntryIsAbsentForPreconditionsAndIncrements) {
  HOLDFAST_CLAUSE("6.1");
  memory().set("a", "set", "x", with_ttl(10ms));
  memory().set("a", "increment", "not a number", with_ttl(10ms));
  memory().set("a", "updated", 1, with_ttl(10ms));
  advance(10ms);
  EXPECT_EQ(memory().set("a", "set", 1, on(Precondition::if_absent())).status,
            WriteStatus::created);
  EXPECT_EQ(memory().increment("a", "increment", 3), 3);
  memory().update("a", "updated", [](const Record* current) {
    EXPECT_EQ(current, nullptr);
    return std::optional<MemoryValue>(5);
  });
  EXPECT_EQ(memory().get_entry("a", "updated")->expires_at, std::nullopt);
}

TEST_P(TtlConformance, SetWithoutATtlClearsAnEarlierDeadline) {
  HOLDFAST_CLAUSE("4.1, 6.1");
  memory().set("a", "k", 1, with_ttl(10ms));
  memory().set("a", "k", 2);
  EXPECT_EQ(memory().get_entry("a", "k")->expires_at, std::nullopt);
  advance(1h);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(2));
}

TEST_P(TtlConformance, KeepTtlKeepsTheDeadline) {
  HOLDFAST_CLAUSE("4.1, 6.1");
  memory().set("a", "k", 1, with_ttl(10ms));
  const auto deadline = memory().get_entry("a", "k")->expires_at;
  advance(4ms);
  EXPECT_EQ(memory().set("a", "k", 2, {.keep_ttl = true}).status, WriteStatus::updated);
  EXPECT_EQ(memory().get_entry("a", "k")->expires_at, deadline);
  memory().set("a", "forever", 1);
  memory().set("a", "forever", 2, {.keep_ttl = true});
  EXPECT_EQ(memory().get_entry("a", "forever")->expires_at, std::nullopt);
  advance(6ms);
  EXPECT_FALSE(memory().exists("a", "k"));
}

TEST_P(TtlConformance, ANewTtlCountsFromTheWrite) {
  HOLDFAST_CLAUSE("6.1");
  memory().set("a", "k", 1, with_ttl(10s));
  advance(9s);
  memory().set("a", "k", 2, with_ttl(3s));
  advance(2s);
  EXPECT_TRUE(memory().exists("a", "k"));
  advance(1s);
  EXPECT_FALSE(memory().exists("a", "k"));
}

TEST_P(TtlConformance, NothingExpiresWithoutADeadline) {
  HOLDFAST_CLAUSE("6.1");
  memory().set("a", "k", 1);
  advance(std::chrono::hours(24 * 365 * 200));
  EXPECT_TRUE(memory().exists("a", "k"));
  EXPECT_EQ(memory().sweep(), 0U);
}

TEST_P(TtlConformance, TheLongestTtlDoesNotOverflow) {
  HOLDFAST_CLAUSE("6.4");
  memory().set("a", "k", 1, with_ttl(Ttl(Ttl::max)));
  EXPECT_EQ(memory().get_entry("a", "k")->expires_at, clock().now() + Ttl::max);
  advance(std::chrono::hours(24 * 365 * 200));
  EXPECT_TRUE(memory().exists("a", "k"));
}

TEST_P(TtlConformance, ATtlOfZeroOrLessOrTooLongIsRefused) {
  HOLDFAST_CLAUSE("6.4");
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", 1, with_ttl(0ms)); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", 1, with_ttl(-1ms)); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().touch("a", "k", Ttl(-5h)); }));
  EXPECT_TRUE(is_refused_as_invalid([] { return Ttl(Ttl::max + 1ms).milliseconds(); }));
  EXPECT_TRUE(is_refused_as_invalid([] { return Ttl(std::chrono::hours::max()).milliseconds(); }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(TtlConformance, SweepingIsBoundedAndChangesNoAnswer) {
  HOLDFAST_CLAUSE("6.3");
  for (int i = 0; i < 30; ++i) {
    const std::string ns = i % 2 == 0 ? "a" : "a/b";
    memory().set(ns, std::to_string(i), i, i < 20 ? with_ttl(10ms) : SetOptions{});
  }
  advance(10ms);
  const std::vector<Entry> before = everything(memory());
  const Revision stable = memory().stable_revision();
  std::size_t swept = 0;
  for (int i = 0; i < 10; ++i) {
    const std::size_t step = memory().sweep(4);
    EXPECT_LE(step, 4U);
    swept += step;
    EXPECT_EQ(everything(memory()), before);
    EXPECT_EQ(memory().count(below({})), 10U);
  }
  EXPECT_LE(swept, 20U);
  EXPECT_EQ(memory().sweep(), 0U) << "everything was swept";
  EXPECT_GE(memory().stable_revision(), stable);
}

TEST_P(TtlConformance, SweepingTwiceOrAfterAMovedDeadlineTakesNoLiveEntry) {
  HOLDFAST_CLAUSE("6.3");
  memory().set("a", "touched", 1, with_ttl(10ms));
  memory().set("a", "cleared", 1, with_ttl(10ms));
  memory().set("a", "rewritten", 1, with_ttl(10ms));
  memory().touch("a", "touched", Ttl(1h));
  memory().touch("a", "cleared", std::nullopt);
  advance(10ms);
  memory().set("a", "rewritten", 2, with_ttl(1h));
  memory().sweep();
  memory().sweep();
  EXPECT_EQ(keys_of(everything(memory())),
            (std::vector<std::string>{"cleared", "rewritten", "touched"}));
}

TEST_P(TtlConformance, TimeOfAHandleNeverRunsBackwards) {
  HOLDFAST_CLAUSE("6.2");
  memory().set("a", "k", 1, with_ttl(10ms));
  advance(10ms);
  EXPECT_FALSE(memory().exists("a", "k"));
  clock().set(clock().now() - 1h);
  EXPECT_FALSE(memory().exists("a", "k")) << "it came back to life";
  EXPECT_EQ(memory().count(below({})), 0U);
}

}  // namespace holdfast::conformance
