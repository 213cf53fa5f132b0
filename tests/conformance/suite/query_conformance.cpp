// Clauses 7.1, 7.3 and 7.6: queries, counts and clearing.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(query)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(QueryConformance);

namespace {

std::vector<std::string> matching(Memory& memory, const std::string& prefix,
                                  const KeyPattern& pattern) {
  MemoryQuery query = query_of(only("p"));
  query.key_prefix = prefix;
  query.key_pattern = pattern;
  EXPECT_EQ(memory.count(query), memory.query(query).entries.size());
  return keys_of(memory.query(query).entries);
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_P(QueryConformance, AnEmptyScopeGivesAnEmptyPage) {
  HOLDFAST_CLAUSE("7.1");
  memory().set("a", "k", 1);
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    const Page page = memory().query(query_of(below("nothing/here"), order));
    EXPECT_TRUE(page.entries.empty());
    EXPECT_TRUE(page.cursor.empty());
  }
}

TEST_P(QueryConformance, EntriesOfAPageAreThoseThatASingleReadGives) {
  HOLDFAST_CLAUSE("7.1");
  memory().set("a", "1", "x", with_ttl(1h));
  advance(1s);
  memory().set("a/b", "2", MemoryValue::map({{"n", 1}}));
  memory().set("a", "1", "y", {.keep_ttl = true});
  for (const Entry& entry : everything(memory())) {
    EXPECT_EQ(memory().get_entry(entry.ns, entry.key), entry);
  }
}

TEST_P(QueryConformance, EachOrderRunsBothWays) {
  HOLDFAST_CLAUSE("7.1");
  memory().set("b", "1", 0);
  memory().set("a", "2", 0);
  memory().set("a/x", "0", 0);
  memory().set("a", "1", 0);
  memory().set("b", "1", 1);  // Now the last one written, still the first one created.
  const auto places = [&](OrderBy order, Direction direction) {
    return places_of(all_pages(memory(), query_of(below({}), order, direction, 2)));
  };
  const Keys by_key{"a:1", "a:2", "a/x:0", "b:1"};
  const Keys by_creation{"b:1", "a:2", "a/x:0", "a:1"};
  const Keys by_update{"a:2", "a/x:0", "a:1", "b:1"};
  const auto reversed = [](const Keys& keys) { return Keys(keys.rbegin(), keys.rend()); };
  EXPECT_EQ(places(OrderBy::key, Direction::ascending), by_key);
  EXPECT_EQ(places(OrderBy::key, Direction::descending), reversed(by_key));
  EXPECT_EQ(places(OrderBy::created, Direction::ascending), by_creation);
  EXPECT_EQ(places(OrderBy::created, Direction::descending), reversed(by_creation));
  EXPECT_EQ(places(OrderBy::updated, Direction::ascending), by_update);
  EXPECT_EQ(places(OrderBy::updated, Direction::descending), reversed(by_update));
}

TEST_P(QueryConformance, WritesOfOneMillisecondAreOrderedByTheirRevisions) {
  HOLDFAST_CLAUSE("3.2, 7.1");
  for (const char* key : {"q", "c", "x", "a", "m"}) memory().set("a", key, 0);
  for (const char* key : {"x", "a", "q"}) memory().set("a", key, 1);
  memory().touch("a", "c", std::nullopt);
  memory().increment("a", "m");
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a"), OrderBy::updated))),
            (Keys{"x", "a", "q", "c", "m"}));
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a"), OrderBy::created))),
            (Keys{"q", "c", "x", "a", "m"}));
}

TEST_P(QueryConformance, ScopeIsOneNamespaceOrItsSubtree) {
  HOLDFAST_CLAUSE("7.1");
  for (const char* ns : {"a", "a/b", "a/b/c", "ab", "b"}) memory().set(ns, "k", 1);
  const auto count = [&](const Scope& scope) {
    return memory().query(query_of(scope)).entries.size();
  };
  EXPECT_EQ(count(only("a")), 1U);
  EXPECT_EQ(count(below("a")), 3U);
  EXPECT_EQ(count(below("a/b")), 2U);
  EXPECT_EQ(count(only({})), 0U);
  EXPECT_EQ(count(below({})), 5U);
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(places_of(all_pages(memory(), query_of(below("a"), order))),
              (Keys{"a:k", "a/b:k", "a/b/c:k"}));
  }
}

TEST_P(QueryConformance, LimitIsKeptToTheEntry) {
  HOLDFAST_CLAUSE("7.2");
  for (int i = 0; i < 10; ++i) memory().set("a", std::to_string(i), i);
  for (const std::size_t limit : {1U, 2U, 3U, 9U, 10U, 11U}) {
    for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
      const Page page = memory().query(query_of(only("a"), order, Direction::ascending, limit));
      EXPECT_EQ(page.entries.size(), std::min<std::size_t>(limit, 10));
      EXPECT_EQ(page.cursor.empty(), limit >= 10) << limit;
    }
  }
}

TEST_P(QueryConformance, ALimitOutsideItsRangeIsRefused) {
  HOLDFAST_CLAUSE("7.2");
  for (const std::size_t limit : {std::size_t{0}, MemoryQuery::max_limit + 1}) {
    const MemoryQuery query = query_of(only("a"), OrderBy::key, Direction::ascending, limit);
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(query); }));
  }
}

TEST_P(QueryConformance, KeyPrefixIsLiteral) {
  HOLDFAST_CLAUSE("7.1");
  for (const char* key : {"a", "a%", "a%b", "aXb", "a_b", "A", "ab", "*", "*x", "\xc3\xa9x"}) {
    memory().set("p", key, 1);
  }
  EXPECT_EQ(matching(memory(), "a", {}), (Keys{"a", "a%", "a%b", "aXb", "a_b", "ab"}));
  EXPECT_EQ(matching(memory(), "a%", {}), (Keys{"a%", "a%b"}));
  EXPECT_EQ(matching(memory(), "a_", {}), (Keys{"a_b"}));
  EXPECT_EQ(matching(memory(), "*", {}), (Keys{"*", "*x"}));
  EXPECT_EQ(matching(memory(), "\xc3\xa9", {}), (Keys{"\xc3\xa9x"}));
  EXPECT_EQ(matching(memory(), "absent", {}), Keys{});
}

TEST_P(QueryConformance, PrefixesAtTheEndOfUnicodeFindTheirKeys) {
  HOLDFAST_CLAUSE("7.1");
  const std::string last = "\xf4\x8f\xbf\xbf";  // U+10FFFF has no successor.
  for (const std::string& key : {last, last + last, last + "a",
                                 std::string("\xef\xbf\xbf"
                                             "b")}) {
    memory().set("p", key, 1);
  }
  EXPECT_EQ(matching(memory(), last, {}), (Keys{last, last + "a", last + last}));
  EXPECT_EQ(matching(memory(), last + last, {}), (Keys{last + last}));
  EXPECT_EQ(matching(memory(), "\xef\xbf\xbf", {}), (Keys{"\xef\xbf\xbf"
                                                          "b"}));
}

TEST_P(QueryConformance, PatternsHaveTwoWildcardsAndTheRestIsLiteral) {
  HOLDFAST_CLAUSE("7.1");
  for (const char* key : {"cat", "cut", "c\xc3\xa9t", "ct", "coat", "c*t", "c%t", "CAT", "c.t",
                          "c[ao]t", "a\\b", "cat\n"}) {
    memory().set("p", key, 1);
  }
  EXPECT_EQ(matching(memory(), "", "c?t"), (Keys{"c%t", "c*t", "c.t", "cat", "cut", "c\xc3\xa9t"}));
  EXPECT_EQ(matching(memory(), "", "c\\*t"), (Keys{"c*t"}));
  EXPECT_EQ(matching(memory(), "", "c%t"), (Keys{"c%t"}));
  EXPECT_EQ(matching(memory(), "", "c.t"), (Keys{"c.t"}));
  EXPECT_EQ(matching(memory(), "", "c[ao]t"), (Keys{"c[ao]t"}));
  EXPECT_EQ(matching(memory(), "", "a\\\\b"), (Keys{"a\\b"}));
  EXPECT_EQ(matching(memory(), "", "*at"), (Keys{"cat", "coat"}));
  EXPECT_EQ(matching(memory(), "", "*a*t*"), (Keys{"c[ao]t", "cat", "cat\n", "coat"}));
  EXPECT_EQ(matching(memory(), "co", "*t"), (Keys{"coat"}));
  EXPECT_EQ(matching(memory(), "", "*").size(), 12U);
}

TEST_P(QueryConformance, TimeRangesIncludeTheirStartAndNotTheirEnd) {
  HOLDFAST_CLAUSE("7.1");
  const Timestamp start = clock().now();
  for (int i = 0; i < 5; ++i) {
    memory().set("a", std::to_string(i), i);
    advance(10ms);
  }
  memory().set("a", "0", "again");  // At start + 50 ms.
  const auto keys = [&](const TimeRange& created, const TimeRange& updated) {
    MemoryQuery query = query_of(only("a"));
    query.created = created;
    query.updated = updated;
    EXPECT_EQ(memory().count(query), memory().query(query).entries.size());
    return keys_of(memory().query(query).entries);
  };
  EXPECT_EQ(keys({start + 10ms, start + 30ms}, {}), (Keys{"1", "2"}));
  EXPECT_EQ(keys({{}, start + 10ms}, {}), (Keys{"0"}));
  EXPECT_EQ(keys({start + 31ms, {}}, {}), (Keys{"4"}));
  EXPECT_EQ(keys({}, {start + 40ms, {}}), (Keys{"0", "4"}));
  EXPECT_EQ(keys({{}, start + 1ms}, {start + 50ms, {}}), (Keys{"0"}));
  EXPECT_EQ(keys({start + 20ms, start + 20ms}, {}), Keys{});
}

TEST_P(QueryConformance, KeysOnlyLeavesValuesOutAndFiltersAllTheSame) {
  HOLDFAST_CLAUSE("7.3");
  memory().set("a", "1", MemoryValue::map({{"n", 1}}));
  memory().set("a", "2", MemoryValue::map({{"n", 2}}));
  MemoryQuery query = query_of(only("a"));
  query.keys_only = true;
  for (const Entry& entry : memory().query(query).entries) {
    EXPECT_TRUE(entry.value.is_null());
    EXPECT_GT(entry.revision, 0);
  }
  query.filter = Filter::where("n", Filter::Operator::gt, 1);
  const Page page = memory().query(query);
  EXPECT_EQ(keys_of(page.entries), Keys{"2"});
  EXPECT_TRUE(page.entries.front().value.is_null());
}

TEST_P(QueryConformance, TopRanksByAPathOfTheValue) {
  HOLDFAST_CLAUSE("7.3");
  const auto scored = [](const MemoryValue& score) { return MemoryValue::map({{"s", score}}); };
  memory().set("a", "two", scored(2));
  memory().set("a", "high", scored(10));
  memory().set("a/b", "two and a half", scored(2.5));
  memory().set("a", "also two", scored(2.0));
  memory().set("a", "text", scored("10"));
  memory().set("a", "none", scored(nullptr));
  memory().set("a", "missing", MemoryValue::map({}));
  MemoryQuery query = query_of(below("a"));
  query.top = TopBy{"s", Direction::ascending};
  EXPECT_EQ(keys_of(memory().query(query).entries),
            (Keys{"two", "also two", "two and a half", "high", "text"}));
  query.top->direction = Direction::descending;
  EXPECT_EQ(keys_of(memory().query(query).entries),
            (Keys{"high", "two and a half", "two", "also two", "text"}));
  query.limit = 3;
  const Page page = memory().query(query);
  EXPECT_TRUE(page.cursor.empty());
  EXPECT_EQ(keys_of(page.entries), (Keys{"high", "two and a half", "two"}));
  query.filter = Filter::where("s", Filter::Operator::lt, 10);
  EXPECT_EQ(keys_of(memory().query(query).entries), (Keys{"two and a half", "two", "also two"}));
}

TEST_P(QueryConformance, CountsAreThoseOfTheQuery) {
  HOLDFAST_CLAUSE("7.6");
  for (int i = 0; i < 25; ++i) memory().set(i % 5 == 0 ? "a/b" : "a", std::to_string(i), i);
  EXPECT_EQ(memory().count(only("a")), 20U);
  EXPECT_EQ(memory().count(below("a")), 25U);
  EXPECT_EQ(memory().count(only("absent")), 0U);
  MemoryQuery query = query_of(below("a"), OrderBy::created, Direction::descending, 1);
  EXPECT_EQ(memory().count(query), 25U) << "limit has no part in a count";
  query.filter = Filter::where("", Filter::Operator::lt, 10);
  EXPECT_EQ(memory().count(query), 10U);
  query.key_prefix = "1";
  EXPECT_EQ(memory().count(query), 1U);
}

TEST_P(QueryConformance, ClearSaysHowManyWentAndTakesNoOthers) {
  HOLDFAST_CLAUSE("7.6");
  for (const char* ns : {"a", "a/b", "a/b/c", "ab", "b"}) {
    memory().set(ns, "1", 1);
    memory().set(ns, "2", 2);
  }
  EXPECT_EQ(memory().clear(only("a")), 2U);
  EXPECT_EQ(memory().clear(only("a")), 0U);
  EXPECT_EQ(memory().count(below("a")), 4U);
  EXPECT_EQ(memory().clear(below("a/b")), 4U);
  EXPECT_EQ(listed(memory()), (Keys{"ab", "b"}));
  EXPECT_EQ(memory().clear(below({})), 4U);
  EXPECT_EQ(memory().stats().entries, 0U);
  EXPECT_EQ(memory().set("a", "1", 1).status, WriteStatus::created);
}

TEST_P(QueryConformance, ClearingIsAWriteLikeAnyOther) {
  HOLDFAST_CLAUSE("3.1, 7.6");
  const Revision before = memory().set("a", "k", 1).revision;
  memory().clear(only("a"));
  const WriteResult after = memory().set("a", "k", 1);
  EXPECT_GT(after.revision, before);
  EXPECT_EQ(memory().get_entry("a", "k")->created_revision, after.revision);
}

}  // namespace holdfast::conformance
