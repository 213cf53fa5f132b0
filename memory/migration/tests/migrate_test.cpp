// Moving between a store in memory and one in a file.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "holdfast/diff.hpp"
#include "holdfast/digest.hpp"
#include "holdfast/migration.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> in_order(Memory& memory, OrderBy order, const Namespace& ns = {}) {
  std::vector<std::string> keys;
  MemoryQuery query{.scope = {ns, true}, .order = order};
  memory.scan(query, [&](const ScanRow& row) {
    keys.push_back(std::string(row.address.ns) + "|" + std::string(row.address.key));
    return true;
  });
  return keys;
}

std::vector<Entry> entries_of(Memory& memory) {
  return memory.query({.scope = {Namespace(), true}, .limit = 10'000}).entries;
}

class MigrateTest : public StorePairTest {
 protected:
  // Entries of every kind, in an order of creation and of update that differ from that by key.
  void fill(Memory& memory, int entries = 200) {
    for (int i = 0; i < entries; ++i) {
      const Namespace ns(i % 3 == 0 ? "users/a" : i % 3 == 1 ? "users/b/chat" : "other");
      const std::string key = std::to_string((i * 37) % 101);
      const MemoryValue value = i % 4 == 0   ? MemoryValue(i)
                                : i % 4 == 1 ? MemoryValue(double(i))
                                : i % 4 == 2 ? MemoryValue::map({{"i", i}, {"t", "x\"y"}})
                                             : MemoryValue(std::string(2000, 'v'));
      SetOptions options;
      if (i % 5 == 0) options.ttl = Ttl(1h);
      memory.set(ns, key, value, options);
      if (i % 7 == 0) memory.erase(ns, std::to_string((i * 37 - 37) % 101));
      tick();
    }
  }
};

}  // namespace

TEST_F(MigrateTest, AnEmptyDestinationBecomesTheSameWithItsRevisions) {
  fill(left_);
  const MigrationResult result = migrate(left_, right_);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.revisions, RestoreRevisions::keep);
  EXPECT_EQ(entries_of(right_), entries_of(left_));
  EXPECT_EQ(result.copied, left_.count(Scope{Namespace(), true}));
  EXPECT_EQ(result.source_digest, digest(left_));
  EXPECT_EQ(result.destination_digest, digest(right_));
  EXPECT_FALSE(result.resumed);
  EXPECT_GT(right_.set("new", "k", 1).revision, left_.stats().last_revision);
}

TEST_F(MigrateTest, AStoreInUseTakesBothOrdersOver) {
  fill(left_);
  right_.set("there", "already", 1);
  const MigrationResult result = migrate(left_, right_, {.batch_entries = 10});
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.revisions, RestoreRevisions::assign);
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(in_order(right_, order, "users"), in_order(left_, order, "users"));
    EXPECT_EQ(in_order(right_, order, "other"), in_order(left_, order, "other"));
  }
  EXPECT_EQ(right_.get("there", "already"), MemoryValue(1));
}

TEST_F(MigrateTest, TheSameCallCatchesUp) {
  fill(left_);
  static_cast<void>(migrate(left_, right_));
  left_.set("users/a", "0", "changed");
  left_.erase("users/b/chat", "74");
  left_.set("users/a", "later", 1);
  const MigrationResult result = migrate(left_, right_);
  EXPECT_TRUE(result.resumed);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(entries_of(right_), entries_of(left_));
}

TEST_F(MigrateTest, TheSameCallCatchesUpInAStoreInUse) {
  fill(left_);
  right_.set("there", "already", 1);
  static_cast<void>(migrate(left_, right_, {.batch_entries = 7}));
  left_.set("users/a", "0", "changed");
  left_.erase("users/b/chat", "74");
  left_.set("users/a", "later", 1);
  fill(left_, 50);
  const MigrationResult result = migrate(left_, right_, {.batch_entries = 7});
  EXPECT_TRUE(result.verified);
  right_.erase("there", "already");
  EXPECT_EQ(digest(right_), digest(left_));
  EXPECT_EQ(in_order(right_, OrderBy::updated), in_order(left_, OrderBy::updated));
}

TEST_F(MigrateTest, WhatHasExpiredStaysBehindAndDeadlinesMove) {
  left_.set("a", "gone", 1, {.ttl = Ttl(1s)});
  left_.set("a", "stays", 2, {.ttl = Ttl(1h)});
  clock_->advance(1s);
  const MigrationResult result = migrate(left_, right_);
  EXPECT_EQ(result.copied, 1U);
  EXPECT_EQ(right_.get_entry("a", "stays"), left_.get_entry("a", "stays"));
  clock_->advance(1h);
  EXPECT_FALSE(right_.exists("a", "stays"));
}

TEST_F(MigrateTest, ASubtreeMovesUnderAnotherName) {
  fill(left_);
  MigrationOptions options;
  options.scope = {"users", true};
  options.destination = Namespace("people/old");
  const MigrationResult result = migrate(left_, right_, options);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(right_.count(Scope{"people/old", true}), left_.count(Scope{"users", true}));
  EXPECT_EQ(right_.count(Scope{Namespace(), true}), left_.count(Scope{"users", true}));
  EXPECT_EQ(right_.count(Scope{"people/old/b/chat"}), left_.count(Scope{"users/b/chat"}));
  left_.set("users", "own", 1);
  EXPECT_TRUE(migrate(left_, right_, options).verified);
  EXPECT_EQ(right_.get("people/old", "own"), MemoryValue(1));
}

TEST_F(MigrateTest, OnlyOneNamespaceMovesWithoutItsSubtree) {
  left_.set("a", "k", 1);
  left_.set("a/b", "k", 2);
  static_cast<void>(migrate(left_, right_, {.scope = {"a", false}}));
  EXPECT_EQ(entries_of(right_).size(), 1U);
}

TEST_F(MigrateTest, AFilterChoosesAndWhatMatchesNoMoreGoes) {
  for (const bool in_use : {false, true}) {
    Memory source = open_in_memory({.clock = clock_});
    Memory destination = open_in_memory({.clock = clock_});
    if (in_use) destination.set("x", "y", 0);
    for (int i = 0; i < 20; ++i) {
      source.set("a", std::to_string(i), MemoryValue::map({{"n", i}}));
    }
    MigrationOptions options{.scope = {"a"}, .filter = Filter::parse(R"({"n":{"$gte":10}})")};
    EXPECT_TRUE(migrate(source, destination, options).verified);
    EXPECT_EQ(destination.count(Scope{"a"}), 10U);
    source.set("a", "15", MemoryValue::map({{"n", 0}}));
    source.set("a", "3", MemoryValue::map({{"n", 100}}));
    const MigrationResult result = migrate(source, destination, options);
    EXPECT_TRUE(result.verified);
    EXPECT_FALSE(destination.exists("a", "15"));
    EXPECT_TRUE(destination.exists("a", "3"));
    const std::vector<std::string> moved = in_order(destination, OrderBy::created, "a");
    EXPECT_EQ(moved.front(), "a|3") << "the order of insertion is the source's";
  }
}

TEST_F(MigrateTest, ADryRunSaysWhatWouldBeAndWritesNothing) {
  fill(left_);
  const MigrationResult result = migrate(left_, right_, {.dry_run = true});
  EXPECT_EQ(result.copied, left_.count(Scope{Namespace(), true}));
  EXPECT_EQ(result.bytes, left_.stats().bytes);
  EXPECT_EQ(right_.stats().last_revision, 0);
  EXPECT_FALSE(migrate(left_, right_).resumed);
}

TEST_F(MigrateTest, RefusesAConflictBeforeAnythingIsWritten) {
  fill(left_);
  right_.set("users/a", "0", "theirs");
  const Digest before = digest(right_);
  try {
    static_cast<void>(migrate(left_, right_, {.batch_entries = 5}));
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
    EXPECT_NE(error.message().find("\"0\" in namespace \"users/a\""), std::string::npos)
        << error.message();
  }
  EXPECT_EQ(digest(right_), before);
}

struct PolicyCase {
  ConflictPolicy policy;
  std::string older;  // What lies there afterwards, where the source's entry was the older one,
  std::string newer;  // and where it was the newer one.
};

class MigratePolicyTest : public MigrateTest, public testing::WithParamInterface<PolicyCase> {};

TEST_P(MigratePolicyTest, DecidesWhatStaysAndReportsIt) {
  left_.set("a", "older", "source");
  right_.set("a", "newer", "destination");
  tick();
  left_.set("a", "newer", "source");
  right_.set("a", "older", "destination");
  left_.set("a", "alone", "source");
  right_.set("a", "equal", "destination");
  left_.set("a", "equal", "source");
  std::map<std::string, bool> reported;
  MigrationOptions options{.on_conflict = GetParam().policy, .batch_entries = 1};
  options.on_conflict_found = [&](const Conflict& conflict) {
    EXPECT_TRUE(conflict.source.value.is_null());
    EXPECT_EQ(conflict.source.key, conflict.destination.key);
    reported[conflict.source.key] = conflict.overwritten;
  };
  const MigrationResult result = migrate(left_, right_, options);
  EXPECT_EQ(right_.get("a", "older"), MemoryValue(GetParam().older));
  EXPECT_EQ(right_.get("a", "newer"), MemoryValue(GetParam().newer));
  EXPECT_EQ(right_.get("a", "alone"), MemoryValue("source"));
  EXPECT_EQ(reported, (std::map<std::string, bool>{
                          {"older", GetParam().older == "source"},
                          {"newer", GetParam().newer == "source"},
                          {"equal", GetParam().policy == ConflictPolicy::overwrite}}));
  const auto overwritten =
      std::count_if(reported.begin(), reported.end(), [](const auto& each) { return each.second; });
  EXPECT_EQ(result.overwritten, static_cast<std::uint64_t>(overwritten));
  EXPECT_EQ(result.skipped, reported.size() - result.overwritten);
  EXPECT_TRUE(result.verified);
  // A later change is no new conflict, and what stayed stays.
  left_.set("a", "older", "source, changed");
  EXPECT_TRUE(migrate(left_, right_, options).verified);
}

INSTANTIATE_TEST_SUITE_P(
    , MigratePolicyTest,
    testing::Values(PolicyCase{ConflictPolicy::skip, "destination", "destination"},
                    PolicyCase{ConflictPolicy::overwrite, "source", "source"},
                    PolicyCase{ConflictPolicy::newer, "destination", "source"}),
    [](const auto& tested) { return std::string(to_string(tested.param.policy)); });

TEST_F(MigrateTest, ADamagedCopyIsFoundAndMended) {
  for (const bool in_use : {false, true}) {
    Memory source = open_in_memory({.clock = clock_});
    Memory destination = open_in_memory({.clock = clock_});
    if (in_use) destination.set("there", "already", 1);
    fill(source);
    ASSERT_TRUE(migrate(source, destination).verified);
    // Written past the migration: an entry that is missing, one that is other, one too many.
    Entry other = *destination.get_entry("users/a", "0");
    const Record changed = [&] {
      Record record = other;
      record.value = "damage";
      return record;
    }();
    const auto put = [&](const RestoreOp& op) {
      std::vector<RestoreOp> ops{op};
      destination.restore({.ops = ops,
                           .revisions = in_use ? RestoreRevisions::assign : RestoreRevisions::keep,
                           .ranks = 1});
    };
    put({.kind = RestoreOp::Kind::replace, .address = {"users/a", "0"}, .record = &changed});
    put({.kind = RestoreOp::Kind::erase, .address = {"other", "74"}});
    Record extra = changed;
    extra.created_revision = extra.revision = source.stats().last_revision + 50;
    put({.kind = RestoreOp::Kind::put, .address = {"users/a", "extra"}, .record = &extra});
    EXPECT_NE(digest(source), digest(destination));
    const MigrationResult result = migrate(source, destination);
    EXPECT_TRUE(result.verified) << in_use;
    EXPECT_FALSE(destination.exists("users/a", "extra"));
    EXPECT_EQ(in_order(destination, OrderBy::created, "users"),
              in_order(source, OrderBy::created, "users"));
  }
}

TEST_F(MigrateTest, AnErasureThatNoChangeLogTellsOfIsFound) {
  fill(left_);
  ASSERT_TRUE(migrate(left_, right_).verified);
  left_.clear({"users", true});
  ASSERT_FALSE(left_.capabilities().change_log);
  EXPECT_TRUE(migrate(left_, right_).verified);
  EXPECT_EQ(right_.count(Scope{"users", true}), 0U);
}

TEST_F(MigrateTest, RemovalsOfAChangeLogAreRemovalsAtTheDestinationToo) {
  Memory source = open_in_memory({.change_log = true, .clock = clock_});
  SqliteOptions options = sqlite_options("log.db");
  options.change_log = true;
  Memory destination = open_sqlite(options);
  source.set("a", "stays", 1);
  source.set("a", "goes", 1);
  static_cast<void>(migrate(source, destination));
  source.erase("a", "goes");
  static_cast<void>(migrate(source, destination, {.verify = false}));
  EXPECT_FALSE(destination.exists("a", "goes"));
  const ChangePage changes = destination.changes(0);
  ASSERT_EQ(changes.changes.size(), 2U);
  EXPECT_FALSE(changes.changes.back().record);
  EXPECT_EQ(changes.changes.back().revision, source.changes(0).changes.back().revision);
}

TEST_F(MigrateTest, AnAbortedOneGoesOnWhereItWas) {
  for (const bool in_use : {false, true}) {
    Memory source = open_in_memory({.clock = clock_});
    Memory destination = open_in_memory({.clock = clock_});
    if (in_use) destination.set("there", "already", 1);
    fill(source);
    std::uint64_t done = 0;
    MigrationOptions options{.batch_entries = 10};
    options.on_progress = [&](const MigrationProgress& progress) {
      if (progress.phase != MigrationPhase::copying) return;
      done = progress.done;
      if (progress.done >= 50) throw Error(ErrorCode::cancelled, "enough");
    };
    EXPECT_THROW(static_cast<void>(migrate(source, destination, options)), Error);
    EXPECT_GE(done, 50U);
    EXPECT_LT(done, 70U);
    const std::uint64_t before = destination.count(Scope{Namespace(), true});
    EXPECT_LT(before, source.count(Scope{Namespace(), true}));
    std::vector<std::uint64_t> seen;
    options.on_progress = [&](const MigrationProgress& progress) {
      if (progress.phase == MigrationPhase::copying) seen.push_back(progress.done);
    };
    const MigrationResult result = migrate(source, destination, options);
    EXPECT_TRUE(result.resumed);
    EXPECT_TRUE(result.verified);
    EXPECT_GT(seen.front(), 50U) << "what was done is not done again";
    EXPECT_EQ(result.copied, in_use ? result.copied : source.count(Scope{Namespace(), true}));
  }
}

TEST_F(MigrateTest, AnotherPolicyThanItWasBegunWithIsRefused) {
  fill(left_);
  static_cast<void>(migrate(left_, right_));
  EXPECT_THROW(static_cast<void>(migrate(left_, right_, {.on_conflict = ConflictPolicy::skip})),
               Error);
  MigrationOptions again{.on_conflict = ConflictPolicy::skip, .restart = true};
  const MigrationResult result = migrate(left_, right_, again);
  EXPECT_FALSE(result.resumed);
  EXPECT_EQ(result.skipped, left_.count(Scope{Namespace(), true}));
}

TEST_F(MigrateTest, WithinOneStoreOnlyToAPlaceApart) {
  fill(left_);
  for (const char* to : {"users", "users/a", "users/a/x", ""}) {
    MigrationOptions options{.scope = {"users/a", true}, .destination = Namespace(to)};
    EXPECT_THROW(static_cast<void>(migrate(left_, left_, options)), Error) << to;
  }
  MigrationOptions options{.scope = {"users/a", true}, .destination = Namespace("copy")};
  EXPECT_TRUE(migrate(left_, left_, options).verified);
  EXPECT_EQ(digest(left_, {.scope = {"copy", true}}).text,
            digest(left_, {.scope = {"users/a", true}}).text);
}

TEST_F(MigrateTest, ANameThatWouldBeTooLongIsRefused) {
  const Namespace deep(std::string(1000, 'n'));
  left_.set(deep, "k", 1);
  MigrationOptions options{.destination = Namespace(std::string(100, 'm'))};
  try {
    static_cast<void>(migrate(left_, right_, options));
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

TEST_F(MigrateTest, WhatHasBeenWrittenToSinceCannotBeCaughtUpWithAndSaysSo) {
  fill(left_);
  static_cast<void>(migrate(left_, right_));
  right_.set("agent", "moved", "here");
  left_.set("a", "k", "late");
  try {
    static_cast<void>(migrate(left_, right_));
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
    EXPECT_NE(error.message().find("written to"), std::string::npos) << error.message();
  }
  EXPECT_FALSE(right_.exists("a", "k"));
}

}  // namespace holdfast::migration_tests
