// Clause 9: stats and health.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(stats)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(StatsConformance);

namespace {

// What the stats have to say, from everything that a query shows.
void expect_stats_to_be_exact(Memory& memory) {
  std::uint64_t bytes = 0;
  Revision last = 0;
  const std::vector<Entry> entries = everything(memory);
  for (const Entry& entry : entries) {
    bytes += entry.size_bytes();
    last = std::max(last, entry.revision);
  }
  const MemoryStats stats = memory.stats();
  EXPECT_EQ(stats.entries, entries.size());
  EXPECT_EQ(stats.bytes, bytes);
  EXPECT_EQ(stats.namespaces, listed(memory).size());
  EXPECT_GE(stats.last_revision, last);
}

}  // namespace

TEST_P(StatsConformance, AnEmptyStoreHasNothing) {
  HOLDFAST_CLAUSE("9.1");
  const MemoryStats stats = memory().stats();
  EXPECT_EQ(stats.entries, 0U);
  EXPECT_EQ(stats.bytes, 0U);
  EXPECT_EQ(stats.namespaces, 0U);
  EXPECT_EQ(stats.last_revision, 0);
  EXPECT_FALSE(stats.backend.empty());
  EXPECT_EQ(stats.details.kind(), ValueKind::map);
  EXPECT_EQ(to_value(stats)["entries"], MemoryValue(0));
}

TEST_P(StatsConformance, CountsAndBytesFollowEveryKindOfWrite) {
  HOLDFAST_CLAUSE("9.1, 9.2");
  memory().set("a", "k", "some text");
  memory().set("a/b", "k", MemoryValue::map({{"x", MemoryValue::list({1, 2.5})}}));
  memory().set({}, "", nullptr);
  expect_stats_to_be_exact(memory());
  memory().set("a", "k", "longer text than before");
  memory().set("a", "k", "short");
  expect_stats_to_be_exact(memory());
  memory().set("a", "n", 9);
  memory().increment("a", "n");  // One digit more.
  expect_stats_to_be_exact(memory());
  memory().erase("a", "k");
  memory().erase("a", "absent");
  static_cast<void>(memory().take("a/b", "k"));
  expect_stats_to_be_exact(memory());
  for (int i = 0; i < 5; ++i) memory().set("c", std::to_string(i), i, with_ttl(10ms));
  memory().touch("c", "0", std::nullopt);
  expect_stats_to_be_exact(memory());
  advance(10ms);
  expect_stats_to_be_exact(memory());
  memory().sweep(2);
  expect_stats_to_be_exact(memory());
  memory().set("c", "1", "over an expired one");
  memory().sweep();
  expect_stats_to_be_exact(memory());
  memory().clear(below({}));
  expect_stats_to_be_exact(memory());
  EXPECT_EQ(memory().stats().bytes, 0U);
}

TEST_P(StatsConformance, BytesAreThoseOfNamespaceKeyAndCanonicalValue) {
  HOLDFAST_CLAUSE("9.2");
  memory().set(Namespace() / "a/b", "\xc3\xa9", MemoryValue::parse(R"( { "b" : 1.50 } )"));
  EXPECT_EQ(memory().stats().bytes, std::string_view("a%2Fb\xc3\xa9{\"b\":1.5}").size());
}

TEST_P(StatsConformance, CountersAreThoseOfTheHandle) {
  HOLDFAST_CLAUSE("9.3");
  const HandleCounters start = memory().stats().counters;
  EXPECT_EQ(start.hits + start.misses + start.writes + start.expired + start.evicted, 0U);
  memory().set("a", "k", 1);
  memory().set("a", "k", 2, on(Precondition::if_absent()));  // Changes nothing.
  memory().erase("a", "absent");                             // Neither.
  static_cast<void>(memory().get("a", "k"));
  static_cast<void>(memory().get_entry("a", "k"));
  static_cast<void>(memory().get("a", "absent"));
  memory().set("a", "short", 1, with_ttl(10ms));
  advance(10ms);
  memory().sweep();
  const HandleCounters counters = memory().stats().counters;
  EXPECT_EQ(counters.hits, 2U);
  EXPECT_EQ(counters.misses, 1U);
  EXPECT_EQ(counters.writes, 2U);
  EXPECT_EQ(counters.expired, 1U);
  EXPECT_EQ(counters.evicted, 0U);
}

TEST_P(StatsConformance, LastRevisionIsTheGreatestGiven) {
  HOLDFAST_CLAUSE("9.1");
  memory().set("a", "k", 1);
  const Revision erased = memory().erase("a", "k").revision;
  EXPECT_GE(memory().stats().last_revision, erased);
  EXPECT_GE(memory().stable_revision(), erased);
  EXPECT_GT(memory().set("a", "k", 1).revision, erased);
}

TEST_P(StatsConformance, AHealthyStoreIsFoundHealthy) {
  HOLDFAST_CLAUSE("9.4");
  const Health health = memory().health();
  EXPECT_TRUE(health.ok) << health.message;
  EXPECT_TRUE(health.message.empty());
  EXPECT_GE(health.latency.count(), 0);
  EXPECT_EQ(memory().count(below({})), 0U) << "asking left something behind";
}

TEST_P(StatsConformance, HealthReportsInsteadOfThrowing) {
  HOLDFAST_CLAUSE("9.4");
  Memory store = open(request());
  Context late;
  late.deadline = std::chrono::steady_clock::now() - 1s;
  EXPECT_FALSE(store.health(late).ok);
  EXPECT_FALSE(store.health(late).message.empty());
  store.close();
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return store.stats(); }));
}

}  // namespace holdfast::conformance
