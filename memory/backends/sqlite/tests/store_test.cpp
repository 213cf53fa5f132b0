// What is particular to this store: plans of statements, revisions across crashes, the change log,
// expiry and limits together with counters.
#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

#include "connection.hpp"
#include "rows.hpp"
#include "sqlite_fixture.hpp"
#include "writer.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteStore : public SqliteTest {
 protected:
  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }
};

TEST_F(SqliteStore, NoScanReadsMoreThanItDeliversNorSorts) {
  open().set("a", "k", 1);
  const SQLite::Database database(path());
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const bool descending : {false, true}) {
      for (const int form : {0, 1, 2, 3}) {
        const sqlite::ScanShape shape{order, descending, true, false, form % 2 == 1, form > 1};
        SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + shape.sql());
        while (plan.executeStep()) {
          const std::string step = plan.getColumn(3).getString();
          EXPECT_TRUE(step.starts_with("SEARCH")) << step << " in " << shape.sql();
        }
      }
    }
  }
  for (const std::string direction : {"", " DESC"}) {
    SQLite::Statement plan(database,
                           "EXPLAIN QUERY PLAN SELECT id, path, entries FROM namespace WHERE "
                           "path >= ?1 AND path < ?2 ORDER BY path" +
                               direction);
    while (plan.executeStep()) {
      EXPECT_TRUE(plan.getColumn(3).getString().starts_with("SEARCH"))
          << plan.getColumn(3).getString();
    }
  }
}

TEST_F(SqliteStore, SubtreesComeInOrderWhicheverItIs) {
  Memory memory = open();
  // '-' sorts before '/', and so "a-b" between "a" and "a/b".
  const std::vector<std::string> paths{"a", "a-b", "a/b", "a/b/c", "ab", "b"};
  for (int i = 0; i < 60; ++i) {
    const auto at = static_cast<std::size_t>(i * 7 % 6);
    memory.set(paths[at], "k" + std::to_string(i * 13 % 60), i);
  }
  for (int i = 0; i < 60; i += 5) {
    memory.set(paths[static_cast<std::size_t>(i * 7 % 6)], "k" + std::to_string(i * 13 % 60), -i);
  }
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      MemoryQuery query;
      query.scope = {"a", true};
      query.order = order;
      query.direction = direction;
      query.limit = 7;
      std::vector<Entry> seen;
      do {
        Page page = memory.query(query);
        seen.insert(seen.end(), page.entries.begin(), page.entries.end());
        query.cursor = page.cursor;
      } while (!query.cursor.empty());
      EXPECT_EQ(seen.size(), memory.count(Scope{"a", true}));
      const auto in_order = [&](const Entry& x, const Entry& y) {
        if (order == OrderBy::created) return x.created_revision < y.created_revision;
        if (order == OrderBy::updated) return x.revision < y.revision;
        return std::pair(x.ns, x.key) < std::pair(y.ns, y.key);
      };
      if (direction == Direction::ascending) {
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(), in_order));
      } else {
        EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend(), in_order));
      }
      for (const Entry& entry : seen) EXPECT_NE(entry.ns.text(), "a-b");
    }
  }
}

TEST_F(SqliteStore, ValuesMoveBetweenTheTablesAsTheyGrowAndShrink) {
  Memory memory = open();
  for (const std::size_t size : {10UL, 5000UL, 1498UL, 1499UL, 100'000UL, 3UL}) {
    memory.set("a", "k", std::string(size, 'x'));
    EXPECT_EQ(memory.get("a", "k"), MemoryValue(std::string(size, 'x')));
    expect_sound(memory);
  }
  memory.set("a", "k", std::string(5000, 'x'));
  memory.touch("a", "k", std::chrono::seconds(1));
  EXPECT_EQ(memory.take("a", "k")->value, MemoryValue(std::string(5000, 'x')));
  memory.set("a", "k", std::string(5000, 'y'), {.ttl = std::chrono::seconds(1)});
  clock_->advance(std::chrono::seconds(2));
  memory.set("a", "k", 1);
  expect_sound(memory);
}

TEST_F(SqliteStore, ExpiredEntriesAreCountedNowhere) {
  Memory memory = open();
  for (int i = 0; i < 10; ++i) {
    memory.set("a/" + std::to_string(i), "k", i, {.ttl = std::chrono::seconds(i + 1)});
    memory.set("a/even", std::to_string(i), i, {.ttl = std::chrono::seconds(100)});
  }
  clock_->advance(std::chrono::seconds(5));
  EXPECT_EQ(memory.count(Scope{"a", true}), 15U);
  const MemoryStats stats = memory.stats();
  EXPECT_EQ(stats.entries, 15U);
  EXPECT_EQ(stats.namespaces, 6U);
  EXPECT_EQ(memory.list_namespaces().namespaces.size(), 6U);
  EXPECT_EQ(memory.sweep(3), 3U);
  EXPECT_EQ(memory.sweep(), 2U);
  EXPECT_EQ(memory.stats().bytes, stats.bytes);
  EXPECT_EQ(memory.stats().counters.expired, 5U);
  expect_sound(memory);
}

TEST_F(SqliteStore, LimitsReclaimExpiredEntriesBeforeTheyRefuse) {
  SqliteOptions limited = options();
  limited.max_entries = 3;
  limited.max_bytes = 1000;
  Memory memory = open_sqlite(limited);
  for (const char* key : {"a", "b", "c"}) {
    memory.set("n", key, 1, {.ttl = std::chrono::seconds(1)});
  }
  EXPECT_EQ(code_thrown_by([&] { memory.set("n", "d", 1); }), ErrorCode::resource_exhausted);
  memory.set("n", "a", 2, {.ttl = std::chrono::seconds(1)});
  clock_->advance(std::chrono::seconds(1));
  memory.set("n", "d", 1);
  EXPECT_EQ(memory.count(Scope{{}, true}), 1U);
  EXPECT_EQ(code_thrown_by([&] { memory.set("n", "d", std::string(2000, 'x')); }),
            ErrorCode::resource_exhausted);
  WriteBatch batch;
  batch.set("n", "e", 1).set("n", "f", 1).set("n", "g", 1);
  EXPECT_EQ(code_thrown_by([&] { memory.write(batch); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.count(Scope{{}, true}), 1U);
  // As a whole: what grows first and shrinks then is within.
  WriteBatch exchange;
  exchange.set("n", "e", 1).set("n", "f", 1).set("n", "g", 1).erase("n", "d");
  EXPECT_TRUE(memory.write(exchange).applied);
  expect_sound(memory);
}

TEST_F(SqliteStore, TheChangeLogReportsEachRemovalOnce) {
  SqliteOptions logged = options();
  logged.change_log = true;
  {
    Memory memory = open_sqlite(logged);
    memory.set("a", "erased", 1);
    memory.set("a", "back", 1);
    memory.set("b/1", "cleared", 1);
    memory.set("b/2", "cleared", 1);
    memory.set("c", "expired", 1, {.ttl = std::chrono::seconds(1)});
    memory.erase("a", "erased");
    memory.erase("a", "back");
    memory.set("a", "back", 2);
  }
  // The setting is the file's.
  Memory memory = open();
  EXPECT_TRUE(memory.capabilities().change_log);
  memory.clear(Scope{"b", true});
  clock_->advance(std::chrono::seconds(1));
  memory.sweep();
  std::vector<std::string> removed;
  Revision after = 0;
  Revision last = 0;
  bool more = true;
  std::size_t live = 0;
  while (more) {
    const ChangePage page = memory.changes(after, 2);
    for (const Change& change : page.changes) {
      EXPECT_GT(change.revision, last);
      last = change.revision;
      if (change.record) {
        ++live;
      } else {
        removed.push_back(std::string(change.address.ns.text()) + ":" + change.address.key);
      }
    }
    after = page.next_after;
    more = page.more;
  }
  EXPECT_EQ(live, 1U);
  EXPECT_EQ(removed,
            (std::vector<std::string>{"a:erased", "b/1:cleared", "b/2:cleared", "c:expired"}));
  EXPECT_EQ(after, memory.stable_revision());
  EXPECT_TRUE(memory.changes(after).changes.empty());
}

TEST_F(SqliteStore, ARemovalHiddenByAnExpiredEntryIsReported) {
  SqliteOptions logged = options();
  logged.change_log = true;
  Memory memory = open_sqlite(logged);
  const Revision seen = memory.set("a", "k", 1).revision;
  memory.erase("a", "k");
  memory.set("a", "k", 2, {.ttl = std::chrono::seconds(1)});
  clock_->advance(std::chrono::seconds(1));
  const ChangePage page = memory.changes(seen);
  ASSERT_EQ(page.changes.size(), 1U);
  EXPECT_EQ(page.changes[0].address.key, "k");
  EXPECT_FALSE(page.changes[0].record);
}

// What a loss of power does at `normal`: the log's last commits are gone, those before the last
// durable one are not.
TEST_F(SqliteStore, RevisionsLostWithThePowerAreNotGivenAgain) {
  SqliteOptions fast = options();
  fast.durability = SqliteDurability::normal;
  std::string file;
  std::string log;
  Revision given = 0;
  {
    Memory memory = open_sqlite(fast);
    // Durable, as it makes the reservation.
    memory.set("a", "first", 1);
    file = bytes_of(path());
    log = bytes_of(path() + "-wal");
    for (int i = 0; i < 100; ++i) given = memory.set("a", "k" + std::to_string(i), i).revision;
  }
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path() + suffix);
  write_file(path(), file);
  write_file(path() + "-wal", log);
  for (const auto durability : {SqliteDurability::full, SqliteDurability::normal}) {
    fast.durability = durability;
    Memory memory = open_sqlite(fast);
    EXPECT_TRUE(memory.exists("a", "first"));
    EXPECT_FALSE(memory.exists("a", "k99"));
    const Revision next = memory.set("a", "after", 1).revision;
    EXPECT_GT(next, given);
    given = next;
    expect_sound(memory);
  }
}

TEST_F(SqliteStore, RestoreKeepsRevisionsOnlyWhereNothingElseWrote) {
  Memory memory = open();
  Entry entry;
  entry.ns = "a";
  entry.key = "k";
  entry.value = 1;
  entry.created_revision = 5;
  entry.revision = 9;
  Entry other = entry;
  other.key = "other";
  EXPECT_EQ(code_thrown_by([&] {
              memory.restore(std::vector<Entry>{entry, other}, RestoreRevisions::keep);
            }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(memory.count(Scope{{}, true}), 0U);
  memory.restore(std::vector<Entry>{entry}, RestoreRevisions::keep);
  EXPECT_EQ(memory.get_entry("a", "k")->created_revision, 5);
  EXPECT_EQ(
      code_thrown_by([&] { memory.restore(std::vector<Entry>{other}, RestoreRevisions::keep); }),
      ErrorCode::invalid_argument);
  EXPECT_EQ(memory.set("a", "new", 1).revision, 10);
  EXPECT_EQ(
      code_thrown_by([&] { memory.restore(std::vector<Entry>{entry}, RestoreRevisions::keep); }),
      ErrorCode::failed_precondition);
  memory.restore(std::vector<Entry>{entry}, RestoreRevisions::assign);
  EXPECT_EQ(memory.get_entry("a", "k")->revision, 11);
  expect_sound(memory);
}

TEST_F(SqliteStore, TokensOfAnotherFormAreRefused) {
  Memory memory = open();
  memory.set("a", "k", 1);
  for (const char* text : {"", "x", "sqlite-1-", "sqlite-1-5", "sqlite-1-5-", "sqlite-1-5-6x"}) {
    EXPECT_EQ(code_thrown_by([&] { static_cast<void>(memory.resolve({text})); }),
              ErrorCode::invalid_argument)
        << text;
  }
  // A revision that the store never came to was not applied.
  EXPECT_EQ(memory.resolve(sqlite::make_token(12345, 1000)), false);
  EXPECT_EQ(memory.resolve(sqlite::make_token(12345, 1)), std::nullopt);
}

TEST_F(SqliteStore, ASinkThatThrowsLeavesNothingBehind) {
  const auto backend = make_sqlite_backend(options());
  WriteOp op;
  op.kind = WriteOp::Kind::set;
  op.address = {"a", "k"};
  op.value = 1;
  WriteResult result;
  ASSERT_FALSE(backend->write({&op, 1}, {&result, 1}, {}));
  MemoryQuery query;
  query.scope = {{}, true};
  for (int i = 0; i < 10; ++i) {
    EXPECT_THROW(
        backend->scan({query, {}, 0, Detail::record},
                      [](const ScanRow&) -> bool { throw std::runtime_error("stop"); }, {}),
        std::runtime_error);
  }
  // No read transaction is left that would keep the log from being emptied.
  backend->maintenance()->checkpoint({});
  EXPECT_EQ(fs::file_size(path() + "-wal"), 0U);
  backend->close();
}

}  // namespace
}  // namespace holdfast::sqlite_tests
