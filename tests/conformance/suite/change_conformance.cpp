// Clause 3.4: what was written after a revision.
#include <atomic>
#include <map>
#include <set>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(change)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ChangeConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ChangeLogConformance);

namespace {

using Replica = std::map<Address, Record>;

// What changes make of a copy.
void follow(Replica& replica, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.record) {
      replica[change.address] = *change.record;
    } else {
      replica.erase(change.address);
    }
  }
}

Replica replica_of(Memory& memory) {
  Replica replica;
  for (const Entry& entry : everything(memory)) replica[{entry.ns, entry.key}] = entry;
  return replica;
}

std::vector<std::string> removed(const std::vector<Change>& changes) {
  std::vector<std::string> places;
  for (const Change& change : changes) {
    if (change.record) continue;
    places.push_back(std::string(change.address.ns.text()) + ":" + change.address.key);
  }
  std::ranges::sort(places);
  return places;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_P(ChangeConformance, AnAcknowledgedWriteOfALoneWriterIsStable) {
  HOLDFAST_CLAUSE("3.4");
  EXPECT_GE(memory().stable_revision(), 0);
  for (int i = 0; i < 10; ++i) {
    const Revision revision = memory().set("a", std::to_string(i % 3), i).revision;
    EXPECT_GE(memory().stable_revision(), revision);
  }
}

TEST_P(ChangeConformance, EachAddressIsGivenOnceWithItsLastWrite) {
  HOLDFAST_CLAUSE("3.4");
  memory().set("a", "1", "old");
  memory().set("b", "2", "only");
  memory().set("a", "1", "new", with_ttl(1h));
  memory().increment("c", "3", 7);
  const std::vector<Change> changes = all_changes(memory());
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].address, (Address{"b", "2"}));
  EXPECT_EQ(changes[1].address, (Address{"a", "1"}));
  EXPECT_EQ(changes[2].address, (Address{"c", "3"}));
  for (const Change& change : changes) {
    const Entry entry = *memory().get_entry(change.address.ns, change.address.key);
    EXPECT_EQ(change.revision, entry.revision);
    EXPECT_EQ(change.record, static_cast<const Record&>(entry));
  }
}

TEST_P(ChangeConformance, GoesOnAfterARevision) {
  HOLDFAST_CLAUSE("3.4");
  std::vector<Revision> revisions;
  for (int i = 0; i < 10; ++i) {
    revisions.push_back(memory().set("a", std::to_string(i), i).revision);
  }
  const auto after = [&](Revision revision) { return all_changes(memory(), revision).size(); };
  EXPECT_EQ(after(0), 10U);
  EXPECT_EQ(after(revisions[0]), 9U);
  EXPECT_EQ(after(revisions[8]), 1U);
  EXPECT_EQ(after(revisions[9]), 0U);
  EXPECT_EQ(after(revisions[9] + 1'000'000), 0U);
  EXPECT_EQ(all_changes(memory(), revisions[4] - 1).front().revision, revisions[4]);
}

TEST_P(ChangeConformance, PagesTogetherAreTheWhole) {
  HOLDFAST_CLAUSE("3.4");
  for (int i = 0; i < 23; ++i) memory().set(i % 2 == 0 ? "a" : "b", std::to_string(i), i);
  const std::vector<Change> whole = all_changes(memory());
  ASSERT_EQ(whole.size(), 23U);
  for (const std::size_t limit : {1U, 2U, 22U, 23U, 24U}) {
    const std::vector<Change> pages = all_changes(memory(), 0, limit);
    ASSERT_EQ(pages.size(), whole.size()) << limit;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      EXPECT_EQ(pages[i].revision, whole[i].revision);
      EXPECT_EQ(pages[i].address, whole[i].address);
    }
  }
  const ChangePage nothing_left = memory().changes(whole.back().revision);
  EXPECT_TRUE(nothing_left.changes.empty());
  EXPECT_FALSE(nothing_left.more);
  EXPECT_GE(nothing_left.next_after, whole.back().revision);
}

TEST_P(ChangeConformance, RemovalsAreNotReportedWithoutTheChangeLog) {
  HOLDFAST_CLAUSE("3.4");
  if (GetParam().capabilities.change_log) return;  // Always on: see ChangeLogConformance.
  memory().set("a", "erased", 1);
  memory().set("a", "stays", 1);
  memory().erase("a", "erased");
  const std::vector<Change> changes = all_changes(memory());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().address.key, "stays");
}

TEST_P(ChangeConformance, ArgumentsOutsideTheirRangeAreRefused) {
  HOLDFAST_CLAUSE("3.4");
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().changes(-1); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().changes(0, 0); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().changes(0, 10'001); }));
}

TEST_P(ChangeConformance, NothingAtOrBelowTheStableRevisionAppearsLaterConcurrent) {
  HOLDFAST_CLAUSE("3.4, 12.1");
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  std::atomic<int> writers{4};
  Replica replica;
  in_threads(5, [&](int thread) {
    if (thread > 0) {
      for (int i = 0; i < steps; ++i) {
        const Namespace ns = Namespace("n") / std::to_string(thread);
        memory().set(ns, std::to_string(i), i);
        if (i % 4 == 0) memory().set("shared", std::to_string(i % 3), thread * steps + i);
      }
      --writers;
      return;
    }
    Revision after = 0;
    for (bool last = false; !last;) {  // One more round after the writers have ended.
      last = writers == 0;
      const Revision stable = memory().stable_revision();
      ChangePage page = memory().changes(after, 50);
      for (const Change& change : page.changes) EXPECT_GT(change.revision, after);
      follow(replica, page.changes);
      EXPECT_GE(memory().stable_revision(), stable);
      after = page.next_after;
      last = last && !page.more;
    }
  });
  EXPECT_EQ(replica, replica_of(memory())) << "following the changes missed one";
}

TEST_P(ChangeLogConformance, EveryWayOfRemovingLeavesItsChange) {
  HOLDFAST_CLAUSE("3.4, 14");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  EXPECT_TRUE(store.capabilities().change_log);
  for (const char* key : {"erased", "taken", "cleared", "batched", "updated", "transacted"}) {
    store.set(key[0] == 'c' ? "c" : "a", key, 1);
  }
  store.set("a", "expired", 1, with_ttl(10ms));
  store.set("a", "stays", 1);
  const Revision before = store.stable_revision();
  store.erase("a", "erased");
  static_cast<void>(store.take("a", "taken"));
  store.clear(only("c"));
  store.write(std::move(WriteBatch().erase("a", "batched").set("a", "new", 1)));
  store.update("a", "updated", [](const Record*) { return std::optional<MemoryValue>(); });
  store.transaction([](Transaction& transaction) { transaction.erase("a", "transacted"); });
  advance(10ms);
  store.sweep();
  const std::vector<Change> changes = all_changes(store, before);
  EXPECT_EQ(removed(changes), (Texts{"a:batched", "a:erased", "a:expired", "a:taken",
                                     "a:transacted", "a:updated", "c:cleared"}));
  EXPECT_EQ(changes.size(), 8U);
  Revision last = before;
  for (const Change& change : changes) {
    EXPECT_GT(change.revision, last) << "each removal has a revision of its own";
    last = change.revision;
  }
}

TEST_P(ChangeLogConformance, WhatHasExpiredIsARemovalBeforeItIsReclaimed) {
  HOLDFAST_CLAUSE("3.4, 6.3");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "k", 1);
  const Revision before = store.stable_revision();
  store.set("a", "k", 2, with_ttl(10ms));
  advance(10ms);
  // Who has the first value, and never saw the second, learns that it is gone.
  const std::vector<Change> changes = all_changes(store, before);
  EXPECT_EQ(removed(changes), Texts{"a:k"});
  EXPECT_EQ(changes.size(), 1U);
}

TEST_P(ChangeLogConformance, WhatABatchMadeAndErasedLeavesARemoval) {
  HOLDFAST_CLAUSE("3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "gone", 1);
  store.erase("a", "gone");
  const Revision before = store.stable_revision();
  const BatchResult result = store.write(
      WriteBatch().set("a", "never", 1).erase("a", "never").set("a", "gone", 1).erase("a", "gone"));
  const std::vector<Change> changes = all_changes(store, before);
  EXPECT_EQ(removed(changes), (Texts{"a:gone", "a:never"}));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].revision, result.results[1].revision);
  EXPECT_EQ(changes[1].revision, result.results[3].revision);
}

TEST_P(ChangeLogConformance, ARemovalCarriesTheRevisionThatItsWriteReturned) {
  HOLDFAST_CLAUSE("3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "k", 1);
  const Revision erased = store.erase("a", "k").revision;
  const std::vector<Change> changes = all_changes(store);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().revision, erased);
  EXPECT_EQ(changes.front().record, std::nullopt);
  EXPECT_EQ(changes.front().address, (Address{"a", "k"}));
}

TEST_P(ChangeLogConformance, WritingAgainTakesThePlaceOfTheRemoval) {
  HOLDFAST_CLAUSE("3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "k", 1);
  store.erase("a", "k");
  store.set("a", "k", 2);
  const std::vector<Change> changes = all_changes(store);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().record->value, MemoryValue(2));
}

TEST_P(ChangeLogConformance, ManyRemovalsArePagedLikeWrites) {
  HOLDFAST_CLAUSE("3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  for (int i = 0; i < 30; ++i) store.set(i % 2 == 0 ? "a" : "a/b", std::to_string(i), i);
  store.clear(below("a"));
  for (const std::size_t limit : {1U, 7U, 30U, 100U}) {
    EXPECT_EQ(removed(all_changes(store, 0, limit)).size(), 30U) << limit;
  }
}

TEST_P(ChangeLogConformance, FollowingEveryChangeKeepsACopyEqual) {
  HOLDFAST_CLAUSE("3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  Replica replica;
  Revision after = 0;
  for (int i = 0; i < 300; ++i) {
    const Namespace ns = i % 2 == 0 ? "a" : "a/b";
    const std::string key = std::to_string((i * 7) % 20);
    if (i % 5 == 4) {
      store.erase(ns, key);
    } else {
      store.set(ns, key, i, i % 3 == 0 ? with_ttl(20ms) : SetOptions{});
    }
    if (i % 50 == 49) store.clear(only("a/b"));
    if (i % 7 == 0) advance(5ms);
    if (i % 10 != 0) continue;
    store.sweep();
    const std::vector<Change> changes = all_changes(store, after, 3);
    follow(replica, changes);
    if (!changes.empty()) after = changes.back().revision;
    ASSERT_EQ(replica, replica_of(store)) << "after step " << i;
  }
}

TEST_P(ChangeLogConformance, ABatchThatFailsLeavesNoChange) {
  HOLDFAST_CLAUSE("3.4, 5.2");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "k", 1);
  const Revision before = store.stable_revision();
  WriteBatch batch;
  batch.erase("a", "k").check("a", "absent", Precondition::if_present());
  EXPECT_FALSE(store.write(batch).applied);
  EXPECT_TRUE(all_changes(store, before).empty());
}

}  // namespace holdfast::conformance
