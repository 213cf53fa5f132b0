// Clause 3.7: erasing somebody for good.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(subject_erasure)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SubjectErasureConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SubjectErasureLogConformance);

namespace {

using Texts = std::vector<std::string>;

// Three live entries and an expired one of users/42, and some of others.
void fill(Memory& memory) {
  memory.set("users/42", "1", "small");
  memory.set("users/42", "2", std::string(5000, 'x'));
  memory.set("users/42", "2", std::string(5000, 'y'));
  memory.set("users/42/chat", "3", 1);
  memory.set("users/42/chat", "expired", 1, with_ttl(10ms));
  memory.set("users/42/notes", "expired", 1, with_ttl(10ms));
  memory.set("users/421", "stays", 1);
  memory.set("users", "stays", 1);
  memory.set("other/users/42", "stays", 1);
}

}  // namespace

TEST_P(SubjectErasureConformance, EverythingOfTheSubtreeGoesAndNothingElse) {
  HOLDFAST_CLAUSE("3.7");
  fill(memory());
  advance(10ms);
  const SubjectErasure erasure = memory().erase_subject("users/42");
  EXPECT_EQ(erasure.entries, 3U) << "those that were live";
  EXPECT_EQ(places_of(everything(memory())),
            (Texts{"other/users/42:stays", "users:stays", "users/421:stays"}));
  EXPECT_EQ(listed(memory()), (Texts{"other/users/42", "users", "users/421"}));
  EXPECT_EQ(memory().stats().entries, 3U);
  EXPECT_EQ(memory().stats().namespaces, 3U);
  EXPECT_EQ(memory().count(below("users/42")), 0U);
  EXPECT_EQ(memory().sweep(), 0U) << "what had expired is gone, too";
  EXPECT_EQ(all_changes(memory()).size(), 3U);
}

TEST_P(SubjectErasureConformance, SaysWhereTracesWereErasedAndWhereSomeMayRemain) {
  HOLDFAST_CLAUSE("3.7");
  fill(memory());
  const SubjectErasure erasure = memory().erase_subject("users/42");
  EXPECT_FALSE(erasure.erased.empty());
  EXPECT_FALSE(erasure.may_remain.empty()) << "backups at the least";
  for (const std::string& place : erasure.erased) EXPECT_FALSE(place.empty());
  for (const std::string& place : erasure.may_remain) EXPECT_FALSE(place.empty());
}

TEST_P(SubjectErasureConformance, NobodyIsErasedTwice) {
  HOLDFAST_CLAUSE("3.7");
  fill(memory());
  memory().erase_subject("users/42");
  const std::vector<Entry> before = everything(memory());
  EXPECT_EQ(memory().erase_subject("users/42").entries, 0U);
  EXPECT_EQ(memory().erase_subject("nobody").entries, 0U);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(SubjectErasureConformance, TheStoreGoesOnAsAfterAnyWrite) {
  HOLDFAST_CLAUSE("3.7, 3.1");
  const Revision before = memory().set("users/42", "k", 1).revision;
  memory().erase_subject("users/42");
  EXPECT_GT(memory().stable_revision(), before);
  const WriteResult after = memory().set("users/42", "k", 2);
  EXPECT_EQ(after.status, WriteStatus::created);
  EXPECT_GT(after.revision, before);
  EXPECT_EQ(memory().get_entry("users/42", "k")->created_revision, after.revision);
}

TEST_P(SubjectErasureConformance, NeitherEverybodyNorTheLibraryIsASubject) {
  HOLDFAST_CLAUSE("3.7, 1.2");
  fill(memory());
  const std::vector<Entry> before = everything(memory());
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().erase_subject({}); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().erase_subject("$holdfast/x"); }));
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(SubjectErasureLogConformance, TheChangeLogForgetsTheSubjectAndNobodyElse) {
  HOLDFAST_CLAUSE("3.7, 3.4");
  StoreRequest logged = request();
  logged.change_log = true;
  Memory store = open(logged);
  fill(store);
  for (const char* ns : {"users/42", "users/42/gone", "users/421", "users"}) {
    store.set(ns, "erased before", 1);
    store.erase(ns, "erased before");
  }
  advance(10ms);
  store.erase_subject("users/42");
  Texts removed;
  for (const Change& change : all_changes(store)) {
    EXPECT_FALSE(subtree_contains("users/42", change.address.ns.text())) << change.address.key;
    if (!change.record) removed.emplace_back(change.address.ns.text());
  }
  std::ranges::sort(removed);
  EXPECT_EQ(removed, (Texts{"users", "users/421"}));
  store.set("users/42", "k", 1);
  store.erase("users/42", "k");
  EXPECT_EQ(all_changes(store).back().address, (Address{"users/42", "k"}))
      << "what comes afterwards is logged again";
}

}  // namespace holdfast::conformance
