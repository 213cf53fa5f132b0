// Clauses 7.2 and 7.8: beginning after a revision, and going through everything that matches.
#include <atomic>
#include <stdexcept>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(scan)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(AfterRevisionConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ScanConformance);

namespace {

using Texts = std::vector<std::string>;

std::vector<Entry> scanned(Memory& memory, const MemoryQuery& query) {
  std::vector<Entry> entries;
  memory.scan(query, [&](const ScanRow& row) {
    Entry& entry = entries.emplace_back();
    static_cast<Record&>(entry) = row.record;
    entry.ns = Namespace::from_canonical(SharedText::copy_of(row.address.ns));
    entry.key = row.address.key;
    entry.value = row.take_value();
    return true;
  });
  return entries;
}

std::vector<MemoryQuery> in_every_order(const MemoryQuery& query) {
  std::vector<MemoryQuery> queries;
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      queries.push_back(query);
      queries.back().order = order;
      queries.back().direction = direction;
    }
  }
  return queries;
}

// Entries whose orders of creation and of the last write differ.
void fill(Memory& memory) {
  for (int i = 0; i < 40; ++i) {
    memory.set(i % 3 == 0 ? "a/b" : "a", "k" + std::to_string(i), MemoryValue::map({{"n", i}}));
  }
  for (int i = 0; i < 40; i += 4) {
    memory.touch(i % 3 == 0 ? "a/b" : "a", "k" + std::to_string(i), std::nullopt);
  }
  memory.set("b", "other", 1);
}

}  // namespace

TEST_P(AfterRevisionConformance, BeginsAfterARevisionInTheDirectionOfReading) {
  HOLDFAST_CLAUSE("7.2");
  std::vector<Revision> revisions;
  for (const char* key : {"1", "2", "3", "4"}) {
    revisions.push_back(memory().set("a", key, 1).revision);
  }
  memory().set("b", "2", 1);
  const Revision rewritten = memory().set("a", "1", 2).revision;
  const auto keys = [&](OrderBy order, Direction direction, Revision after) {
    MemoryQuery query = query_of(only("a"), order, direction, 1);
    query.after_revision = after;
    return keys_of(all_pages(memory(), query));
  };
  const auto up = Direction::ascending;
  const auto down = Direction::descending;
  EXPECT_EQ(keys(OrderBy::created, up, 0), (Texts{"1", "2", "3", "4"}));
  EXPECT_EQ(keys(OrderBy::created, up, revisions[1]), (Texts{"3", "4"}));
  EXPECT_EQ(keys(OrderBy::created, up, revisions[3]), Texts{});
  EXPECT_EQ(keys(OrderBy::created, down, revisions[2]), (Texts{"2", "1"}));
  EXPECT_EQ(keys(OrderBy::updated, up, revisions[1]), (Texts{"3", "4", "1"}));
  EXPECT_EQ(keys(OrderBy::updated, up, rewritten), Texts{});
  EXPECT_EQ(keys(OrderBy::updated, down, rewritten), (Texts{"4", "3", "2"}));
  EXPECT_EQ(keys(OrderBy::updated, down, 0), Texts{});
}

TEST_P(AfterRevisionConformance, TheFirstPageBeginsThereAndItsCursorGoesOn) {
  HOLDFAST_CLAUSE("7.2");
  fill(memory());
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    const std::vector<Entry> all = all_pages(memory(), query_of(below({}), order));
    MemoryQuery query = query_of(below({}), order, Direction::ascending, 7);
    query.after_revision =
        order == OrderBy::created ? all[9].created_revision : all[9].revision;
    EXPECT_EQ(all_pages(memory(), query), std::vector<Entry>(all.begin() + 10, all.end()));
    MemoryQuery other = query;
    other.cursor = memory().query(query).cursor;
    *other.after_revision += 1;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(other); }))
        << "the cursor is one of another query";
    EXPECT_EQ(memory().count(query), all.size()) << "a count takes no notice of it";
  }
}

TEST_P(AfterRevisionConformance, IsRefusedWhereThereIsNoOrderOfRevisions) {
  HOLDFAST_CLAUSE("7.2");
  MemoryQuery by_key = query_of(below({}));
  by_key.after_revision = 1;
  MemoryQuery top = query_of(below({}), OrderBy::created);
  top.after_revision = 1;
  top.top = TopBy{"s"};
  MemoryQuery negative = query_of(below({}), OrderBy::updated);
  negative.after_revision = -1;
  for (const MemoryQuery& query : {by_key, top, negative}) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(query); }));
  }
}

TEST_P(ScanConformance, GivesWhatAllPagesTogetherGive) {
  HOLDFAST_CLAUSE("7.8");
  fill(memory());
  MemoryQuery narrow = query_of(below("a"));
  narrow.key_prefix = "k1";
  narrow.filter = Filter::where("n", Filter::Operator::gte, 12);
  MemoryQuery keys = query_of(only("a"));
  keys.keys_only = true;
  for (const MemoryQuery& query : {query_of(below({})), narrow, keys}) {
    for (MemoryQuery each : in_every_order(query)) {
      const std::vector<Entry> expected = all_pages(memory(), each);
      ASSERT_GT(expected.size(), 3U);
      each.limit = 1;  // Has no part in it.
      EXPECT_EQ(scanned(memory(), each), expected);
      if (each.order == OrderBy::key) continue;
      each.after_revision =
          each.order == OrderBy::created ? expected[1].created_revision : expected[1].revision;
      EXPECT_EQ(scanned(memory(), each), std::vector<Entry>(expected.begin() + 2, expected.end()));
    }
  }
}

TEST_P(ScanConformance, LeavesOutWhatHasExpired) {
  HOLDFAST_CLAUSE("7.8, 6.1");
  memory().set("a", "expired", 1, with_ttl(10ms));
  memory().set("a", "lives", 1, with_ttl(11ms));
  advance(10ms);
  for (const MemoryQuery& query : in_every_order(query_of(below({})))) {
    EXPECT_EQ(keys_of(scanned(memory(), query)), Texts{"lives"});
  }
}

TEST_P(ScanConformance, EndsWhenItsSinkReturnsFalseOrThrows) {
  HOLDFAST_CLAUSE("7.8");
  fill(memory());
  for (const MemoryQuery& query : in_every_order(query_of(below("a")))) {
    const Texts expected = keys_of(all_pages(memory(), query));
    Texts seen;
    memory().scan(query, [&](const ScanRow& row) {
      seen.emplace_back(row.address.key);
      return seen.size() < 5;
    });
    EXPECT_EQ(seen, Texts(expected.begin(), expected.begin() + 5));
    EXPECT_THROW(
        memory().scan(query, [](const ScanRow&) -> bool { throw std::runtime_error("enough"); }),
        std::runtime_error);
    EXPECT_EQ(memory().set("a", "k1", 1).status, WriteStatus::updated) << "nothing stays locked";
  }
}

TEST_P(ScanConformance, TakesNeitherACursorNorTop) {
  HOLDFAST_CLAUSE("7.8");
  fill(memory());
  MemoryQuery with_cursor = query_of(below({}), OrderBy::key, Direction::ascending, 1);
  with_cursor.cursor = memory().query(with_cursor).cursor;
  ASSERT_FALSE(with_cursor.cursor.empty());
  MemoryQuery with_top = query_of(below({}));
  with_top.top = TopBy{"n"};
  for (const MemoryQuery& query : {with_cursor, with_top}) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return scanned(memory(), query); }));
  }
}

TEST_P(ConcurrencyAcrossNamespacesConformance, AScanReadsOneStateConcurrent) {
  HOLDFAST_CLAUSE("7.8, 12.1");
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 4;
  const auto write = [&](int number) {
    WriteBatch batch;
    for (const char* ns : {"a", "a/b", "c"}) batch.set(ns, "n", number);
    memory().write(batch);
  };
  write(0);
  std::atomic<bool> ended{false};
  in_threads(2, [&](int thread) {
    for (int i = 1; thread == 0 && i <= steps; ++i) write(i);
    if (thread == 0) ended = true;
    while (thread != 0 && !ended) {
      for (const OrderBy order : {OrderBy::key, OrderBy::updated}) {
        const std::vector<Entry> seen = scanned(memory(), query_of(below({}), order));
        ASSERT_EQ(seen.size(), 3U);
        EXPECT_EQ(seen[0].value, seen[1].value);
        EXPECT_EQ(seen[0].value, seen[2].value);
      }
    }
  });
}

}  // namespace holdfast::conformance
