// A server that goes and comes back: in clusters of these tests' own.
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "failure_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using testing::PostgresqlServer;
using Mode = PostgresqlServer::Mode;

// The machine goes on: what the server has written is kept.
testing::PostgresqlServerOptions quick() {
  testing::PostgresqlServerOptions options;
  options.durable = false;
  return options;
}

// One thread's writes, and what it was told of them.
class LoadingWriter {
 public:
  LoadingWriter(Memory& memory, int number)
      : memory_(memory), counter_("counter" + std::to_string(number)) {}

  void run(const std::atomic<bool>& stop) {
    for (int i = 0; !stop; ++i) {
      const std::string key = counter_ + ":" + std::to_string(i);
      try {
        // One statement, one of many operations, or several statements.
        WriteBatch batch;
        batch.set("load", key, i, {.precondition = Precondition::if_absent()});
        if (i % 3 > 0) batch.increment("load", counter_, 1);
        if (i % 3 > 1) batch.increment("load", "shared", 1).increment("load", "shared", 1);
        const BatchResult result = memory_.write(batch);
        EXPECT_TRUE(result.applied) << key << " was there before";
        for (const WriteResult& one : result.results) revisions_.push_back(one.revision);
        count(i);
        keys_.push_back(key);
        ++acknowledged_;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::commit_unknown) {
          unknown_.emplace(i, error.token());
        } else {
          EXPECT_EQ(error.code(), ErrorCode::unavailable) << error.what() << error.cause();
          failed_.push_back(key);
        }
      }
    }
  }

  // With the server back: decides what was unknown, and compares all with what lies there.
  void expect_all_is_there() {
    for (const auto& [i, token] : unknown_) {
      const auto applied = memory_.resolve(token);
      ASSERT_TRUE(applied.has_value());
      const std::string key = counter_ + ":" + std::to_string(i);
      (*applied ? keys_ : failed_).push_back(key);
      if (*applied) count(i);
    }
    for (const std::string& key : keys_) EXPECT_TRUE(memory_.exists("load", key)) << key;
    for (const std::string& key : failed_) EXPECT_FALSE(memory_.exists("load", key)) << key;
    EXPECT_EQ(memory_.get("load", counter_).value_or(MemoryValue(0)), MemoryValue(own_));
  }
  [[nodiscard]] int acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::int64_t shared() const { return shared_; }
  [[nodiscard]] std::size_t entries() const { return keys_.size() + (own_ > 0 ? 1 : 0); }
  [[nodiscard]] const std::vector<Revision>& revisions() const { return revisions_; }

 private:
  void count(int i) {
    own_ += i % 3 > 0 ? 1 : 0;
    shared_ += i % 3 > 1 ? 2 : 0;
  }

  Memory& memory_;
  const std::string counter_;
  std::atomic<int> acknowledged_{0};
  std::int64_t own_ = 0;
  std::int64_t shared_ = 0;
  std::vector<std::string> keys_;
  std::vector<std::string> failed_;
  std::map<int, CommitToken> unknown_;
  std::vector<Revision> revisions_;
};

TEST(RestartedServer, KeepsEveryAcknowledgedWriteOfConcurrentWritersAndNoneTwice) {
  PostgresqlServer server(quick());
  Memory memory = open_postgresql({.connection = server.url()});
  std::vector<std::unique_ptr<LoadingWriter>> writers;
  std::atomic<bool> stop{false};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      writers.push_back(std::make_unique<LoadingWriter>(memory, i));
      threads.emplace_back([&stop, writer = writers.back().get()] { writer->run(stop); });
    }
    const auto acknowledged = [&] {
      int sum = 0;
      for (const auto& writer : writers) sum += writer->acknowledged();
      return sum;
    };
    for (const Mode mode : {Mode::fast, Mode::immediate}) {
      const int before = acknowledged();
      wait_until([&] { return acknowledged() >= before + 60; });
      server.restart(mode);
    }
    const int before = acknowledged();
    wait_until([&] { return acknowledged() >= before + 60; });
    stop = true;
  }
  std::int64_t shared = 0;
  std::size_t entries = 1;
  std::set<Revision> revisions;
  for (const auto& writer : writers) {
    writer->expect_all_is_there();
    shared += writer->shared();
    entries += writer->entries();
    for (const Revision revision : writer->revisions()) {
      EXPECT_TRUE(revisions.insert(revision).second) << "given twice: " << revision;
    }
  }
  EXPECT_EQ(memory.get("load", "shared"), MemoryValue(shared));
  EXPECT_EQ(memory.count(Scope("load")), entries);
  EXPECT_EQ(memory.stats().entries, entries);
}

// A server that keeps in memory what need not be on disk, so that a crash takes as much as it can.
testing::PostgresqlServerOptions forgetful() {
  testing::PostgresqlServerOptions options = quick();
  options.settings = {"wal_writer_delay = 10s", "wal_writer_flush_after = 1GB",
                      "synchronous_commit = off", "autovacuum = off"};
  return options;
}

TEST(CrashedServer, NeverGivesARevisionAgainThatWasAcknowledgedBefore) {
  PostgresqlServer server(forgetful());
  Memory memory =
      open_postgresql({.connection = server.url(), .durability = PostgresqlDurability::normal});
  std::set<Revision> given;
  Revision greatest = 0;
  const auto write = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const WriteResult result = memory.set("a", std::to_string(i), i);
      EXPECT_TRUE(given.insert(result.revision).second) << "given twice: " << result.revision;
      EXPECT_GT(result.revision, greatest);
      greatest = result.revision;
      EXPECT_EQ(memory.get_entry("a", std::to_string(i))->revision, result.revision);
    }
  };
  write(100);
  for (int crash = 0; crash < 2; ++crash) {
    server.restart(Mode::immediate);
    // Which looks at once for what is to be written, and then not for a long time.
    wait_until([&] {
      return server.execute(
                 "SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'walwriter'") ==
             "WalWriterMain";
    });
    write(50);
    EXPECT_GE(memory.stable_revision(), greatest);
    EXPECT_EQ(memory.changes(0).changes.back().revision, greatest);
    EXPECT_EQ(memory.count(Scope("a")), static_cast<std::uint64_t>(std::stoll(server.execute(
                                            "SELECT count(*) FROM holdfast.entry"))));
  }
}

TEST(CrashedServer, KeepsWithFullDurabilityWhatItsOwnSettingsWouldForget) {
  PostgresqlServer server(forgetful());
  Memory memory = open_postgresql({.connection = server.url()});
  for (int crash = 1; crash <= 2; ++crash) {
    for (int i = 0; i < 30; ++i) memory.increment("a", "n");
    WriteBatch batch;
    batch.increment("a", "n", 1).increment("a", "n", 1);
    memory.write(batch);
    server.restart(Mode::immediate);
    EXPECT_EQ(memory.get("a", "n"), MemoryValue(crash * 32));
  }
}

// The first write after a crash finds out about it. That is nobody else's write that it met.
TEST(CrashedServer, LetsTheFirstWriteAfterItThroughHoweverShortRetriesAre) {
  PostgresqlServer server(quick());
  Memory memory =
      open_postgresql({.connection = server.url(), .retry_for = std::chrono::milliseconds(0)});
  for (int i = 0; i < 2; ++i) {
    memory.set("a", "k", i);
    server.restart(Mode::immediate);
    wait_until([&] { return memory.health().ok; });
    EXPECT_EQ(memory.set("a", "k", 10 + i).status, WriteStatus::updated);
    EXPECT_EQ(memory.get("a", "k"), MemoryValue(10 + i));
  }
}

TEST(StoppedServer, IsReportedByHealthAndAllIsWellWhenItIsBack) {
  PostgresqlServer server(quick());
  Memory memory = open_postgresql({.connection = server.url()});
  memory.set("a", "k", 1);
  EXPECT_TRUE(memory.health().ok);
  server.stop();
  const Health health = memory.health();
  EXPECT_FALSE(health.ok);
  EXPECT_NE(health.message, "");
  const Health limited = memory.health(with_deadline_in(std::chrono::milliseconds(50)));
  EXPECT_FALSE(limited.ok);
  EXPECT_NE(limited.message, "");
  EXPECT_EQ(code_thrown_by([&] { memory.set("a", "k", 2); }), ErrorCode::unavailable);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(memory.get("a", "k")); }),
            ErrorCode::unavailable);
  server.start();
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(1));
  EXPECT_TRUE(memory.health().ok);
}

}  // namespace
}  // namespace holdfast::postgresql
