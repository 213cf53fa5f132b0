// Concurrent writers, committed together.
#include <atomic>
#include <barrier>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

constexpr int threads = 16;

class SqliteGroupCommit : public SqliteTest {
 protected:
  template <typename Body>
  static void run_threads(Body&& body) {
    std::barrier start(threads);
    std::vector<std::jthread> running;
    for (int thread = 0; thread < threads; ++thread) {
      running.emplace_back([&, thread] {
        start.arrive_and_wait();
        body(thread);
      });
    }
  }
  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }
};

TEST_F(SqliteGroupCommit, EveryWriteHasItsOwnRevisionAndIsThere) {
  Memory memory = open();
  std::mutex mutex;
  std::set<Revision> revisions;
  run_threads([&](int thread) {
    Revision last = 0;
    for (int i = 0; i < 50; ++i) {
      const std::string key = std::to_string(thread) + "-" + std::to_string(i);
      const WriteResult result = memory.set("ns" + std::to_string(thread % 3), key, i);
      EXPECT_EQ(result.status, WriteStatus::created);
      EXPECT_GT(result.revision, last);
      last = result.revision;
      EXPECT_EQ(memory.get("ns" + std::to_string(thread % 3), key), MemoryValue(i));
      const std::lock_guard lock(mutex);
      revisions.insert(result.revision);
    }
  });
  EXPECT_EQ(revisions.size(), 800U);
  EXPECT_EQ(memory.count(Scope{{}, true}), 800U);
  EXPECT_EQ(memory.stats().last_revision, 800);
  expect_sound(memory);
}

TEST_F(SqliteGroupCommit, OnesFailureLeavesTheOthersAlone) {
  Memory memory = open();
  memory.set("a", "text", "no number");
  std::atomic<int> refused{0};
  std::atomic<int> unmet{0};
  run_threads([&](int thread) {
    for (int i = 0; i < 30; ++i) {
      const std::string key = std::to_string(thread) + "-" + std::to_string(i);
      if (thread % 4 == 0) {
        try {
          memory.increment("a", "text");
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
          ++refused;
        }
      } else if (thread % 4 == 1) {
        // Writes first, fails then.
        WriteBatch batch;
        batch.set("b", key, i).set("b", "never", i, {.precondition = Precondition::if_present()});
        const BatchResult result = memory.write(batch);
        EXPECT_FALSE(result.applied);
        EXPECT_EQ(result.failed, 1U);
        ++unmet;
      } else if (thread % 4 == 2) {
        WriteBatch batch;
        batch.set("c", key, i).increment("a", "text", 1);
        EXPECT_EQ(code_thrown_by([&] { memory.write(batch); }), ErrorCode::failed_precondition);
      } else {
        memory.set("d", key, i);
      }
    }
  });
  EXPECT_EQ(refused, 120);
  EXPECT_EQ(unmet, 120);
  EXPECT_EQ(memory.count(Scope{"b", false}), 0U);
  EXPECT_EQ(memory.count(Scope{"c", false}), 0U);
  EXPECT_EQ(memory.count(Scope{"d", false}), 120U);
  EXPECT_EQ(memory.get("a", "text"), MemoryValue("no number"));
  expect_sound(memory);
}

TEST_F(SqliteGroupCommit, IncrementsAndComparedWritesAreNotLost) {
  Memory memory = open();
  memory.set("a", "compared", 0);
  run_threads([&](int) {
    for (int i = 0; i < 20; ++i) {
      memory.increment("a", "counter");
      bool done = false;
      while (!done) {
        const auto entry = memory.get_entry("a", "compared");
        ASSERT_TRUE(entry);
        done = memory
                   .set("a", "compared", entry->value.get<std::int64_t>() + 1,
                        {.precondition = Precondition::if_revision(entry->revision)})
                   .applied();
      }
    }
  });
  EXPECT_EQ(memory.get("a", "counter"), MemoryValue(threads * 20));
  EXPECT_EQ(memory.get("a", "compared"), MemoryValue(threads * 20));
}

TEST_F(SqliteGroupCommit, LimitsHoldUnderRaces) {
  SqliteOptions limited = options();
  limited.max_entries = 100;
  Memory memory = open_sqlite(limited);
  std::atomic<int> created{0};
  run_threads([&](int thread) {
    for (int i = 0; i < 20; ++i) {
      try {
        memory.set("a", std::to_string(thread) + "-" + std::to_string(i), i);
        ++created;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::resource_exhausted);
      }
      EXPECT_LE(memory.count(Scope{{}, true}), 100U);
    }
  });
  EXPECT_EQ(created, 100);
  EXPECT_EQ(memory.count(Scope{{}, true}), 100U);
  expect_sound(memory);
}

TEST_F(SqliteGroupCommit, ABatchIsSeenWholeOrNotAtAll) {
  Memory memory = open();
  std::atomic<bool> done{false};
  std::jthread reader([&] {
    const std::vector<Address> addresses{{"left", "k"}, {"right", "k"}};
    while (!done) {
      const auto seen = memory.get_many(addresses);
      ASSERT_EQ(seen[0].has_value(), seen[1].has_value());
      if (seen[0]) {
        EXPECT_EQ(seen[0]->value, seen[1]->value);
      }
    }
  });
  run_threads([&](int thread) {
    for (int i = 0; i < 20; ++i) {
      WriteBatch batch;
      batch.set("left", "k", thread * 1000 + i).set("right", "k", thread * 1000 + i);
      memory.write(batch);
    }
  });
  done = true;
}

TEST_F(SqliteGroupCommit, MoreReadersThanConnectionsTakeTurns) {
  SqliteOptions few = options();
  few.readers = 1;
  Memory memory = open_sqlite(few);
  memory.set("a", "k", 1);
  run_threads([&](int) {
    for (int i = 0; i < 50; ++i) EXPECT_EQ(memory.get("a", "k"), MemoryValue(1));
  });
}

TEST_F(SqliteGroupCommit, WhatIsGivenUpWhileItWaitsIsNotApplied) {
  Memory memory = open();
  std::atomic<int> given_up{0};
  run_threads([&](int thread) {
    for (int i = 0; i < 60; ++i) {
      const std::string key = std::to_string(thread) + "-" + std::to_string(i);
      std::stop_source source;
      Context context;
      if (thread % 4 == 0) {
        context.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(20 * i);
      }
      if (thread % 4 == 1) context.stop = source.get_token();
      const std::jthread stopper([&] { source.request_stop(); });
      bool written = true;
      try {
        memory.set("a", key, i, {}, context);
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::deadline_exceeded ||
                    error.code() == ErrorCode::cancelled);
        written = false;
        ++given_up;
      }
      EXPECT_EQ(memory.exists("a", key), written);
    }
  });
  EXPECT_EQ(memory.count(Scope{"a", false}), static_cast<std::uint64_t>(960 - given_up));
  expect_sound(memory);
}

TEST_F(SqliteGroupCommit, UpkeepGoesOnBesideWriters) {
  Memory memory = open();
  run_threads([&](int thread) {
    for (int i = 0; i < 10; ++i) {
      memory.set("a", std::to_string(thread) + "-" + std::to_string(i), std::string(3000, 'x'));
      if (thread == 0) memory.maintenance().checkpoint({});
      if (thread == 1 && i == 5) memory.maintenance().compact({});
      if (thread == 2) memory.sweep();
      if (thread == 3) {
        EXPECT_TRUE(memory.health().ok);
      }
      if (thread == 4) {
        EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
      }
    }
  });
  EXPECT_EQ(memory.count(Scope{"a", false}), 160U);
}

}  // namespace
}  // namespace holdfast::sqlite_tests
