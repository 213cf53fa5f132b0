// Restoring, where it meets others: races, revisions given, the sequence behind them.
#include <gmock/gmock.h>

#include <future>

#include "failure_fixture.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

constexpr RestoreStatus applied = RestoreStatus::applied;
constexpr RestoreStatus unmet = RestoreStatus::unmet;
using Statuses = std::vector<RestoreStatus>;

Record record_of(const MemoryValue& value, Revision created = 1, Revision revision = 1) {
  Record record;
  record.value = value;
  record.created_revision = created;
  record.revision = revision;
  record.created_at = record.updated_at = Timestamp(std::chrono::milliseconds(1000));
  return record;
}

RestoreOp put(const AddressView& address, const Record& record, std::size_t rank = 0,
              Precondition precondition = {}) {
  return {.kind = RestoreOp::Kind::put,
          .address = address,
          .record = &record,
          .precondition = precondition,
          .created_rank = rank,
          .rank = rank};
}

RestoreOp erase(const AddressView& address, std::size_t rank = 0, Precondition precondition = {}) {
  return {.kind = RestoreOp::Kind::erase,
          .address = address,
          .precondition = precondition,
          .created_rank = rank,
          .rank = rank};
}

RestoreBatch batch_of(std::span<const RestoreOp> ops) {
  return {.ops = ops, .revisions = RestoreRevisions::assign, .ranks = ops.size()};
}

class RestoringBesideOthers : public FailureTest {
 protected:
  // Begins a restore that waits for `rival`, then commits the rival and gives the statuses.
  Statuses restored_after(Connection& rival, std::span<const RestoreOp> ops) {
    auto restoring = in_background([&] { return memory_.restore(batch_of(ops)); });
    wait_until_blocked();
    execute(rival, "COMMIT");
    return restoring.get();
  }
  // A transaction in which another one has put an entry there.
  std::unique_ptr<Connection> making(const std::string& key) {
    return holding(
        "INSERT INTO @schema@.entry VALUES ('a', '" + key +
        "', nextval('@schema@.revision'), currval('@schema@.revision'), 0, 0, NULL, 4, '\"r\"');"
        "SELECT @schema@.add_tally('a', 1, 4)");
  }

  Memory memory_ = open_postgresql(options());
  const Record mine_ = record_of("mine");
};

TEST_F(RestoringBesideOthers, ARaceForAnAbsentEntryIsNeitherAnErrorNorAnOverwrite) {
  memory_.set("b", "other", 1);
  const auto rival = making("k");
  const std::vector<RestoreOp> ops{put({"a", "k"}, mine_, 0, Precondition::if_absent()),
                                   put({"a", "l"}, mine_, 1)};
  EXPECT_EQ(restored_after(*rival, ops), (Statuses{unmet, applied}));
  EXPECT_EQ(content(memory_, "a"), "k=\"r\", l=\"mine\", counted: 2");
}

TEST_F(RestoringBesideOthers, AnUnconditionalStepReplacesWhatAnotherOneMadeMeanwhile) {
  memory_.set("b", "other", 1);
  const auto rival = making("k");
  EXPECT_EQ(restored_after(*rival, std::vector<RestoreOp>{put({"a", "k"}, mine_)}),
            Statuses{applied});
  EXPECT_EQ(content(memory_, "a"), "k=\"mine\", counted: 1");
}

TEST_F(RestoringBesideOthers, ARevisionThatWasOverwrittenMeanwhileIsUnmet) {
  const Revision revision = memory_.set("a", "k", "theirs").revision;
  const auto rival = holding("UPDATE @schema@.entry SET revision = nextval('@schema@.revision')");
  const auto condition = Precondition::if_revision(revision);
  EXPECT_EQ(restored_after(*rival, std::vector<RestoreOp>{put({"a", "k"}, mine_, 0, condition)}),
            Statuses{unmet});
  EXPECT_EQ(content(memory_, "a"), "k=\"theirs\", counted: 1");
}

// Who waits for an entry while it is restored must not take it for one that has gone.
TEST_F(RestoringBesideOthers, WhoWaitsForAnEntryFindsTheRestoredOne) {
  memory_.set("a", "k", "theirs");
  memory_.set("b", "gate", 1);
  const auto gate = holding_entry("gate");
  const std::vector<RestoreOp> ops{put({"a", "k"}, mine_, 0), put({"b", "gate"}, mine_, 1)};
  auto restoring = in_background([&] { return memory_.restore(batch_of(ops)); });
  wait_until_blocked();
  auto checking = in_background([&] {
    return memory_.write(
        WriteBatch().check("a", "k", Precondition::if_absent()).set("a", "decided", "absent"));
  });
  wait_until_blocked(2);
  execute(*gate, "COMMIT");
  EXPECT_EQ(restoring.get(), (Statuses{applied, applied}));
  EXPECT_FALSE(checking.get().applied);
  EXPECT_EQ(content(memory_, "a"), "k=\"mine\", counted: 1");
}

// That nothing lies there has to hold until the commit, also for a step that leaves it so.
TEST_F(RestoringBesideOthers, WhatIsToStayAbsentHoldsItsPlaceAndLeavesNothing) {
  memory_.set("b", "gate", 1);
  const auto gate = holding_entry("gate");
  const std::vector<RestoreOp> ops{erase({"a", "k"}, 0, Precondition::if_absent()),
                                   put({"b", "gate"}, mine_, 1)};
  auto restoring = in_background([&] { return memory_.restore(batch_of(ops)); });
  wait_until_blocked();
  auto setting = in_background([&] { return memory_.set("a", "k", 1).status; });
  wait_until_blocked(2);
  execute(*gate, "COMMIT");
  EXPECT_EQ(restoring.get(), (Statuses{applied, applied}));
  EXPECT_EQ(setting.get(), WriteStatus::created);
  EXPECT_EQ(content(memory_, "a"), "k=1, counted: 1");
}

TEST_F(RestoringBesideOthers, WritersAndRestoresAtOnceAgreeOnEachKey) {
  constexpr int threads = 6;
  constexpr int keys = 40;
  std::atomic<int> won{0};
  run_threads(threads, [&](int thread) {
    const Record record = record_of(thread);
    std::vector<std::string> names;
    for (int i = 0; i < keys; ++i) names.push_back(std::to_string((i + thread * 7) % keys));
    for (const std::string& name : names) {
      const auto if_absent = Precondition::if_absent();
      if (thread % 2 == 0) {
        const std::vector<RestoreOp> ops{put({"race", name}, record, 0, if_absent)};
        if (memory_.restore(batch_of(ops)) == Statuses{applied}) ++won;
      } else if (memory_.set("race", name, thread, {.precondition = if_absent}).applied()) {
        ++won;
      }
    }
  });
  EXPECT_EQ(won, keys);
  EXPECT_EQ(memory_.count(Scope{"race"}), static_cast<std::uint64_t>(keys));
}

class RestoredRevisions : public StoreTest {
 protected:
  static std::string last_value(const std::string& schema) {
    return Sql().run(in_schema("SELECT last_value FROM @schema@.revision", schema));
  }
  static RestoreBatch keeping(std::span<const RestoreOp> ops, Revision last = 0) {
    return {.ops = ops, .revisions = RestoreRevisions::keep, .last_revision = last};
  }

  const std::string schema_ = new_schema();
  Memory memory_ = open(schema_);
};

TEST_F(RestoredRevisions, AreInARowOverEveryNumberOfTheSequence) {
  memory_.set("a", "before", 1);
  constexpr std::size_t count = 1500;
  std::vector<std::string> keys;
  const Record record = record_of(1);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(std::to_string(i));
  std::vector<RestoreOp> ops;
  for (std::size_t i = 0; i < count; ++i) {
    ops.push_back(put({"a", keys[i]}, record, count - 1 - i));
    ops.back().created_rank = 0;
    if (ops.back().rank > 0) ops.back().created_rank = ops.back().rank;
  }
  memory_.restore({.ops = ops, .revisions = RestoreRevisions::assign, .ranks = 3000});
  const Revision first = memory_.get_entry("a", keys.back())->revision;
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = memory_.get_entry("a", keys[i]);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->revision, first + static_cast<Revision>(count - 1 - i));
    EXPECT_EQ(entry->created_revision, entry->revision);
  }
  EXPECT_EQ(first, 1025);  // `before` has the number before it.
  EXPECT_EQ(last_value(schema_), "4096");
}

TEST_F(RestoredRevisions, ThatAreGivenMayBeExchangedWithinABatchButNotTaken) {
  const Record one = record_of(1, 10, 10);
  const Record two = record_of(2, 20, 20);
  const Record three = record_of(3, 30, 30);
  memory_.restore(keeping(std::vector<RestoreOp>{put({"a", "1"}, one), put({"a", "2"}, two)}));
  memory_.restore(keeping(
      std::vector<RestoreOp>{put({"a", "1"}, two), put({"a", "2"}, one), put({"a", "3"}, three)}));
  EXPECT_EQ(memory_.get_entry("a", "1")->revision, 20);
  EXPECT_EQ(memory_.get_entry("a", "2")->revision, 10);
  const auto error = error_thrown_by([&] {
    memory_.restore(keeping(std::vector<RestoreOp>{put({"b", "4"}, three)}));
  });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  EXPECT_EQ(memory_.count(Scope{"b"}), 0U);
}

TEST_F(RestoredRevisions, LeaveTheSequenceAboveAllThatWereGiven) {
  const Record record = record_of(1, 3, 5000);
  memory_.restore(keeping(std::vector<RestoreOp>{put({"a", "1"}, record)}, 20));
  EXPECT_EQ(last_value(schema_), "5120");
  memory_.restore(keeping({}, 9000));
  EXPECT_EQ(last_value(schema_), "9216");
  memory_.restore(keeping({}, 100));
  EXPECT_EQ(last_value(schema_), "9216");
  EXPECT_GT(memory_.set("a", "2", 1).revision, 9000);
  EXPECT_EQ(code_thrown_by([&] { memory_.restore(keeping({}, 20'000)); }),
            ErrorCode::failed_precondition);
}

TEST_F(RestoredRevisions, OfARemovalThatWasLoggedAlreadyAreRefused) {
  PostgresqlOptions options = options_for(schema_);
  options.change_log = true;
  Memory memory = open_postgresql(options);
  const Record one = record_of(1, 10, 10);
  const Record two = record_of(2, 20, 20);
  memory.restore(keeping(std::vector<RestoreOp>{put({"a", "1"}, one), put({"a", "2"}, two)}));
  RestoreOp removal = erase({"a", "1"});
  removal.revision = 30;
  memory.restore(keeping(std::vector<RestoreOp>{removal}));
  removal.address.key = "2";
  EXPECT_EQ(code_thrown_by([&] { memory.restore(keeping(std::vector<RestoreOp>{removal})); }),
            ErrorCode::invalid_argument);
  EXPECT_TRUE(memory.exists("a", "2"));
}

TEST_F(RestoredRevisions, AreNoneForANoteAlone) {
  const Note note{"n", "text"};
  const std::string before = last_value(schema_);
  memory_.restore({.note = &note});
  EXPECT_EQ(last_value(schema_), before);
  EXPECT_EQ(memory_.note("n"), "text");
}

}  // namespace
}  // namespace holdfast::postgresql
