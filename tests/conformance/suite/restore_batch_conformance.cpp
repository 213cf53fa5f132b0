// Clause 3.6: bringing a store to what another one holds, step by step and conditionally.
#include <array>
#include <atomic>
#include <functional>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(restore_batch)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RestoreBatchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RestoreLimitConformance);

namespace {

constexpr auto applied = RestoreStatus::applied;
constexpr auto unmet = RestoreStatus::unmet;
constexpr auto expired = RestoreStatus::expired;
constexpr auto keep = RestoreRevisions::keep;

}  // namespace

TEST_P(RestoreBatchConformance, EachPreconditionDecidesItsOwnStep) {
  HOLDFAST_CLAUSE("3.6");
  const Timestamp then = clock().now() - 1h;
  for (const char* key : {"1", "2", "3", "4", "5", "6"}) memory().set("a", key, "old");
  const auto revision_of = [&](const char* key) { return memory().get_entry("a", key)->revision; };
  const Record record = old_record("new", then);
  RestoreSteps steps;
  steps.put("a", "1", record)
      .put("a", "2", record, Precondition::if_absent())
      .put("a", "3", record, Precondition::if_present())
      .replace("a", "4", record, Precondition::if_revision(revision_of("4")))
      .replace("a", "5", record, Precondition::if_revision(revision_of("4")))
      .erase("a", "6", Precondition::if_revision(revision_of("6") + 1))
      .put("a", "none 1", record, Precondition::if_absent())
      .put("a", "none 2", record, Precondition::if_present())
      .erase("a", "none 3", Precondition::if_revision(0));
  EXPECT_EQ(steps.restore_to(memory()),
            (Statuses{applied, unmet, applied, applied, unmet, unmet, applied, unmet, unmet}));
  const std::vector<std::pair<std::string, std::string>> expected{
      {"1", "new"}, {"2", "old"}, {"3", "new"},     {"4", "new"},
      {"5", "old"}, {"6", "old"}, {"none 1", "new"}};
  for (const auto& [key, value] : expected) {
    EXPECT_EQ(memory().get("a", key), MemoryValue(value)) << key;
  }
  EXPECT_EQ(memory().count(below({})), expected.size());
}

TEST_P(RestoreBatchConformance, AnExpiredEntryIsAbsentForPreconditions) {
  HOLDFAST_CLAUSE("3.6, 6.1");
  const Revision revision = memory().set("a", "1", "old", with_ttl(10ms)).revision;
  memory().set("a", "2", "old", with_ttl(10ms));
  memory().set("a", "3", "old", with_ttl(10ms));
  advance(10ms);
  const Record record = old_record("new", clock().now());
  RestoreSteps steps;
  steps.replace("a", "1", record, Precondition::if_revision(revision))
      .put("a", "2", record, Precondition::if_present())
      .replace("a", "3", record, Precondition::if_absent());
  EXPECT_EQ(steps.restore_to(memory()), (Statuses{unmet, unmet, applied}));
  EXPECT_EQ(keys_of(everything(memory())), std::vector<std::string>{"3"});
}

TEST_P(RestoreBatchConformance, RanksOrderCreationAndLastWritesApart) {
  HOLDFAST_CLAUSE("3.6, 3.2");
  const Revision before = memory().set("z", "first", 1).revision;
  const Record record = old_record(1, clock().now() - 1h);
  RestoreSteps steps;
  steps.put("a", "x", record).at_ranks(0, 6);
  steps.put("b", "y", record).at_ranks(3, 3);
  steps.put("a", "z", record).at_ranks(1, 4);
  steps.with_ranks(10).restore_to(memory());
  const Entry x = *memory().get_entry("a", "x");
  const Entry y = *memory().get_entry("b", "y");
  const Entry z = *memory().get_entry("a", "z");
  EXPECT_GT(x.created_revision, before);
  EXPECT_EQ(x.revision, x.created_revision + 6);
  EXPECT_EQ(z.created_revision, x.created_revision + 1);
  EXPECT_EQ(y.created_revision, x.created_revision + 3);
  EXPECT_EQ(y.revision, y.created_revision);
  EXPECT_EQ(z.revision, x.created_revision + 4);
  EXPECT_GT(memory().set("z", "last", 1).revision, x.created_revision + 9)
      << "the batch is given all of its revisions";
  EXPECT_EQ(places_of(all_pages(memory(), query_of(below({}), OrderBy::created))),
            (std::vector<std::string>{"z:first", "a:x", "a:z", "b:y", "z:last"}));
  EXPECT_EQ(places_of(all_pages(memory(), query_of(below({}), OrderBy::updated))),
            (std::vector<std::string>{"z:first", "b:y", "a:z", "a:x", "z:last"}));
}

TEST_P(RestoreBatchConformance, ReplaceKeepsTheCreationOfALiveEntryAndPutDoesNot) {
  HOLDFAST_CLAUSE("3.6, 3.3");
  const Timestamp then = clock().now() - 24h;
  memory().set("a", "replaced", "old");
  memory().set("a", "put", "old");
  const Revision expiring = memory().set("a", "expired", "old", with_ttl(10ms)).revision;
  const Entry replaced = *memory().get_entry("a", "replaced");
  advance(10ms);
  Record record = old_record("new", then);
  record.expires_at = clock().now() + 1h;
  RestoreSteps steps;
  steps.replace("a", "replaced", record).put("a", "put", record).replace("a", "expired", record);
  EXPECT_EQ(steps.restore_to(memory()), (Statuses{applied, applied, applied}));
  EXPECT_EQ(memory().get_entry("a", "replaced")->created_revision, replaced.created_revision);
  EXPECT_GT(memory().get_entry("a", "replaced")->revision, expiring);
  for (const char* key : {"put", "expired"}) {
    EXPECT_GT(memory().get_entry("a", key)->created_revision, expiring) << key;
  }
  for (const Entry& entry : everything(memory())) {
    EXPECT_EQ(entry.created_at, record.created_at) << entry.key;
    EXPECT_EQ(entry.updated_at, record.updated_at) << entry.key;
    EXPECT_EQ(entry.expires_at, record.expires_at) << entry.key;
    EXPECT_EQ(entry.value, record.value) << entry.key;
  }
}

TEST_P(RestoreBatchConformance, ARecordWhoseDeadlineHasPassedIsLeftOut) {
  HOLDFAST_CLAUSE("3.6");
  memory().set("a", "lives", "old");
  const Entry before = *memory().get_entry("a", "lives");
  Record gone = old_record("gone", clock().now() - 1h);
  gone.expires_at = clock().now();
  RestoreSteps steps;
  steps.put("a", "lives", gone)
      .replace("a", "none", gone, Precondition::if_present())
      .put("a", "new", old_record("new", clock().now()));
  EXPECT_EQ(steps.restore_to(memory()), (Statuses{expired, expired, applied}));
  EXPECT_EQ(memory().get_entry("a", "lives"), before);
  EXPECT_EQ(memory().count(below({})), 2U);
}

TEST_P(RestoreBatchConformance, EraseLeavesNothingBehind) {
  HOLDFAST_CLAUSE("3.6");
  memory().set("a", "lives", 1);
  memory().set("a", "expired", 1, with_ttl(10ms));
  memory().set("b", "stays", 1);
  advance(10ms);
  RestoreSteps steps;
  steps.erase("a", "lives").erase("a", "expired").erase("a", "none").erase("none", "none");
  EXPECT_EQ(steps.restore_to(memory()), (Statuses{applied, applied, applied, applied}));
  EXPECT_EQ(listed(memory()), std::vector<std::string>{"b"});
  EXPECT_EQ(memory().sweep(), 0U) << "what had expired is reclaimed";
  EXPECT_EQ(memory().set("a", "lives", 1).status, WriteStatus::created);
}

TEST_P(RestoreBatchConformance, KeptRevisionsAndTheGreatestOneAreThoseOfTheOtherStore) {
  HOLDFAST_CLAUSE("3.6");
  const Timestamp then = clock().now();
  RestoreSteps steps(keep);
  steps.put("a", "1", old_record(1, then, 10, 40)).put("a", "2", old_record(2, then, 20, 20));
  EXPECT_EQ(steps.go_on_above(70).restore_to(memory()), (Statuses{applied, applied}));
  EXPECT_GE(memory().stable_revision(), 70);
  RestoreSteps more(keep);
  more.replace("a", "1", old_record(1, then, 10, 50)).erase("a", "2", {}, 60);
  EXPECT_EQ(more.restore_to(memory()), (Statuses{applied, applied}));
  ASSERT_EQ(keys_of(everything(memory())), std::vector<std::string>{"1"});
  EXPECT_EQ(memory().get_entry("a", "1")->created_revision, 10);
  EXPECT_EQ(memory().get_entry("a", "1")->revision, 50);
  EXPECT_EQ(RestoreSteps(keep).go_on_above(900).restore_to(memory()), Statuses{});
  EXPECT_GT(memory().set("a", "3", 1).revision, 900);
}

TEST_P(RestoreBatchConformance, RestoresAndNotesAreNoOtherWrites) {
  HOLDFAST_CLAUSE("3.5, 3.6");
  const Record record = old_record(1, clock().now(), 900, 900);
  RestoreSteps().put("a", "1", record).put("a", "2", record).restore_to(memory());
  RestoreSteps().erase("a", "1").note("n", "text").restore_to(memory());
  EXPECT_EQ(RestoreSteps(keep).put("a", "3", record).restore_to(memory()), Statuses{applied});
  EXPECT_EQ(memory().get_entry("a", "3")->revision, 900);
}

TEST_P(RestoreBatchConformance, AKeptRevisionOfAnotherEntryIsRefused) {
  HOLDFAST_CLAUSE("3.6, 3.1");
  const Timestamp then = clock().now();
  RestoreSteps(keep).put("a", "1", old_record(1, then, 10, 40)).restore_to(memory());
  const std::vector<Entry> before = everything(memory());
  for (const Record& taken : {old_record(2, then, 20, 40), old_record(2, then, 10, 50)}) {
    RestoreSteps steps(keep);
    steps.put("a", "new", old_record(2, then, 60, 60)).put("a", "2", taken);
    EXPECT_TRUE(is_refused_as_invalid([&] { return steps.restore_to(memory()); }));
    EXPECT_EQ(everything(memory()), before);
  }
}

TEST_P(RestoreBatchConformance, ABatchThatContradictsItselfIsRefusedAndChangesNothing) {
  HOLDFAST_CLAUSE("3.6");
  memory().set("a", "there", "old");
  const std::vector<Entry> before = everything(memory());
  const Record record = old_record("new", clock().now(), 5, 7);
  using Spoil = std::function<void(RestoreSteps&)>;
  const auto refuses = [&](RestoreRevisions revisions, const Spoil& spoil) {
    RestoreSteps steps(revisions);
    steps.note("n", "text").put("a", "there", record).put("a", "k", old_record(1, {}, 1, 2));
    spoil(steps);
    return is_refused_as_invalid([&] { return steps.restore_to(memory()); });
  };
  const std::vector<Spoil> either{
      [&](RestoreSteps& steps) { steps.erase("a", "there"); },
      [&](RestoreSteps& steps) { steps.erase("$holdfast/x", "k"); },
      [&](RestoreSteps& steps) { steps.erase("b", "\xff"); },
      [&](RestoreSteps& steps) { steps.op().record = nullptr; },
      [&](RestoreSteps& steps) { steps.erase("b", "k", {}, -1); },
      [&](RestoreSteps& steps) { steps.go_on_above(-1); },
      [&](RestoreSteps& steps) { steps.note("", "text"); },
      [&](RestoreSteps& steps) { steps.note(std::string(257, 'n'), "text"); },
      [&](RestoreSteps& steps) { steps.note("n", std::string(Note::max_text_bytes + 1, 't')); },
      [&](RestoreSteps& steps) { steps.note("n", std::string("a\0b", 3)); },
      [&](RestoreSteps& steps) { steps.note("n", "\xff"); }};
  const std::vector<Spoil> assigned{
      [&](RestoreSteps& steps) { steps.at_ranks(1, 0); },
      [&](RestoreSteps& steps) { steps.at_ranks(0, 1); },
      [&](RestoreSteps& steps) { steps.at_ranks(1, 2); },
      [&](RestoreSteps& steps) { steps.with_ranks(3).at_ranks(2, 1); },
      [&](RestoreSteps& steps) { steps.with_ranks(std::size_t{1} << 40); }};
  const std::vector<Spoil> kept{
      [&](RestoreSteps& steps) { steps.put("b", "k", old_record(1, {}, 7, 8)); },
      [&](RestoreSteps& steps) { steps.put("b", "k", old_record(1, {}, 0, 9)); },
      [&](RestoreSteps& steps) { steps.put("b", "k", old_record(1, {}, 10, 9)); },
      [&](RestoreSteps& steps) { steps.erase("b", "k", {}, 7); }};
  for (std::size_t i = 0; i < either.size(); ++i) {
    EXPECT_TRUE(refuses(RestoreRevisions::assign, either[i])) << i;
    EXPECT_TRUE(refuses(keep, either[i])) << i;
  }
  for (std::size_t i = 0; i < assigned.size(); ++i) {
    EXPECT_TRUE(refuses(RestoreRevisions::assign, assigned[i])) << i;
  }
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(refuses(keep, kept[i])) << i;
  EXPECT_EQ(everything(memory()), before);
  EXPECT_EQ(memory().note("n"), std::nullopt);
}

TEST_P(RestoreBatchConformance, OneOfManyRacingStepsTakesEachRevisionConcurrent) {
  HOLDFAST_CLAUSE("3.6, 12.1");
  const int steps_each = static_cast<int>(GetParam().concurrent_steps) / 4;
  constexpr std::size_t addresses = 2;
  const std::array<Address, addresses> places{Address{"a", "n"}, Address{"b", "n"}};
  for (const Address& place : places) memory().set(place.ns, place.key, 0);
  std::array<std::atomic<int>, addresses> taken{};
  in_threads(8, [&](int) {
    for (int i = 0; i < steps_each; ++i) {
      const auto seen = memory().get_many(places);
      RestoreSteps steps;
      for (const std::optional<Entry>& entry : seen) {
        const auto next = entry->value.get<std::int64_t>() + 1;
        steps.replace(entry->ns, entry->key, old_record(next, clock().now()),
                      Precondition::if_revision(entry->revision));
      }
      const Statuses statuses = steps.restore_to(memory());
      for (std::size_t at = 0; at < addresses; ++at) taken[at] += statuses[at] == applied ? 1 : 0;
    }
  });
  for (std::size_t at = 0; at < addresses; ++at) {
    EXPECT_EQ(memory().get(places[at].ns, places[at].key), MemoryValue(taken[at].load()));
    EXPECT_GE(taken[at], steps_each) << "a step went out although nobody had come before";
  }
}

TEST_P(RestoreLimitConformance, ABatchOverALimitChangesNeitherEntriesNorTheNote) {
  HOLDFAST_CLAUSE("3.6, 8.2, 8.3");
  StoreRequest limited = request();
  limited.max_entries = 3;
  Memory store = open(limited);
  const Record record = old_record("new", clock().now());
  RestoreSteps first;
  first.put("a", "1", record).put("a", "2", record).note("n", "old").restore_to(store);
  const std::vector<Entry> before = everything(store);
  RestoreSteps too_many;
  too_many.erase("a", "1").note("n", "new");
  for (const char* key : {"3", "4", "5"}) too_many.put("a", key, record);
  EXPECT_TRUE(throws(ErrorCode::resource_exhausted, [&] { return too_many.restore_to(store); }));
  EXPECT_EQ(everything(store), before);
  EXPECT_EQ(store.note("n"), "old");
  RestoreSteps fits;
  fits.erase("a", "1").put("a", "3", record).put("a", "4", record).note("n", "new");
  fits.put("a", "5", record, Precondition::if_present());  // Not written, so not measured.
  EXPECT_EQ(fits.restore_to(store), (Statuses{applied, applied, applied, unmet}));
  EXPECT_EQ(store.count(below({})), 3U);
  EXPECT_EQ(store.note("n"), "new");
}

}  // namespace holdfast::conformance
