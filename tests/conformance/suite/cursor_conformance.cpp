// Clause 7.2: pages and cursors.
#include <map>
#include <set>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(cursor)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(CursorConformance);

namespace {

constexpr OrderBy orders[] = {OrderBy::key, OrderBy::created, OrderBy::updated};
constexpr Direction directions[] = {Direction::ascending, Direction::descending};

void fill(Memory& memory, int entries) {
  for (int i = 0; i < entries; ++i) {
    const std::string ns = i % 3 == 0 ? "a" : i % 3 == 1 ? "a/b" : "a!b";
    memory.set(ns, "key_" + std::to_string((i * 37) % entries), i);
  }
}

}  // namespace

TEST_P(CursorConformance, PagesTogetherAreTheWholeInEveryOrder) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 60);
  for (const OrderBy order : orders) {
    for (const Direction direction : directions) {
      const std::vector<Entry> whole =
          memory().query(query_of(below({}), order, direction)).entries;
      ASSERT_EQ(whole.size(), 60U);
      for (const std::size_t limit : {1U, 7U, 20U, 59U, 60U}) {
        EXPECT_EQ(all_pages(memory(), query_of(below({}), order, direction, limit)), whole);
      }
    }
  }
}

TEST_P(CursorConformance, PagesThroughAFilterMissNothing) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 90);
  MemoryQuery query = query_of(below("a"), OrderBy::key, Direction::ascending, 4);
  query.filter = Filter::where("", Filter::Operator::gte, 30);
  query.key_pattern = "*5*";
  std::vector<Entry> expected;
  for (const Entry& entry : everything(memory())) {
    const bool in_scope = entry.ns == Namespace("a") || entry.ns == Namespace("a/b");
    if (in_scope && entry.value.get<std::int64_t>() >= 30 &&
        entry.key.find('5') != std::string::npos) {
      expected.push_back(entry);
    }
  }
  ASSERT_GT(expected.size(), 4U);
  EXPECT_EQ(all_pages(memory(), query), expected);
  EXPECT_EQ(memory().count(query), expected.size());
}

TEST_P(CursorConformance, ThePageSizeMayChangeOnTheWay) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 30);
  MemoryQuery query = query_of(below({}), OrderBy::created, Direction::descending, 3);
  std::vector<Entry> seen;
  do {
    const Page page = memory().query(query);
    seen.insert(seen.end(), page.entries.begin(), page.entries.end());
    query.cursor = page.cursor;
    ++query.limit;
  } while (!query.cursor.empty());
  EXPECT_EQ(seen,
            memory().query(query_of(below({}), OrderBy::created, Direction::descending)).entries);
}

TEST_P(CursorConformance, ACursorBelongsToItsQueryAlone) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 30);
  const MemoryQuery original = query_of(below("a"), OrderBy::key, Direction::ascending, 2);
  MemoryQuery query = original;
  query.cursor = memory().query(original).cursor;
  ASSERT_FALSE(query.cursor.empty());
  const auto refused_with = [&](const char* what, auto&& change) {
    MemoryQuery changed = query;
    change(changed);
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(changed); })) << what;
  };
  refused_with("namespace", [](MemoryQuery& q) { q.scope.ns = "a/b"; });
  refused_with("another user's namespace", [](MemoryQuery& q) { q.scope.ns = "b"; });
  refused_with("subtree", [](MemoryQuery& q) { q.scope.subtree = false; });
  refused_with("order", [](MemoryQuery& q) { q.order = OrderBy::created; });
  refused_with("direction", [](MemoryQuery& q) { q.direction = Direction::descending; });
  refused_with("prefix", [](MemoryQuery& q) { q.key_prefix = "k"; });
  refused_with("pattern", [](MemoryQuery& q) { q.key_pattern = "*1"; });
  refused_with("filter",
               [](MemoryQuery& q) { q.filter = Filter::where("", Filter::Operator::gt, 1); });
  refused_with("created", [](MemoryQuery& q) { q.created.from = Timestamp(); });
  refused_with("updated", [](MemoryQuery& q) { q.updated.until = Timestamp(1h); });
  EXPECT_FALSE(memory().query(query).entries.empty());
}

TEST_P(CursorConformance, WhatIsNoCursorIsRefused) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 30);
  MemoryQuery query = query_of(below({}), OrderBy::key, Direction::ascending, 2);
  const std::string good = memory().query(query).cursor;
  std::vector<std::string> bad{"x",
                               "0",
                               "null",
                               "{}",
                               "' OR 1=1 --",
                               std::string(5000, 'A'),
                               std::string("\0\0", 2),
                               "\xff\xfe",
                               good + "A",
                               good + " "};
  for (std::size_t length = 1; length < good.size(); ++length) {
    bad.push_back(good.substr(0, length));
  }
  for (const std::string& cursor : bad) {
    query.cursor = cursor;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(query); })) << cursor;
  }
}

TEST_P(CursorConformance, ADamagedCursorGrantsNothingBeyondItsQuery) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory(), 30);
  memory().set("secret", "k", "not yours");
  MemoryQuery query = query_of(only("a"), OrderBy::key, Direction::ascending, 2);
  const std::string good = memory().query(query).cursor;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char replacement : {'A', 'z', '0', '-'}) {
      query.cursor = good;
      query.cursor[at] = replacement;
      const auto error = error_of([&] {
        for (const Entry& entry : memory().query(query).entries) {
          EXPECT_EQ(entry.ns, Namespace("a"));
        }
        return 0;
      });
      if (error) {
        EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
      }
    }
  }
}

TEST_P(CursorConformance, AnEntryThatStaysIsSeenExactlyOnceWhileOthersAreWritten) {
  HOLDFAST_CLAUSE("7.2");
  for (const OrderBy order : orders) {
    for (const Direction direction : directions) {
      Memory store = open(request());
      for (int i = 0; i < 60; ++i) store.set("a", "key_" + std::to_string(100 + i), i);
      std::map<std::string, int> seen;
      MemoryQuery query = query_of(below("a"), order, direction, 7);
      int step = 0;
      do {
        const Page page = store.query(query);
        for (const Entry& entry : page.entries) ++seen[entry.key];
        query.cursor = page.cursor;
        // Odd entries stay; even ones are erased, and others appear at both ends and between.
        store.erase("a", "key_" + std::to_string(100 + (step * 8) % 60));
        store.set("a", "key_" + std::to_string(100 + step) + "_new", 0);
        store.set("a", "a_before" + std::to_string(step), 0);
        store.set("a/z", "after" + std::to_string(step++), 0);
        ASSERT_LT(step, 100) << "the pages never end";
      } while (!query.cursor.empty());
      for (int i = 1; i < 60; i += 2) {
        EXPECT_EQ(seen["key_" + std::to_string(100 + i)], 1) << i;
      }
      for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key;
    }
  }
}

TEST_P(CursorConformance, AnOverwriteDoesNotMoveAnEntryByKeyOrCreation) {
  HOLDFAST_CLAUSE("7.2");
  for (const OrderBy order : {OrderBy::key, OrderBy::created}) {
    Memory store = open(request());
    for (int i = 0; i < 30; ++i) store.set("a", std::to_string(100 + i), 0);
    std::vector<std::string> seen;
    MemoryQuery query = query_of(only("a"), order, Direction::ascending, 4);
    do {
      const Page page = store.query(query);
      for (const Entry& entry : page.entries) seen.push_back(entry.key);
      query.cursor = page.cursor;
      for (int i = 0; i < 30; ++i) store.set("a", std::to_string(100 + i), 1);
    } while (!query.cursor.empty());
    std::vector<std::string> expected;
    for (int i = 0; i < 30; ++i) expected.push_back(std::to_string(100 + i));
    EXPECT_EQ(seen, expected);
  }
}

TEST_P(CursorConformance, TheEntryThatAPageEndedWithMayGo) {
  HOLDFAST_CLAUSE("7.2");
  for (const OrderBy order : orders) {
    Memory store = open(request());
    for (int i = 0; i < 10; ++i) store.set("a", std::to_string(i), i);
    MemoryQuery query = query_of(only("a"), order, Direction::ascending, 3);
    const Page first = store.query(query);
    for (const Entry& entry : first.entries) store.erase(entry.ns, entry.key);
    query.cursor = first.cursor;
    EXPECT_EQ(keys_of(all_pages(store, query)),
              (std::vector<std::string>{"3", "4", "5", "6", "7", "8", "9"}));
  }
}

TEST_P(CursorConformance, EntriesThatExpireBetweenPagesAreNotOnTheNextOne) {
  HOLDFAST_CLAUSE("6.1, 7.2");
  for (int i = 0; i < 10; ++i) {
    memory().set("a", std::to_string(i), i, i % 2 == 0 ? with_ttl(10ms) : SetOptions{});
  }
  MemoryQuery query = query_of(only("a"), OrderBy::key, Direction::ascending, 3);
  const Page first = memory().query(query);
  EXPECT_EQ(keys_of(first.entries), (std::vector<std::string>{"0", "1", "2"}));
  advance(10ms);
  query.cursor = first.cursor;
  EXPECT_EQ(keys_of(all_pages(memory(), query)), (std::vector<std::string>{"3", "5", "7", "9"}));
}

TEST_P(CursorConformance, ALastPageThatIsJustFullHasNoCursor) {
  HOLDFAST_CLAUSE("7.2");
  for (int i = 0; i < 6; ++i) memory().set("a", std::to_string(i), i);
  MemoryQuery query = query_of(only("a"), OrderBy::created, Direction::ascending, 3);
  query.cursor = memory().query(query).cursor;
  ASSERT_FALSE(query.cursor.empty());
  const Page second = memory().query(query);
  EXPECT_EQ(second.entries.size(), 3U);
  EXPECT_TRUE(second.cursor.empty());
}

TEST_P(CursorConformance, AwkwardKeysAreGoodPlacesToGoOnFrom) {
  HOLDFAST_CLAUSE("7.2");
  std::vector<std::string> keys{"",
                                "\n",
                                " ",
                                "\"",
                                "%",
                                "'",
                                "*",
                                "\\",
                                "a",
                                "a::b",
                                "\xc3\xa9",
                                "\xef\xbf\xbf",
                                "\xf4\x8f\xbf\xbf"};
  for (const std::string& key : keys) memory().set(Namespace() / "n/s%\"", key, 1);
  EXPECT_EQ(
      keys_of(all_pages(memory(), query_of(below({}), OrderBy::key, Direction::ascending, 1))),
      keys);
  std::ranges::reverse(keys);
  EXPECT_EQ(
      keys_of(all_pages(memory(), query_of(below({}), OrderBy::key, Direction::descending, 1))),
      keys);
}

}  // namespace holdfast::conformance
