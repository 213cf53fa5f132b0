// Revisions, changes, restoring, and doubt.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "support.hpp"

namespace holdfast {
namespace {

Entry entry_of(const char* ns, const char* key, Revision created, Revision revision) {
  Entry entry;
  entry.ns = ns;
  entry.key = key;
  entry.value = key;
  entry.created_revision = created;
  entry.revision = revision;
  entry.created_at = Timestamp(std::chrono::milliseconds(1000 + created));
  entry.updated_at = Timestamp(std::chrono::milliseconds(1000 + revision));
  return entry;
}

TEST(InMemoryHistory, EveryAddressIsReportedOnceWithItsLastChange) {
  Memory memory = open_in_memory({.change_log = true});
  memory.set("a", "1", 1);
  memory.set("b", "2", 1);
  memory.erase("a", "1");
  memory.set("a", "1", 2);
  memory.set("a", "3", 2);
  memory.erase("b", "2");
  std::map<std::string, bool> seen;
  Revision after = 0;
  bool more = true;
  while (more) {
    const ChangePage page = memory.changes(after, 1);
    for (const Change& change : page.changes) {
      EXPECT_GT(change.revision, after);
      EXPECT_TRUE(seen.emplace(change.address.key, change.record.has_value()).second);
    }
    after = page.next_after;
    more = page.more;
  }
  EXPECT_EQ(seen, (std::map<std::string, bool>{{"1", true}, {"2", false}, {"3", true}}));
  EXPECT_EQ(after, memory.stable_revision());
}

TEST(InMemoryHistory, WithoutAChangeLogRemovalsLeaveNothing) {
  Memory memory = open_in_memory();
  memory.set("a", "1", 1);
  memory.erase("a", "1");
  memory.set("a", "2", 1);
  EXPECT_EQ(memory.changes(0).changes.size(), 1U);
}

TEST(InMemoryHistory, FollowersSeeEveryChangeWhileOthersWrite) {
  Memory memory = open_in_memory({.change_log = true});
  std::atomic<int> writing{4};
  std::map<std::string, MemoryValue> mirror;
  run_threads(5, [&](int thread) {
    if (thread < 4) {
      for (int i = 0; i < 1500; ++i) {
        const Namespace ns = Namespace("n") / std::to_string(i % 37);
        const std::string key = std::to_string(thread);
        if (i % 5 == 4) {
          memory.erase(ns, key);
        } else {
          memory.set(ns, key, i);
        }
      }
      --writing;
      return;
    }
    Revision after = 0;
    for (bool last = false; !last;) {
      last = writing == 0;
      for (bool more = true; more;) {
        const ChangePage page = memory.changes(after, 50);
        for (const Change& change : page.changes) {
          const std::string place = std::string(change.address.ns.text()) + change.address.key;
          if (change.record) {
            mirror[place] = change.record->value;
          } else {
            mirror.erase(place);
          }
        }
        after = page.next_after;
        more = page.more;
      }
    }
  });
  std::map<std::string, MemoryValue> truth;
  for (const Entry& entry : memory.query({.scope = everything(), .limit = 10'000}).entries) {
    truth[std::string(entry.ns.text()) + entry.key] = entry.value;
  }
  EXPECT_EQ(mirror, truth);
}

TEST(InMemoryHistory, RevisionsOfABatchAreConsecutiveAndEachItsOwn) {
  Memory memory = open_in_memory();
  WriteBatch batch;
  batch.set("a", "1", 1).set("b", "1", 1).increment("a", "n", 2).set("a", "1", 2).erase("b", "1");
  const BatchResult result = memory.write(batch);
  for (std::size_t i = 0; i < result.results.size(); ++i) {
    EXPECT_EQ(result.results[i].revision, static_cast<Revision>(i + 1));
  }
  EXPECT_EQ(memory.get_entry("a", "1")->created_revision, 1);
  EXPECT_EQ(memory.get_entry("a", "1")->revision, 4);
  EXPECT_EQ(memory.count(everything()), 2U);
}

TEST(InMemoryHistory, AbortedBatchChangesNothingAndGivesNoRevision) {
  Memory memory = open_in_memory();
  memory.set("a", "1", 1);
  WriteBatch batch;
  batch.set("new", "1", 1).erase("a", "1").check("a", "1", Precondition::if_present());
  const BatchResult result = memory.write(batch);
  EXPECT_FALSE(result.applied);
  EXPECT_EQ(result.failed, 2U);
  EXPECT_EQ(memory.stats().last_revision, 1);
  EXPECT_EQ(memory.stats().details["namespaces_held"], MemoryValue(1));
  EXPECT_EQ(memory.get("a", "1"), MemoryValue(1));
}

TEST(InMemoryHistory, RestoreKeepsTimesAndRevisionsAndTheCounterFollows) {
  Memory memory = open_in_memory();
  const std::vector<Entry> entries{entry_of("a", "x", 5, 90), entry_of("b", "y", 7, 7)};
  memory.restore(entries, RestoreRevisions::keep);
  EXPECT_EQ(memory.get_entry("a", "x"), entries[0]);
  EXPECT_EQ(memory.get_entry("b", "y"), entries[1]);
  EXPECT_EQ(memory.set("a", "z", 1).revision, 91);
  EXPECT_EQ(code_of([&] { memory.restore(entries, RestoreRevisions::keep); }),
            ErrorCode::failed_precondition);
  memory.restore(entries, RestoreRevisions::assign);
  EXPECT_EQ(memory.get_entry("a", "x")->revision, 92);
  EXPECT_EQ(memory.get_entry("b", "y")->created_revision, 93);
  EXPECT_EQ(memory.get_entry("a", "x")->updated_at, entries[0].updated_at);
}

TEST(InMemoryHistory, RestoreOutOfOrderKeepsTheOrders) {
  Memory memory = open_in_memory();
  memory.restore(std::vector<Entry>{entry_of("a", "late", 50, 60)}, RestoreRevisions::keep);
  memory.restore(std::vector<Entry>{entry_of("a", "early", 10, 70), entry_of("a", "mid", 20, 20)},
                 RestoreRevisions::keep);
  EXPECT_EQ(keys_of(memory, {.scope = {"a", false}, .order = OrderBy::created}),
            (std::vector<std::string>{"a:early", "a:mid", "a:late"}));
  EXPECT_EQ(keys_of(memory, {.scope = {"a", false}, .order = OrderBy::updated}),
            (std::vector<std::string>{"a:mid", "a:late", "a:early"}));
}

TEST(InMemoryHistory, RestoreRefusesRevisionsThatCannotBe) {
  Memory memory = open_in_memory({.max_entries = 1});
  for (const auto& [created, revision] : {std::pair{0, 1}, {5, 4}, {-1, 1}}) {
    EXPECT_EQ(code_of([&, created = created, revision = revision] {
                memory.restore(std::vector<Entry>{entry_of("a", "x", created, revision)},
                               RestoreRevisions::keep);
              }),
              ErrorCode::invalid_argument);
  }
  const std::vector<Entry> twins{entry_of("a", "x", 1, 2), entry_of("a", "y", 2, 3)};
  EXPECT_EQ(code_of([&] { memory.restore(twins, RestoreRevisions::keep); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { memory.restore(twins, RestoreRevisions::assign); }),
            ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.count(everything()), 0U);
}

TEST(InMemoryHistory, ForeignTokenIsRefused) {
  Memory memory = open_in_memory();
  EXPECT_EQ(code_of([&] { (void)memory.resolve({"sqlite-17"}); }), ErrorCode::invalid_argument);
}

TEST(InMemoryHistory, ValuesOutliveTheirEntryAndTheStore) {
  std::optional<MemoryValue> value;
  {
    Memory memory = open_in_memory();
    memory.set("a", "1", std::string(1000, 'x'));
    value = memory.get("a", "1");
    memory.clear(everything());
    memory.close();
  }
  EXPECT_EQ(value->get<std::string>(), std::string(1000, 'x'));
}

}  // namespace
}  // namespace holdfast
