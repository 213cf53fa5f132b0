// Commits whose sync fails, by a VFS that fails on demand.
#include <sqlite3.h>

#include <atomic>
#include <barrier>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

std::atomic<bool> log_sync_fails{false};
std::atomic<bool> log_write_fails{false};
std::atomic<bool> opening_fails{false};
sqlite3_vfs* real_vfs = nullptr;
sqlite3_io_methods log_methods;
int (*real_sync)(sqlite3_file*, int) = nullptr;
int (*real_write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;

int failing_sync(sqlite3_file* file, int flags) {
  // Once: what is synced afterwards is synced.
  if (log_sync_fails.exchange(false)) return SQLITE_IOERR_FSYNC;
  return real_sync(file, flags);
}

// Once: nothing of the transaction is in the log then.
int failing_write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  if (log_write_fails.exchange(false)) return SQLITE_IOERR_WRITE;
  return real_write(file, bytes, count, offset);
}

int failing_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if (opening_fails) return SQLITE_CANTOPEN;
  const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
    // The log's file alone gets methods of ours: a copy with another xSync.
    if (file->pMethods->xSync != failing_sync) {
      real_sync = file->pMethods->xSync;
      real_write = file->pMethods->xWrite;
      std::memcpy(&log_methods, file->pMethods, sizeof log_methods);
      log_methods.xSync = failing_sync;
      log_methods.xWrite = failing_write;
    }
    file->pMethods = &log_methods;
  }
  return code;
}

class SqliteCommitFailure : public SqliteTest {
 protected:
  SqliteCommitFailure() {
    real_vfs = sqlite3_vfs_find(nullptr);
    failing_vfs_ = *real_vfs;
    failing_vfs_.pNext = nullptr;
    failing_vfs_.zName = "failing";
    failing_vfs_.xOpen = failing_open;
    sqlite3_vfs_register(&failing_vfs_, 1);
  }
  ~SqliteCommitFailure() override {
    sqlite3_vfs_unregister(&failing_vfs_);
    sqlite3_vfs_register(real_vfs, 1);
    log_sync_fails = false;
    log_write_fails = false;
    opening_fails = false;
  }
  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }

  sqlite3_vfs failing_vfs_{};
};

TEST_F(SqliteCommitFailure, WhatTheErrorSaysIsWhatTheFileHolds) {
  for (const bool with_reader : {false, true}) {
    const std::string name = with_reader ? "with.db" : "without.db";
    bool applied = true;
    {
      Memory memory = open(name);
      memory.set("a", "before", 1);
      if (with_reader) {
        EXPECT_TRUE(memory.exists("a", "before"));
      }
      log_sync_fails = true;
      try {
        memory.set("a", "doubtful", 1);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unavailable) << error.what();
        applied = false;
      }
      EXPECT_EQ(memory.exists("a", "doubtful"), applied);
      memory.set("a", "after", 1);
      EXPECT_EQ(memory.exists("a", "doubtful"), applied);
    }
    Memory memory = open(name);
    EXPECT_EQ(memory.exists("a", "doubtful"), applied);
    EXPECT_TRUE(memory.exists("a", "after"));
    expect_sound(memory);
  }
}

TEST_F(SqliteCommitFailure, AnUnknownOutcomeIsResolvedOnceTheFileOpensAgain) {
  Memory memory = open();
  memory.set("a", "before", 1);
  log_sync_fails = true;
  opening_fails = true;
  CommitToken token;
  try {
    memory.set("a", "doubtful", 1);
    ADD_FAILURE() << "the commit was reported as done";
  } catch (const Error& error) {
    ASSERT_EQ(error.code(), ErrorCode::commit_unknown) << error.what();
    EXPECT_FALSE(error.retryable());
    token = error.token();
  }
  EXPECT_EQ(memory.resolve(token), std::nullopt);
  // Nothing is served meanwhile.
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(memory.get("a", "before")); }),
            ErrorCode::unavailable);
  EXPECT_EQ(code_thrown_by([&] { memory.set("a", "more", 1); }), ErrorCode::unavailable);
  opening_fails = false;
  const auto outcome = memory.resolve(token);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(memory.exists("a", "doubtful"), *outcome);
  EXPECT_EQ(memory.resolve(token), outcome);
  memory.set("a", "after", 1);
  expect_sound(memory);
  memory.close();
  EXPECT_EQ(open().exists("a", "doubtful"), *outcome);
}

// Writers of one group see each other's writes before they are committed.
TEST_F(SqliteCommitFailure, NobodyIsToldOfAWriteOfTheGroupThatWasNotCommitted) {
  Memory memory = open();
  constexpr int threads = 8;
  for (int round = 0; round < 40; ++round) {
    const std::string key = std::to_string(round);
    std::atomic<int> created{0};
    std::atomic<int> unmet{0};
    std::barrier start(threads);
    std::vector<std::jthread> running;
    log_write_fails = true;
    for (int thread = 0; thread < threads; ++thread) {
      running.emplace_back([&] {
        start.arrive_and_wait();
        try {
          // One wins, and is the first of a group that fails.
          const auto result = memory.set("a", key, 1, {.precondition = Precondition::if_absent()});
          ++(result.applied() ? created : unmet);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::unavailable) << error.what();
        }
      });
    }
    running.clear();
    ASSERT_EQ(memory.exists("a", key), created == 1);
    ASSERT_TRUE(created == 1 || unmet == 0)
        << unmet << " were told that the key is there, and it never was, in round " << round;
  }
  expect_sound(memory);
}

}  // namespace
}  // namespace holdfast::sqlite_tests
