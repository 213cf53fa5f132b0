// Backup, compaction, checks, checkpoints and erasing for good.
#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <thread>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteMaintenance : public SqliteTest {
 protected:
  void execute(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
  static void fill(Memory& memory, int count, const std::string& text) {
    WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      batch.set("notes/" + std::to_string(i % 7), "key" + std::to_string(i),
                text + std::to_string(i));
    }
    memory.write(batch);
  }
};

TEST_F(SqliteMaintenance, ABackupIsAStoreOfOneInstantWhileOthersWrite) {
  Memory memory = open();
  fill(memory, 3000, std::string(400, 'x'));
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    // Both sides of a pair have the same number in every state.
    for (int i = 0; !done; ++i) {
      WriteBatch batch;
      batch.set("pair", "left", i).set("pair", "right", i);
      memory.write(batch);
    }
  });
  std::uint64_t last = 0;
  std::uint64_t total = 0;
  memory.maintenance().backup(path("copy.db"),
                              [&](const Maintenance::Progress& progress) {
                                EXPECT_GE(progress.done, last);
                                last = progress.done;
                                total = progress.total;
                              },
                              {});
  done = true;
  writer.join();
  EXPECT_EQ(last, total);
  EXPECT_GT(total, 100U);
  Memory copy = open("copy.db");
  EXPECT_TRUE(copy.maintenance().check_integrity({}).ok);
  EXPECT_EQ(copy.get("pair", "left"), copy.get("pair", "right"));
  EXPECT_EQ(copy.count(Scope{"notes", true}), 3000U);
}

TEST_F(SqliteMaintenance, ABackupReplacesNothingAndLeavesNoPart) {
  Memory memory = open();
  fill(memory, 2000, std::string(400, 'x'));
  write_file(path("there"), "mine");
  EXPECT_EQ(code_thrown_by([&] { memory.maintenance().backup(path("there"), {}, {}); }),
            ErrorCode::failed_precondition);
  EXPECT_EQ(bytes_of(path("there")), "mine");
  EXPECT_EQ(code_thrown_by([&] { memory.maintenance().backup(path("no/such/folder"), {}, {}); }),
            ErrorCode::failed_precondition);
  EXPECT_EQ(code_thrown_by([&] { memory.maintenance().backup("", {}, {}); }),
            ErrorCode::invalid_argument);
  EXPECT_THROW(memory.maintenance().backup(
                   path("partial.db"), [](const auto&) { throw std::runtime_error("stop"); }, {}),
               std::runtime_error);
  std::stop_source stop;
  stop.request_stop();
  Context cancelled;
  cancelled.stop = stop.get_token();
  EXPECT_EQ(code_thrown_by([&] { memory.maintenance().backup(path("c.db"), {}, cancelled); }),
            ErrorCode::cancelled);
  for (const auto& file : fs::directory_iterator(folder_)) {
    EXPECT_TRUE(file.path().filename() == "there" ||
                file.path().filename().string().starts_with("store.db"))
        << file.path();
  }
}

TEST_F(SqliteMaintenance, CompactingGivesSpaceBack) {
  Memory memory = open();
  fill(memory, 3000, std::string(1000, 'x'));
  memory.maintenance().checkpoint({});
  const auto before = fs::file_size(path());
  EXPECT_EQ(memory.clear(Scope{"notes", true}), 3000U);
  memory.set("a", "k", 1);
  memory.maintenance().compact({});
  EXPECT_LT(fs::file_size(path()) * 4, before);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(1));
  EXPECT_EQ(memory.stats().details["free_bytes"], MemoryValue(0));
}

TEST_F(SqliteMaintenance, ACheckpointEmptiesTheLog) {
  Memory memory = open();
  fill(memory, 100, std::string(1000, 'x'));
  EXPECT_GT(fs::file_size(path() + "-wal"), 0U);
  memory.maintenance().checkpoint({});
  EXPECT_EQ(fs::file_size(path() + "-wal"), 0U);
}

TEST_F(SqliteMaintenance, TheLogStaysBounded) {
  SqliteOptions fast = options();
  fast.durability = SqliteDurability::normal;
  Memory memory = open_sqlite(fast);
  for (int round = 0; round < 60; ++round) {
    fill(memory, 1000, std::string(900, static_cast<char>('a' + round % 26)));
    EXPECT_LT(fs::file_size(path() + "-wal"), std::uintmax_t{80} << 20);
  }
}

TEST_F(SqliteMaintenance, ErasedTextIsGoneFromTheRawFiles) {
  SqliteOptions secure = options();
  secure.secure_erase = true;
  Memory memory = open_sqlite(secure);
  const auto raw = [&] { return bytes_of(path()) + bytes_of(path() + "-wal"); };
  memory.configure_search("notes", SearchConfig::texts({""}));
  fill(memory, 300, "SECRET whisperings " + std::string(300, 's'));
  memory.set("large", "k", "SECRET" + std::string(20'000, 's'));
  memory.set("short-lived", "k", "SECRET", {.ttl = std::chrono::seconds(1)});
  memory.set("kept", "k", "VISIBLE");
  ASSERT_NE(raw().find("SECRET"), std::string::npos);
  ASSERT_NE(raw().find("whisper"), std::string::npos);
  for (int i = 0; i < 300; i += 2) {
    EXPECT_EQ(memory.erase("notes/" + std::to_string(i % 7), "key" + std::to_string(i)).status,
              WriteStatus::erased);
  }
  memory.erase("large", "k");
  memory.clear(Scope{"notes", true});
  clock_->advance(std::chrono::seconds(1));
  EXPECT_EQ(memory.sweep(), 1U);
  EXPECT_EQ(raw().find("SECRET"), std::string::npos);
  EXPECT_EQ(raw().find("whisper"), std::string::npos);
  EXPECT_NE(raw().find("VISIBLE"), std::string::npos);
}

TEST_F(SqliteMaintenance, TheCheckFindsWhatIsWrong) {
  {
    Memory memory = open();
    fill(memory, 10, "x");
    memory.set("large", "k", std::string(5000, 'x'));
    EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
  }
  const auto expect_found = [&](const std::string& damage, const std::string& words) {
    fs::copy_file(path(), path("whole"), fs::copy_options::overwrite_existing);
    execute(damage);
    {
      const auto report = open().maintenance().check_integrity({});
      EXPECT_FALSE(report.ok) << damage;
      ASSERT_FALSE(report.problems.empty()) << damage;
      EXPECT_NE(report.problems.front().find(words), std::string::npos) << report.problems.front();
    }
    fs::copy_file(path("whole"), path(), fs::copy_options::overwrite_existing);
  };
  expect_found("UPDATE namespace SET entries = entries + 1 WHERE path = 'notes/1'", "notes/1");
  expect_found("UPDATE counter SET bytes = 1", "the store counts");
  expect_found("DELETE FROM large_value", "lacks its large value");
  expect_found("INSERT INTO large_value VALUES (77, 'null')", "belongs to no entry");
  expect_found("UPDATE entry SET value = '{\"a\" :1}' WHERE key = 'key1'", "bytes but has");
  expect_found("UPDATE entry SET value = '[xx' || substr(value, 4) WHERE key = 'key1'", "key1");
  expect_found("UPDATE counter SET last_revision = 1", "greater than");
}

TEST_F(SqliteMaintenance, PeopleReadTheStoreWithTheShell) {
  {
    Memory memory = open();
    memory.set("users/42", "name", MemoryValue::map({{"first", "Ada"}}));
    memory.set("users/42", "long", std::string(5000, 'x'), {.ttl = std::chrono::hours(1)});
  }
  SQLite::Database database(path());
  SQLite::Statement rows(database,
                         "SELECT namespace, key, value ->> '$.first', created_at FROM entries "
                         "WHERE key = 'name'");
  ASSERT_TRUE(rows.executeStep());
  EXPECT_EQ(rows.getColumn(0).getString(), "users/42");
  EXPECT_EQ(rows.getColumn(2).getString(), "Ada");
  EXPECT_EQ(rows.getColumn(3).getString(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(database.execAndGet("SELECT length(value) FROM entries WHERE key = 'long'").getInt(),
            5002);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM large_value").getInt(), 1);
}

}  // namespace
}  // namespace holdfast::sqlite_tests
