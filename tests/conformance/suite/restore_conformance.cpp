// Clause 3.5: writing whole entries back.
#include "expectations.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(restore)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RestoreConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RestoreRefusalConformance);

namespace {

Entry entry(const Namespace& ns, const std::string& key, const MemoryValue& value, Revision created,
            Revision revision, Timestamp created_at) {
  Entry entry;
  entry.ns = ns;
  entry.key = key;
  entry.value = value;
  entry.created_revision = created;
  entry.revision = revision;
  entry.created_at = created_at;
  entry.updated_at = created_at + 5ms;
  return entry;
}

}  // namespace

TEST_P(RestoreConformance, AStoreMovesToAnEmptyOneUnchanged) {
  HOLDFAST_CLAUSE("3.5");
  for (int i = 0; i < 30; ++i) {
    memory().set(i % 2 == 0 ? "a" : "a/b", std::to_string(i % 20), MemoryValue::map({{"i", i}}),
                 i % 4 == 0 ? with_ttl(1h) : SetOptions{});
    advance(1ms);
  }
  memory().erase("a", "0");
  const std::vector<Entry> entries = everything(memory());
  advance(1min);
  Memory copy = open(request());
  copy.restore(entries, RestoreRevisions::keep);
  EXPECT_EQ(everything(copy), entries);
  EXPECT_EQ(copy.stats().bytes, memory().stats().bytes);
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(all_pages(copy, query_of(below({}), order)),
              all_pages(memory(), query_of(below({}), order)));
  }
}

TEST_P(RestoreConformance, TheStoreGoesOnAfterTheGreatestRevision) {
  HOLDFAST_CLAUSE("3.5");
  const Timestamp then = clock().now() - 1h;
  const std::vector<Entry> entries{entry("a", "1", "x", 70, 900, then),
                                   entry("a", "2", "y", 80, 85, then)};
  memory().restore(entries, RestoreRevisions::keep);
  EXPECT_GE(memory().stats().last_revision, 900);
  EXPECT_GE(memory().stable_revision(), 900);
  EXPECT_GT(memory().set("a", "3", 1).revision, 900);
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a"), OrderBy::updated))),
            (std::vector<std::string>{"2", "1", "3"}));
}

TEST_P(RestoreConformance, RevisionsAreKeptInSeveralStepsAndOnlyUntilTheFirstOtherWrite) {
  HOLDFAST_CLAUSE("3.5");
  const Timestamp then = clock().now();
  const std::vector<Entry> first{entry("a", "1", 1, 10, 20, then)};
  const std::vector<Entry> second{entry("a", "2", 2, 5, 15, then)};
  memory().restore(first, RestoreRevisions::keep);
  memory().restore(second, RestoreRevisions::keep);
  EXPECT_EQ(memory().get_entry("a", "2")->revision, 15);
  memory().set("b", "k", 1);
  const std::vector<Entry> before = everything(memory());
  const std::vector<Entry> third{entry("a", "3", 3, 100, 100, then)};
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
    memory().restore(third, RestoreRevisions::keep);
    return 0;
  }));
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(RestoreConformance, WhatChangedNothingWasNoWrite) {
  HOLDFAST_CLAUSE("3.5");
  memory().set("a", "k", 1);
  const std::vector<Entry> entries = memory().query(MemoryQuery{.scope = below({})}).entries;
  Memory copy = open(request());
  SetOptions if_present;
  if_present.precondition = Precondition::if_present();
  EXPECT_EQ(copy.set("a", "k", 1, if_present).status, WriteStatus::unmet);
  EXPECT_EQ(copy.erase("a", "k").status, WriteStatus::absent);
  EXPECT_EQ(copy.clear(below({})), 0U);
  copy.write(WriteBatch().check("a", "k", Precondition::if_absent()));
  EXPECT_NO_THROW(copy.restore(entries, RestoreRevisions::keep));
  EXPECT_EQ(copy.get_entry("a", "k"), entries.front());
}

TEST_P(RestoreConformance, NewRevisionsFollowTheOrderGiven) {
  HOLDFAST_CLAUSE("3.5");
  const Revision before = memory().set("a", "there", "old").revision;
  const Timestamp then = clock().now() - 24h;
  std::vector<Entry> entries{entry("b", "z", 1, 900, 950, then), entry("a", "there", 2, 1, 2, then),
                             entry("b", "a", 3, 500, 500, then)};
  entries[2].expires_at = clock().now() + 1s;
  memory().restore(entries, RestoreRevisions::assign);
  Revision last = before;
  for (const Entry& given : entries) {
    const Entry restored = *memory().get_entry(given.ns, given.key);
    EXPECT_GT(restored.created_revision, last);
    EXPECT_GE(restored.revision, restored.created_revision);
    last = restored.revision;
    EXPECT_EQ(restored.value, given.value);
    EXPECT_EQ(restored.created_at, given.created_at);
    EXPECT_EQ(restored.updated_at, given.updated_at);
    EXPECT_EQ(restored.expires_at, given.expires_at);
  }
  EXPECT_GT(memory().set("c", "k", 1).revision, last);
  EXPECT_EQ(memory().count(below({})), 4U);
  advance(1s);
  EXPECT_FALSE(memory().exists("b", "a"));
}

TEST_P(RestoreConformance, EntriesThatHaveExpiredAreLeftOut) {
  HOLDFAST_CLAUSE("3.5");
  std::vector<Entry> entries{entry("a", "expired", 1, 1, 1, clock().now() - 1h),
                             entry("a", "stays", 1, 2, 2, clock().now() - 1h)};
  entries[0].expires_at = clock().now();
  memory().restore(entries, RestoreRevisions::keep);
  EXPECT_EQ(keys_of(everything(memory())), std::vector<std::string>{"stays"});
  EXPECT_EQ(memory().stats().entries, 1U);
}

TEST_P(RestoreConformance, AnExpiredEntryTakesNoLiveOnesPlace) {
  HOLDFAST_CLAUSE("3.5");
  memory().set("a", "k", "lives");
  const std::vector<Entry> before = everything(memory());
  std::vector<Entry> entries{entry("a", "k", "expired", 1, 1, clock().now() - 1h)};
  entries[0].expires_at = clock().now();
  memory().restore(entries, RestoreRevisions::assign);
  EXPECT_EQ(everything(memory()), before);
  EXPECT_EQ(memory().sweep(), 0U);
}

TEST_P(RestoreConformance, InvalidEntriesAreRefusedAndNothingIsWritten) {
  HOLDFAST_CLAUSE("3.5");
  const Entry good = entry("a", "good", 1, 1, 1, clock().now());
  std::vector<Entry> bad(5, good);
  bad[0].key = std::string(max_key_bytes + 1, 'x');
  bad[1].ns = "$holdfast/x";
  bad[2].revision = 0;
  bad[3].created_revision = 2;  // After its last write.
  bad[4].key = "\xff";
  for (const Entry& each : bad) {
    const std::vector<Entry> entries{good, each};
    EXPECT_TRUE(is_refused_as_invalid([&] {
      memory().restore(entries, RestoreRevisions::keep);
      return 0;
    })) << each.key;
  }
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(RestoreConformance, RestoredEntriesAreChanges) {
  HOLDFAST_CLAUSE("3.4, 3.5");
  const std::vector<Entry> entries{entry("a", "1", 1, 5, 6, clock().now())};
  memory().restore(entries, RestoreRevisions::keep);
  const std::vector<Change> changes = all_changes(memory());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().revision, 6);
  EXPECT_EQ(changes.front().record->value, MemoryValue(1));
}

TEST_P(RestoreRefusalConformance, IsRefusedWithUnsupported) {
  HOLDFAST_CLAUSE("3.5, 14");
  const std::vector<Entry> entries{entry("a", "k", 1, 1, 1, clock().now())};
  for (const RestoreRevisions revisions : {RestoreRevisions::assign, RestoreRevisions::keep}) {
    EXPECT_TRUE(throws(ErrorCode::unsupported, [&] {
      memory().restore(entries, revisions);
      return 0;
    }));
  }
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(RestoreRefusalConformance, StepsAndNotesAreRefusedWithUnsupported) {
  HOLDFAST_CLAUSE("3.6, 14");
  RestoreSteps steps;
  steps.put("a", "k", old_record(1, clock().now()));
  EXPECT_TRUE(throws(ErrorCode::unsupported, [&] { return steps.restore_to(memory()); }));
  RestoreSteps note;
  note.note("n", "text");
  EXPECT_TRUE(throws(ErrorCode::unsupported, [&] { return note.restore_to(memory()); }));
  EXPECT_TRUE(throws(ErrorCode::unsupported, [&] { return memory().note("n"); }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

}  // namespace holdfast::conformance
