// The checker itself, on histories made by hand: some that have an order, and some that have none.
#include "checker.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::fault_tests {
namespace {

using Action = Step::Action;
using Call = Operation::Call;

constexpr std::size_t a = 0;
constexpr std::size_t b = 1;

// An operation of one step, from `called` to `returned`, at instants that the clock showed then.
class History {
 public:
  Operation& at(std::uint64_t called, std::uint64_t returned) {
    Operation& operation = operations_.emplace_back();
    operation.thread = static_cast<std::uint16_t>(operations_.size());
    operation.called = called;
    operation.returned = returned;
    operation.earliest = operation.latest = now;
    return operation;
  }
  void set(std::uint64_t called, std::uint64_t returned, std::size_t key, std::int64_t value,
           Revision revision, Ms ttl = 0) {
    Step& step = at(called, returned).add(Action::set, key);
    step.number = value;
    step.ttl = ttl;
    step.tells_revision = true;
    step.revision = revision;
  }
  void erase(std::uint64_t called, std::uint64_t returned, std::size_t key, WriteStatus status) {
    at(called, returned).add(Action::erase, key).status = status;
  }
  void increment(std::uint64_t called, std::uint64_t returned, std::size_t key, std::int64_t sum) {
    Step& step = at(called, returned).add(Action::increment, key);
    step.number = 1;
    step.sum = sum;
  }
  void get(std::uint64_t called, std::uint64_t returned, std::size_t key,
           std::optional<std::int64_t> value) {
    see(at(called, returned), key, value);
  }
  static void see(Operation& operation, std::size_t key, std::optional<std::int64_t> value,
                  Revision revision = 0) {
    Step& step = operation.add(Action::read, key);
    step.tells_before = true;
    if (value) step.before = Shown{.value = *value, .revision = revision};
  }
  static Step& put(Operation& operation, std::size_t key, std::int64_t value) {
    Step& step = operation.add(Action::set, key);
    step.number = value;
    return step;
  }

  [[nodiscard]] Verdict verdict(const Rules& rules = {}) const {
    return check_order(State{}, operations_, rules).verdict;
  }
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

  Ms now = 1000;

 private:
  std::vector<Operation> operations_;
};

constexpr Verdict explained = Verdict::explained;
constexpr Verdict impossible = Verdict::impossible;

TEST(RaceChecker, AReadDuringAWriteMaySeeEither) {
  History before;
  before.set(1, 10, a, 7, 1);
  before.get(2, 3, a, std::nullopt);
  before.get(4, 5, a, 7);
  EXPECT_EQ(before.verdict(), explained);
}

TEST(RaceChecker, AStaleReadIsFound) {
  History history;
  history.set(1, 2, a, 7, 1);
  history.set(3, 4, a, 8, 2);
  history.get(5, 6, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, AValueThatNobodyWroteIsFound) {
  History history;
  history.set(1, 2, a, 7, 1);
  history.get(1, 3, a, 9);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, ReadsThatGoBackAreFound) {
  History history;
  history.set(1, 2, a, 7, 1);
  history.set(3, 20, a, 8, 2);
  history.get(4, 5, a, 8);
  history.get(6, 7, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, TwoIncrementsWithOneSumAreFound) {
  History sound;
  sound.increment(1, 9, a, 2);
  sound.increment(2, 8, a, 1);
  EXPECT_EQ(sound.verdict(), explained);
  History twice;
  twice.increment(1, 9, a, 1);
  twice.increment(2, 8, a, 1);
  EXPECT_EQ(twice.verdict(), impossible);
}

TEST(RaceChecker, ALostUpdateByCompareAndSetIsFound) {
  const auto compare_and_set = [](History& history, std::int64_t value, Revision revision) {
    Step& step = History::put(history.at(3, 9), a, value);
    step.precondition = Precondition::if_revision(1);
    step.status = WriteStatus::updated;
    step.tells_revision = true;
    step.revision = revision;
  };
  History history;
  history.set(1, 2, a, 7, 1);
  compare_and_set(history, 8, 2);
  EXPECT_EQ(history.verdict(), explained);
  compare_and_set(history, 9, 3);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, AnErasedEntryThatComesBackIsFound) {
  History history;
  history.set(1, 2, a, 7, 1);
  history.erase(3, 4, a, WriteStatus::erased);
  history.get(5, 6, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
  EXPECT_EQ(history.verdict({.evicts = true}), impossible);
}

TEST(RaceChecker, TwoThatEraseOneEntryAreFound) {
  History history;
  history.set(1, 2, a, 7, 1);
  history.erase(3, 9, a, WriteStatus::erased);
  EXPECT_EQ(history.verdict(), explained);
  history.erase(3, 9, a, WriteStatus::erased);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, EvictionExplainsAbsenceAndNothingElse) {
  History gone;
  gone.set(1, 2, a, 7, 1);
  gone.get(3, 4, a, std::nullopt);
  EXPECT_EQ(gone.verdict(), impossible);
  EXPECT_EQ(gone.verdict({.evicts = true}), explained);
  gone.get(5, 6, a, 7);
  EXPECT_EQ(gone.verdict({.evicts = true}), impossible);
}

TEST(RaceChecker, WhatDoesNotTellWhatItDidIsTriedEverywhere) {
  History history;
  history.at(1, 9).add(Action::erase, a);
  history.set(2, 3, a, 7, 1);
  history.get(4, 5, a, 7);
  history.get(6, 7, a, std::nullopt);
  EXPECT_EQ(history.verdict(), explained);
  history.get(10, 11, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, AnEntryIsThereUntilItsDeadline) {
  History history;
  history.set(1, 2, a, 7, 1, 10);
  history.get(3, 4, a, 7);
  history.now = 1010;
  history.get(5, 6, a, std::nullopt);
  EXPECT_EQ(history.verdict(), explained);
  history.get(7, 8, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, WhileTheClockMovesAnEntryIsThereOrNot) {
  for (const bool is_there : {true, false}) {
    History history;
    history.set(1, 2, a, 7, 1, 10);
    Operation& read = history.at(3, 4);
    read.latest = 1020;
    History::see(read, a, is_there ? std::optional<std::int64_t>(7) : std::nullopt);
    EXPECT_EQ(history.verdict(), explained);
  }
}

TEST(RaceChecker, WhatWasReclaimedStaysAway) {
  History history;
  history.set(1, 2, a, 7, 1, 10);
  const auto add_read = [&](std::uint64_t called, std::optional<std::int64_t> seen) {
    Operation& read = history.at(called, called + 1);
    read.latest = 1010;
    History::see(read, a, seen);
  };
  add_read(3, 7);
  add_read(5, std::nullopt);
  // It took its instant before, and comes afterwards.
  Operation& late = history.at(4, 8);
  late.latest = 1010;
  Step& made = History::put(late, a, 8);
  made.status = WriteStatus::created;
  History::see(history.at(9, 10), a, 8);
  history.now = 1010;
  EXPECT_EQ(history.verdict(), explained);
  add_read(11, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, ADeadlineIsThatOfTheInstantOfItsWrite) {
  for (const Ms shown : {Ms{1010}, Ms{1020}}) {
    History history;
    history.set(1, 2, a, 7, 1, 10);
    Operation& read = history.at(3, 4);
    History::see(read, a, 7);
    read.steps[0].before->expires_at = shown;
    EXPECT_EQ(history.verdict(), shown == 1010 ? explained : impossible);
  }
}

TEST(RaceChecker, RevisionsAtOneKeyRise) {
  History history;
  history.set(1, 9, a, 7, 5);
  history.set(2, 8, a, 8, 3);
  history.get(10, 11, a, 7);
  EXPECT_EQ(history.verdict(), explained);
  history.get(12, 13, a, 8);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, ANewEntryMayHaveTakenItsRevisionBeforeTheOldOneWent) {
  History history;
  history.set(1, 2, a, 7, 4);
  Step& erase = history.at(3, 9).add(Action::erase, a);
  erase.status = WriteStatus::erased;
  erase.tells_revision = true;
  erase.revision = 6;
  history.set(3, 9, a, 8, 5);
  history.get(10, 11, a, 8);
  EXPECT_EQ(history.verdict(), impossible);
  EXPECT_EQ(history.verdict({.creations_rise = false}), explained);
}

TEST(RaceChecker, ARevisionThatOnlyAReadTellsIsHeldTo) {
  const auto see = [](History& history, std::uint64_t moment, Revision revision) {
    History::see(history.at(moment, moment), a, 1, revision);
  };
  History history;
  history.increment(1, 2, a, 1);
  see(history, 3, 4);
  EXPECT_EQ(history.verdict(), explained);
  see(history, 4, 5);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, HalfABatchIsFound) {
  History history;
  Operation& batch = history.at(1, 9);
  History::put(batch, a, 7);
  History::put(batch, b, 7);
  Operation& whole = history.at(2, 3);
  History::see(whole, a, std::nullopt);
  History::see(whole, b, std::nullopt);
  EXPECT_EQ(history.verdict(), explained);
  Operation& half = history.at(4, 5);
  History::see(half, a, 7);
  History::see(half, b, std::nullopt);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, ABatchThatWasNotAppliedLeavesNothing) {
  History history;
  Operation& batch = history.at(1, 2);
  History::put(batch, a, 7);
  Step& check = batch.add(Action::check, b);
  check.precondition = Precondition::if_present();
  check.status = WriteStatus::unmet;
  batch.failed = 1;
  history.get(3, 4, a, std::nullopt);
  EXPECT_EQ(history.verdict(), explained);
  history.get(5, 6, a, 7);
  EXPECT_EQ(history.verdict(), impossible);
}

// Reads one key and writes another.
void add_skewed(History& history, std::size_t read, std::size_t written) {
  Operation& transaction = history.at(1, 9);
  transaction.call = Call::transaction;
  History::see(transaction, read, std::nullopt);
  History::put(transaction, written, 1);
}

TEST(RaceChecker, WriteSkewIsFound) {
  History history;
  add_skewed(history, a, b);
  EXPECT_EQ(history.verdict(), explained);
  add_skewed(history, b, a);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, ALostUpdateByATransactionIsFound) {
  History history;
  for (int i = 0; i < 2; ++i) {
    Operation& transaction = history.at(1, 9);
    History::see(transaction, a, std::nullopt);
    History::put(transaction, a, i);
    EXPECT_EQ(history.verdict(), i == 0 ? explained : impossible);
  }
}

TEST(RaceChecker, ATransactionThatReadTwoStatesIsFound) {
  History history;
  history.set(1, 2, a, 1, 1);
  history.set(3, 4, b, 1, 2);
  Operation& reader = history.at(1, 9);
  History::see(reader, a, std::nullopt);
  History::see(reader, b, 1);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, AnOperationInDoubtMayHaveHappenedAtAnyMomentOrNot) {
  for (const auto& seen : {std::optional<std::int64_t>(7), std::optional<std::int64_t>()}) {
    History history;
    Operation& doubtful = history.at(1, 2);
    doubtful.in_doubt = true;
    History::put(doubtful, a, 7);
    history.get(5, 6, a, std::nullopt);
    history.get(7, 8, a, seen);
    EXPECT_EQ(history.verdict(), explained);
    history.get(9, 10, a, 8);
    EXPECT_EQ(history.verdict(), impossible);
  }
}

TEST(RaceChecker, ASearchThatGrowsTooLargeIsNoSuccess) {
  History history;
  for (int i = 0; i < 8; ++i) History::put(history.at(1, 99), a, i);
  history.get(100, 101, a, 9);
  EXPECT_EQ(history.verdict({.max_states = 50}), Verdict::too_large);
  EXPECT_EQ(history.verdict(), impossible);
}

TEST(RaceChecker, RevisionsThatRepeatOrFallAreFound) {
  const auto written = [](Operation& operation, std::size_t key, Revision revision) {
    Step& step = History::put(operation, key, 1);
    step.status = WriteStatus::created;
    step.tells_revision = true;
    step.revision = revision;
  };
  History twice;
  written(twice.at(1, 9), a, 3);
  EXPECT_EQ(check_revisions(twice.operations()).verdict, explained);
  written(twice.at(2, 8), b, 3);
  EXPECT_EQ(check_revisions(twice.operations()).verdict, impossible);
  History side_by_side;
  written(side_by_side.at(1, 5), a, 3);
  written(side_by_side.at(4, 9), b, 2);
  EXPECT_EQ(check_revisions(side_by_side.operations()).verdict, explained);
  written(side_by_side.at(6, 8), a, 1);
  EXPECT_EQ(check_revisions(side_by_side.operations()).verdict, impossible);
  History batch;
  Operation& operation = batch.at(1, 2);
  written(operation, a, 2);
  written(operation, b, 1);
  EXPECT_EQ(check_revisions(batch.operations()).verdict, impossible);
}

}  // namespace
}  // namespace holdfast::fault_tests
