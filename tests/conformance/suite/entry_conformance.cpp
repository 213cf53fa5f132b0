// Clauses 3.1 to 3.3: entries and revisions.
#include <set>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(entry)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(EntryConformance);

TEST_P(EntryConformance, EveryWriteGetsAGreaterRevision) {
  HOLDFAST_CLAUSE("3.1");
  Revision last = 0;
  const auto expect_greater = [&last](Revision revision) {
    EXPECT_GT(revision, last);
    last = revision;
  };
  expect_greater(memory().set("a", "k", 1).revision);
  expect_greater(memory().set("b", "other", 1).revision);
  expect_greater(memory().set("a", "k", 1).revision);  // The same value again.
  memory().increment("a", "k", 5);
  expect_greater(memory().get_entry("a", "k")->revision);
  memory().touch("a", "k", Ttl(1h));
  expect_greater(memory().get_entry("a", "k")->revision);
  expect_greater(memory().erase("a", "k").revision);
  expect_greater(memory().set("a", "k", 2).revision);
  EXPECT_GE(memory().stats().last_revision, last);
}

TEST_P(EntryConformance, RevisionsAreUniqueInTheStore) {
  HOLDFAST_CLAUSE("3.1");
  std::set<Revision> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string ns = i % 2 == 0 ? "even" : "odd/below";
    EXPECT_TRUE(seen.insert(memory().set(ns, std::to_string(i % 10), i).revision).second);
    if (i % 7 == 0) {
      const WriteResult erased = memory().erase(ns, std::to_string(i % 10));
      EXPECT_TRUE(seen.insert(erased.revision).second);
    }
  }
}

TEST_P(EntryConformance, AnEntryCarriesTheRevisionThatItsWriteReturned) {
  HOLDFAST_CLAUSE("3.1");
  const Revision created = memory().set("a", "k", "v").revision;
  std::optional<Entry> entry = memory().get_entry("a", "k");
  EXPECT_EQ(entry->created_revision, created);
  EXPECT_EQ(entry->revision, created);
  const Revision updated = memory().set("a", "k", "w").revision;
  entry = memory().get_entry("a", "k");
  EXPECT_EQ(entry->created_revision, created);
  EXPECT_EQ(entry->revision, updated);
}

TEST_P(EntryConformance, AnEntryCarriesItsAddressTimesAndSize) {
  HOLDFAST_CLAUSE("3.1");
  const Timestamp start = clock().now();
  memory().set("users/42", "name", "Ann", with_ttl(10s));
  advance(1s);
  memory().set("users/42", "name", "Anne", {.keep_ttl = true});
  const Entry entry = *memory().get_entry("users/42", "name");
  EXPECT_EQ(entry.ns, Namespace("users/42"));
  EXPECT_EQ(entry.key, "name");
  EXPECT_EQ(entry.value, MemoryValue("Anne"));
  EXPECT_EQ(entry.created_at, start);
  EXPECT_EQ(entry.updated_at, start + 1s);
  EXPECT_EQ(entry.expires_at, start + 10s);
  EXPECT_EQ(entry.size_bytes(), std::string_view("users/42name\"Anne\"").size());
}

TEST_P(EntryConformance, EveryNewRevisionMovesUpdatedAt) {
  HOLDFAST_CLAUSE("3.1");
  const auto updated_at = [&] { return memory().get_entry("a", "k")->updated_at; };
  memory().set("a", "k", 1);
  EXPECT_EQ(updated_at(), clock().now());
  advance(1ms);
  memory().increment("a", "k");
  EXPECT_EQ(updated_at(), clock().now());
  advance(1ms);
  memory().touch("a", "k", std::nullopt);
  EXPECT_EQ(updated_at(), clock().now());
  const Timestamp before = clock().now();
  advance(1ms);
  EXPECT_TRUE(memory().get("a", "k").has_value());
  EXPECT_EQ(updated_at(), before) << "a read moved it";
}

TEST_P(EntryConformance, WhatChangesNothingLeavesTheEntryAsItWas) {
  HOLDFAST_CLAUSE("3.1");
  memory().set("a", "k", "text", with_ttl(1h));
  const std::vector<Entry> before = everything(memory());
  advance(1s);
  EXPECT_EQ(memory().set("a", "k", 2, on(Precondition::if_absent())).status, WriteStatus::unmet);
  EXPECT_EQ(memory().erase("a", "k", erase_on(Precondition::if_revision(999))).status,
            WriteStatus::unmet);
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return memory().increment("a", "k"); }));
  EXPECT_FALSE(memory().touch("a", "absent", Ttl(1s)));
  EXPECT_EQ(memory().erase("a", "absent").status, WriteStatus::absent);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(EntryConformance, EntriesOfOneMillisecondKeepTheirOrder) {
  HOLDFAST_CLAUSE("3.2");
  std::vector<std::string> inserted;
  for (int i = 0; i < 200; ++i) {  // Keys whose own order is another one.
    inserted.push_back(std::to_string((i * 7919) % 1000) + "_" + std::to_string(i));
    memory().set("a", inserted.back(), i);
  }
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a"), OrderBy::created))), inserted);
  std::ranges::reverse(inserted);
  EXPECT_EQ(
      keys_of(all_pages(memory(), query_of(only("a"), OrderBy::created, Direction::descending, 9))),
      inserted);
}

TEST_P(EntryConformance, AClockThatStepsBackDoesNotReorderEntries) {
  HOLDFAST_CLAUSE("3.2");
  memory().set("a", "first", 1);
  clock().set(clock().now() - 1h);
  memory().set("a", "second", 2);
  memory().set("a", "third", 3);
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a"), OrderBy::created))),
            (std::vector<std::string>{"first", "second", "third"}));
  EXPECT_GE(memory().get_entry("a", "second")->created_at,
            memory().get_entry("a", "first")->created_at);
}

TEST_P(EntryConformance, CreationSurvivesEveryKindOfOverwrite) {
  HOLDFAST_CLAUSE("3.3");
  const Timestamp start = clock().now();
  const Revision created = memory().set("a", "k", 1).revision;
  const auto expect_kept = [&](const char* how) {
    const Entry entry = *memory().get_entry("a", "k");
    EXPECT_EQ(entry.created_revision, created) << how;
    EXPECT_EQ(entry.created_at, start) << how;
    EXPECT_EQ(entry.updated_at, clock().now()) << how;
  };
  advance(5ms);
  memory().set("a", "k", 2, with_ttl(1h));
  expect_kept("set");
  advance(5ms);
  memory().increment("a", "k");
  expect_kept("increment");
  advance(5ms);
  memory().touch("a", "k", Ttl(1h));
  expect_kept("touch");
  advance(5ms);
  memory().write(std::move(WriteBatch().set("a", "k", 3)));
  expect_kept("write");
  advance(5ms);
  memory().update("a", "k", [](const Record*) { return MemoryValue(4); });
  expect_kept("update");
}

TEST_P(EntryConformance, WritingWhereAnErasedEntryLayIsACreation) {
  HOLDFAST_CLAUSE("3.3");
  memory().set("a", "k", 1);
  advance(1s);
  memory().erase("a", "k");
  const WriteResult again = memory().set("a", "k", 2);
  EXPECT_EQ(again.status, WriteStatus::created);
  const Entry entry = *memory().get_entry("a", "k");
  EXPECT_EQ(entry.created_revision, again.revision);
  EXPECT_EQ(entry.created_at, clock().now());
}

TEST_P(EntryConformance, WritingWhereAnExpiredEntryLiesIsACreation) {
  HOLDFAST_CLAUSE("3.3");
  memory().set("a", "set", 1, with_ttl(10ms));
  memory().set("a", "increment", 41, with_ttl(10ms));
  advance(10ms);
  const WriteResult set = memory().set("a", "set", 2, {.keep_ttl = true, .return_previous = true});
  EXPECT_EQ(set.status, WriteStatus::created);
  EXPECT_FALSE(set.previous.has_value());
  EXPECT_EQ(memory().increment("a", "increment"), 1);
  for (const Entry& entry : everything(memory())) {
    EXPECT_EQ(entry.created_revision, entry.revision) << entry.key;
    EXPECT_EQ(entry.created_at, clock().now()) << entry.key;
    EXPECT_FALSE(entry.expires_at.has_value()) << entry.key;
  }
  EXPECT_EQ(memory().count(below({})), 2U);
}

}  // namespace holdfast::conformance
