// Clauses 3.4 and 3.6: the removals of a restore in the change log.
#include "expectations.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(restore_log)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RestoreLogConformance);

namespace {

// "key" of what is written and "-key" of what is removed, by revision.
std::vector<std::string> read(const std::vector<Change>& changes) {
  std::vector<std::string> texts;
  for (const Change& change : changes) {
    texts.push_back((change.record ? "" : "-") + change.address.key);
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_P(RestoreLogConformance, ARemovalStandsAtItsRank) {
  HOLDFAST_CLAUSE("3.4, 3.6");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "lives", 1);
  store.set("a", "expired", 1, with_ttl(10ms));
  const Revision before = store.set("a", "stays", 1).revision;
  advance(10ms);
  RestoreSteps steps;
  steps.put("a", "new", old_record(1, clock().now())).at_ranks(0, 4);
  steps.erase("a", "lives").at_ranks(5, 5);
  steps.erase("a", "expired").at_ranks(2, 2);
  steps.erase("a", "none").at_ranks(3, 3);
  steps.erase("a", "stays", Precondition::if_absent()).at_ranks(1, 1);
  steps.with_ranks(6).restore_to(store);
  const std::vector<Change> changes = all_changes(store, before);
  EXPECT_EQ(read(changes), (Texts{"-expired", "new", "-lives"}));
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[1].revision, changes[0].revision + 2);
  EXPECT_EQ(changes[2].revision, changes[0].revision + 3);
}

TEST_P(RestoreLogConformance, AKeptRemovalStandsAtItsRevisionOrIsNotLogged) {
  HOLDFAST_CLAUSE("3.4, 3.6");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  const Timestamp then = clock().now();
  RestoreSteps entries(RestoreRevisions::keep);
  entries.put("a", "1", old_record(1, then, 10, 10)).put("a", "2", old_record(1, then, 11, 11));
  entries.put("a", "3", old_record(1, then, 12, 12)).restore_to(store);
  RestoreSteps removals(RestoreRevisions::keep);
  removals.erase("a", "1", {}, 20).erase("a", "2").erase("a", "none", {}, 21).restore_to(store);
  const std::vector<Change> changes = all_changes(store);
  EXPECT_EQ(read(changes), (Texts{"3", "-1"}));
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.back().revision, 20);
}

TEST_P(RestoreLogConformance, ARestoredEntryTakesThePlaceOfItsRemoval) {
  HOLDFAST_CLAUSE("3.4, 3.6");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  store.set("a", "k", 1);
  store.erase("a", "k");
  RestoreSteps().put("a", "k", old_record(2, clock().now())).restore_to(store);
  EXPECT_EQ(read(all_changes(store)), Texts{"k"});
  RestoreSteps().erase("a", "k").restore_to(store);
  EXPECT_EQ(read(all_changes(store)), Texts{"-k"});
}

}  // namespace holdfast::conformance
