// Connections that the server ends, calls that have to wait for others, and conflicts.
#include <latch>
#include <string>
#include <vector>

#include "failure_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

using TerminatedConnection = FailureTest;

// Opens so many connections of a store, and leaves them idle.
class IdleConnections : public FailureTest {
 protected:
  void fill_pool(Memory& memory, int count) {
    std::vector<std::future<bool>> reads;
    const auto rival = holding_entries();
    for (int i = 0; i < count; ++i) {
      reads.push_back(in_background([&] { return memory.exists("a", "k"); }));
    }
    wait_until_blocked(count);
    execute(*rival, "COMMIT");
  }
};

TEST_F(IdleConnections, TheNextReadAndTheNextWriteWorkAfterTheirEnd) {
  Memory memory = open_postgresql(options());
  memory.set("a", "k", 0);
  for (int round = 1; round <= 3; ++round) {
    fill_pool(memory, 8);
    terminate_all();
    EXPECT_EQ(memory.get("a", "k"), MemoryValue(round - 1));
    fill_pool(memory, 8);
    terminate_all();
    EXPECT_EQ(memory.increment("a", "k"), round);
    EXPECT_TRUE(memory.health().ok);
  }
  EXPECT_EQ(content(memory, "a"), "k=3, counted: 1");
}

TEST_F(IdleConnections, HoweverManyEndedTheNextCallsWork) {
  constexpr int many = 60;
  PostgresqlOptions wide = options();
  wide.pool_size = many;
  Memory memory = open_postgresql(wide);
  memory.set("a", "k", 0);
  fill_pool(memory, many);
  terminate_all();
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(0));
  fill_pool(memory, many);
  terminate_all();
  EXPECT_EQ(memory.increment("a", "k"), 1);
}

TEST_F(TerminatedConnection, AReadUnderWayIsRepeated) {
  Memory memory = open_postgresql(options());
  memory.set("a", "k", 7);
  std::future<std::optional<MemoryValue>> read;
  std::future<std::uint64_t> count;
  const auto rival = holding_entries();
  read = in_background([&] { return memory.get("a", "k"); });
  count = in_background([&] {
    MemoryQuery query;
    query.filter = Filter::parse(R"({"":7})");
    query.scope = Scope("a");
    return memory.count(query);
  });
  wait_until_blocked(2);
  terminate_all();
  execute(*rival, "COMMIT");
  EXPECT_EQ(read.get(), MemoryValue(7));
  EXPECT_EQ(count.get(), 1U);
}

TEST_F(TerminatedConnection, AWriteThatWaitsForAnotherIsRepeatedAndAppliedOnce) {
  Memory memory = open_postgresql(options());
  memory.set("a", "k", 0);
  std::future<std::int64_t> increment;
  std::future<BatchResult> batch;
  const auto rival = holding_entry("k");
  increment = in_background([&] { return memory.increment("a", "k"); });
  batch = in_background([&] {
    WriteBatch writes;
    writes.increment("a", "k", 10).set("a", "new", 1).increment("a", "k", 10);
    return memory.write(writes);
  });
  wait_until_blocked(2);
  terminate_all();
  execute(*rival, "COMMIT");
  increment.get();
  EXPECT_TRUE(batch.get().applied);
  EXPECT_EQ(content(memory, "a"), "k=21, new=1, counted: 2");
}

using FullPool = FailureTest;

TEST_F(FullPool, ACallBehindAWriteIsUnavailableLateOrCancelledAndAfterwardsAllIsWell) {
  PostgresqlOptions narrow = options();
  narrow.pool_size = 1;
  narrow.pool_wait = milliseconds(30);
  Memory memory = open_postgresql(narrow);
  memory.set("a", "k", 0);
  std::future<std::int64_t> write;
  const auto rival = holding_entry("k");
  write = in_background([&] { return memory.increment("a", "k"); });
  wait_until_blocked();
  const auto full = error_thrown_by([&] { memory.set("a", "other", 1); });
  ASSERT_NE(full, nullptr);
  EXPECT_EQ(full->code(), ErrorCode::unavailable);
  EXPECT_THAT(full->what(), HasSubstr("pool_size=1"));
  EXPECT_THAT(full->what(), HasSubstr("pool_wait"));
  execute(*rival, "COMMIT");
  EXPECT_EQ(write.get(), 1);
  EXPECT_EQ(content(memory, "a"), "k=1, counted: 1");
}

TEST_F(FullPool, ACallBehindAScanEndsByItsContextBeforePoolWait) {
  PostgresqlOptions narrow = options();
  narrow.pool_size = 1;
  narrow.pool_wait = hours(1);
  const auto backend = make_postgresql_backend(narrow);
  Memory(make_postgresql_backend(options())).set("a", "k", 1);
  std::latch in_sink(1);
  std::latch done(1);
  const auto scan = in_background([&] {
    MemoryQuery query;
    query.scope = Scope("a");
    backend->scan({.query = query},
                  [&](const ScanRow&) {
                    in_sink.count_down();
                    done.wait();
                    return true;
                  },
                  {});
  });
  in_sink.wait();
  const auto count = [&](const Context& context) {
    return code_thrown_by([&] { static_cast<void>(backend->count(Scope("a"), context)); });
  };
  EXPECT_EQ(count(with_deadline_in(milliseconds(30))), ErrorCode::deadline_exceeded);
  std::stop_source stop;
  auto cancelled = in_background([&] { return count(with_stop(stop)); });
  stop.request_stop();
  EXPECT_EQ(cancelled.get(), ErrorCode::cancelled);
  done.count_down();
  scan.wait();
  EXPECT_EQ(backend->count(Scope("a"), {}), 1U);
}

class BlockedWrite : public FailureTest {
 protected:
  // The code with which a write ends that waits for another, and that leaves nothing behind.
  ErrorCode code_of_blocked(Memory& memory, const Context& context, std::stop_source* stop) {
    memory.set("a", "k", 1);
    std::future<ErrorCode> write;
    const auto rival = holding_entry("k");
    write = in_background([&] {
      return code_thrown_by([&] {
        WriteBatch batch;
        batch.set("a", "before", 1).increment("a", "k", 1);
        memory.write(batch, context);
      });
    });
    if (stop != nullptr) {
      wait_until_blocked();
      stop->request_stop();
    }
    const ErrorCode code = write.get();
    execute(*rival, "COMMIT");
    EXPECT_EQ(content(memory, "a"), "k=1, counted: 1");
    EXPECT_EQ(memory.increment("a", "k"), 2);
    return code;
  }
};

TEST_F(BlockedWrite, EndsAfterStatementTimeoutAndLeavesNothing) {
  PostgresqlOptions limited = options();
  limited.statement_timeout = milliseconds(300);
  Memory memory = open_postgresql(limited);
  EXPECT_EQ(code_of_blocked(memory, {}, nullptr), ErrorCode::deadline_exceeded);
}

TEST_F(BlockedWrite, EndsAtTheDeadlineOfItsContextAndLeavesNothing) {
  Memory memory = open_postgresql(options());
  EXPECT_EQ(code_of_blocked(memory, with_deadline_in(milliseconds(300)), nullptr),
            ErrorCode::deadline_exceeded);
}

TEST_F(BlockedWrite, EndsWhenItIsToldToStopAndLeavesNothing) {
  Memory memory = open_postgresql(options());
  std::stop_source stop;
  EXPECT_EQ(code_of_blocked(memory, with_stop(stop), &stop), ErrorCode::cancelled);
}

class Conflict : public FailureTest {
 protected:
  static void write_all_kinds(Memory& memory) {
    memory.set("a", "k", 1);
    memory.increment("a", "n");
    WriteBatch batch;
    batch.increment("a", "n", 1).set("a", "b", 1);
    memory.write(batch);
    WriteBatch repeated;
    repeated.increment("a", "n", 1).increment("a", "n", 1);
    memory.write(repeated);
    memory.transaction([](Transaction& t) { t.increment("a", "n"); });
  }
};

TEST_F(Conflict, PassesByRepetition) {
  Memory memory = open_postgresql(options());
  for (const char* state : {"40001", "40P01", "55P03", "23505"}) {
    refuse_changes(state, 3);
    memory.set("a", state, 1);
    EXPECT_EQ(memory.increment("a", "n"), 1);
    refuse_changes(state, 3);
    WriteBatch batch;
    batch.increment("a", "n", 1).set("a", "b", 1);
    EXPECT_TRUE(memory.write(batch).applied);
    refuse_changes(state, 3);
    WriteBatch repeated;
    repeated.increment("a", "n", 1).increment("a", "n", 1);
    EXPECT_EQ(memory.write(repeated).results.back().number, 4);
    refuse_changes(state, 3);
    memory.transaction([](Transaction& t) { t.increment("a", "n"); });
    EXPECT_EQ(memory.get("a", "n"), MemoryValue(5));
    refuse_changes(state, 3);
    EXPECT_EQ(memory.clear(Scope("a")), 3U);
  }
}

TEST_F(Conflict, ThatDoesNotPassIsAbortedAndNothingIsChanged) {
  PostgresqlOptions impatient = options();
  for (const milliseconds retry_for : {milliseconds(0), milliseconds(50)}) {
    impatient.retry_for = retry_for;
    Memory memory = open_postgresql(impatient);
    write_all_kinds(memory);
    const std::string before = content(memory, "a");
    for (const char* state : {"40001", "40P01", "55P03", "23505"}) {
      refuse_changes(state, -1);
      const auto error = error_thrown_by([&] { memory.set("a", "k", 2); });
      ASSERT_NE(error, nullptr);
      EXPECT_EQ(error->code(), ErrorCode::aborted) << state;
      EXPECT_TRUE(error->retryable());
      EXPECT_THAT(error->what(), HasSubstr("retry_for"));
      EXPECT_EQ(code_thrown_by([&] { memory.clear(Scope("a")); }), ErrorCode::aborted);
      WriteBatch repeated;
      repeated.increment("a", "n", 1).increment("a", "n", 1);
      EXPECT_EQ(code_thrown_by([&] { memory.write(repeated); }), ErrorCode::aborted);
      EXPECT_EQ(content(memory, "a"), before);
    }
    refuse_no_changes();
    memory.clear(Scope("a"));
  }
}

TEST_F(Conflict, EndsByTheContextBeforeRetryFor) {
  PostgresqlOptions patient = options();
  patient.retry_for = hours(1);
  Memory memory = open_postgresql(patient);
  refuse_changes("40001", -1);
  EXPECT_EQ(
      code_thrown_by([&] { memory.set("a", "k", 1, {}, with_deadline_in(milliseconds(100))); }),
      ErrorCode::deadline_exceeded);
  std::stop_source stop;
  auto write = in_background(
      [&] { return code_thrown_by([&] { memory.set("a", "k", 1, {}, with_stop(stop)); }); });
  stop.request_stop();
  EXPECT_EQ(write.get(), ErrorCode::cancelled);
  refuse_no_changes();
  EXPECT_EQ(content(memory, "a"), "counted: 0");
}

TEST_F(Conflict, OfADeadlockIsSettledAndTheWriteAppliedOnce) {
  Memory memory = open_postgresql(options());
  memory.set("a", "first", 0);
  memory.set("a", "second", 0);
  std::future<BatchResult> write;
  const auto rival = holding_entry("second");
  write = in_background([&] {
    WriteBatch batch;
    batch.increment("a", "first", 1).increment("a", "second", 1);
    return memory.write(batch);
  });
  wait_until_blocked();
  // Either of the two is the one that the server ends.
  try {
    execute(*rival, "SELECT FROM @schema@.entry WHERE key = 'first' FOR UPDATE");
  } catch (const EngineError& error) {
    EXPECT_EQ(error.sqlstate(), "40P01");
  }
  execute(*rival, "ROLLBACK");
  EXPECT_TRUE(write.get().applied);
  EXPECT_EQ(content(memory, "a"), "first=1, second=1, counted: 2");
}

TEST_F(Conflict, OfTwoWhoMakeTheSameEntryIsSettled) {
  Memory memory = open_postgresql(options());
  std::future<BatchResult> write;
  std::future<std::int64_t> increment;
  const auto rival = holding(
      "INSERT INTO @schema@.entry VALUES ('a', 'n', nextval('@schema@.revision'), "
      "currval('@schema@.revision'), 0, 0, NULL, 3, '5');"
      "SELECT @schema@.add_tally('a', 1, 3)");
  write = in_background([&] {
    WriteBatch batch;
    batch.set("a", "b", 1).increment("a", "n", 10);
    return memory.write(batch);
  });
  increment = in_background([&] { return memory.increment("a", "n", 100); });
  wait_until_blocked(2);
  execute(*rival, "COMMIT");
  const BatchResult result = write.get();
  EXPECT_EQ(result.results.at(1).status, WriteStatus::updated);
  increment.get();
  EXPECT_EQ(content(memory, "a"), "b=1, n=115, counted: 2");
}

}  // namespace
}  // namespace holdfast::postgresql
