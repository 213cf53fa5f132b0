// The search index of a file: rolled back and damaged, of another version, read beside a writer.
#include <SQLiteCpp/SQLiteCpp.h>

#include <thread>
#include <vector>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteSearch : public SqliteTest {
 protected:
  void execute(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
  [[nodiscard]] std::int64_t number(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READONLY);
    return database.execAndGet(sql).getInt64();
  }
  // As if a process with another analyzer had made the index, or this one again.
  void pretend_version(const std::string& text) {
    execute("UPDATE search_configuration SET version = " + text +
            "; UPDATE counter SET search_generation = search_generation + 1");
  }
  // Searchable texts in `talk` and below it.
  static void fill(Memory& memory) {
    memory.configure_search("talk", SearchConfig::texts({""}));
    memory.set("talk/1", "a", "a red bicycle");
    memory.set("talk/1", "b", "a blue bicycle");
    memory.set("talk/2", "c", "a green boat");
    memory.set("elsewhere", "d", "a bicycle that nobody looks for");
  }
  static std::vector<std::string> found(Memory& memory, const std::string& text) {
    std::vector<std::string> keys;
    for (const SearchHit& hit : memory.search({.scope = {"talk", true}, .text = text}).hits) {
      keys.push_back(hit.entry.key);
    }
    return keys;
  }
  static void expect_sound(Memory& memory) {
    const SearchCheck check = memory.check_search("talk");
    EXPECT_TRUE(check.problems.empty()) << check.problems.front();
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }
};

using Keys = std::vector<std::string>;

TEST_F(SqliteSearch, WhatIsConfiguredIsThereAfterReopening) {
  {
    Memory memory = open();
    fill(memory);
  }
  Memory memory = open();
  EXPECT_EQ(found(memory, "bicycles"), (Keys{"b", "a"}));
  ASSERT_EQ(memory.search_configurations().size(), 1U);
  EXPECT_EQ(memory.search_configurations().front().config, SearchConfig::texts({""}));
  memory.set("talk/2", "e", "the third bicycle");
  EXPECT_EQ(found(memory, "third"), Keys{"e"});
  expect_sound(memory);
}

TEST_F(SqliteSearch, AReadOnlyHandleSearchesAndDoesNotConfigure) {
  Memory memory = open();
  fill(memory);
  SqliteOptions reading = options();
  reading.read_only = true;
  Memory reader = open_sqlite(reading);
  EXPECT_TRUE(reader.capabilities().search);
  EXPECT_EQ(found(reader, "boat"), Keys{"c"});
  const auto denied = ErrorCode::permission_denied;
  EXPECT_EQ(code_thrown_by([&] { reader.configure_search("x", SearchConfig::texts({""})); }),
            denied);
  EXPECT_EQ(code_thrown_by([&] { reader.remove_search("talk"); }), denied);
  EXPECT_EQ(code_thrown_by([&] { reader.reindex("talk"); }), denied);
  expect_sound(reader);
  // It learns of what the writer changes.
  memory.remove_search("talk");
  EXPECT_EQ(code_thrown_by([&] { found(reader, "boat"); }), ErrorCode::failed_precondition);
  memory.configure_search({}, SearchConfig::texts({""}));
  EXPECT_EQ(found(reader, "boat"), Keys{"c"});
}

TEST_F(SqliteSearch, AStoreThatNobodyConfiguresKeepsNoIndex) {
  Memory memory = open();
  memory.set("talk", "a", "a red bicycle");
  EXPECT_EQ(number("SELECT count(*) FROM search_block"), 0);
  EXPECT_EQ(number("SELECT search_generation FROM counter"), 0);
  EXPECT_EQ(code_thrown_by([&] { found(memory, "bicycle"); }), ErrorCode::failed_precondition);
}

TEST_F(SqliteSearch, WhatChangesNoDocumentWritesNoBlock) {
  Memory memory = open();
  fill(memory);
  execute(
      "CREATE TABLE seen (n); CREATE TRIGGER on_insert AFTER INSERT ON search_block BEGIN INSERT "
      "INTO seen VALUES (1); END");
  memory.set("talk/1", "a", "a red bicycle");
  memory.touch("talk/1", "a", std::chrono::seconds(10));
  EXPECT_EQ(number("SELECT count(*) FROM seen"), 0);
  memory.set("talk/1", "a", "a red car");
  EXPECT_GT(number("SELECT count(*) FROM seen"), 0);
  // What both texts have in common stays as it is.
  EXPECT_LE(number("SELECT count(*) FROM seen"), 2);
}

TEST_F(SqliteSearch, WhatIsRolledBackIsNotFound) {
  Memory memory = open();
  fill(memory);
  WriteBatch batch;
  batch.set("talk/1", "new", "a purple bicycle").erase("talk/1", "a");
  batch.increment("talk/1", "b", 1);  // Which is no number.
  EXPECT_EQ(code_thrown_by([&] { memory.write(batch); }), ErrorCode::failed_precondition);
  EXPECT_EQ(found(memory, "bicycle"), (Keys{"b", "a"}));
  expect_sound(memory);
}

TEST_F(SqliteSearch, ConcurrentWritersThatFailTakeTheirWordsAlong) {
  Memory memory = open();
  fill(memory);
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < 4; ++t) {
      writers.emplace_back([&memory, t] {
        for (int i = 0; i < 40; ++i) {
          const std::string name = std::to_string(t) + "-" + std::to_string(i);
          WriteBatch batch;
          batch.set("talk/1", "good" + name, "word" + std::to_string(t) + " kept");
          batch.set("talk/2", "text" + name, "shared");
          if (i % 2 == 1) batch.increment("talk/2", "text" + name, 1);
          try {
            memory.write(batch);
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
          }
        }
      });
    }
  }
  EXPECT_EQ(memory.count(Scope{"talk", true}), 3U + 4 * 40);
  EXPECT_EQ(memory.search({.scope = {"talk", true}, .text = "kept", .limit = 1000}).hits.size(),
            80U);
  expect_sound(memory);
}

TEST_F(SqliteSearch, ExpiredAndSweptEntriesLeaveTheIndex) {
  Memory memory = open();
  fill(memory);
  const SetOptions brief{.ttl = std::chrono::seconds(1)};
  memory.set("talk/1", "over", "a fading bicycle", brief);
  memory.set("talk/1", "swept", "a fading bicycle", brief);
  memory.set("talk/3", "alone", "a fading bicycle", brief);
  EXPECT_EQ(found(memory, "fading").size(), 3U);
  clock_->advance(std::chrono::seconds(1));
  EXPECT_EQ(found(memory, "fading"), Keys{});
  expect_sound(memory);
  memory.set("talk/1", "over", "a lasting bicycle");
  EXPECT_EQ(found(memory, "lasting"), Keys{"over"});
  EXPECT_EQ(memory.sweep(), 2U);
  EXPECT_EQ(number("SELECT count(*) FROM search_block WHERE term = 'fade'"), 0);
  expect_sound(memory);
}

TEST_F(SqliteSearch, ADamagedBlockIsCorruptionAndMendedByAReindex) {
  Memory memory = open();
  fill(memory);
  memory.set("talk/2", "f", "no bikes here");
  execute("UPDATE search_block SET data = x'ff' WHERE term = 'bicycl'");
  EXPECT_EQ(code_thrown_by([&] { found(memory, "bicycle"); }), ErrorCode::corruption);
  EXPECT_NE(message_thrown_by([&] { found(memory, "bicycle"); }).find("reindex"),
            std::string::npos);
  EXPECT_EQ(code_thrown_by([&] { memory.set("talk/1", "a", "another bicycle of mine"); }),
            ErrorCode::corruption);
  EXPECT_EQ(memory.get("talk/1", "a"), MemoryValue("a red bicycle"));
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_FALSE(report.ok);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_NE(report.problems.front().find("bicycl"), std::string::npos) << report.problems.front();
  EXPECT_FALSE(memory.check_search("talk").problems.empty());
  EXPECT_EQ(memory.reindex("talk"), 4U);
  EXPECT_EQ(found(memory, "bicycle"), (Keys{"b", "a"}));
  expect_sound(memory);
}

TEST_F(SqliteSearch, TheCheckFindsWhatIsWrongWithTheIndex) {
  Memory memory = open();
  fill(memory);
  const auto expect_found = [&](const std::string& damage, const std::string& words) {
    execute(damage);
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_FALSE(report.ok) << damage;
    ASSERT_FALSE(report.problems.empty()) << damage;
    EXPECT_NE(report.problems.front().find(words), std::string::npos) << report.problems.front();
    execute(
        "DELETE FROM search_block WHERE namespace_id NOT IN "
        "(SELECT id FROM namespace WHERE path LIKE 'talk/%')");
    memory.reindex("talk");
    expect_sound(memory);
  };
  expect_found("DELETE FROM search_block WHERE term = ''", "missing");
  expect_found("DELETE FROM search_block WHERE term = 'boat'", "\"boat\": 1 missing");
  expect_found("UPDATE search_block SET data = x'' WHERE term = 'boat'", "\"boat\": 1 missing");
  expect_found("UPDATE search_block SET data = x'8080' WHERE term = ''", "damaged");
  expect_found("UPDATE search_block SET term = 'ship' WHERE term = 'boat'",
               "\"ship\": 1 of no entry");
  expect_found("INSERT INTO search_block VALUES (77, 'boat', 1, x'01')", "which is missing");
  expect_found(
      "INSERT INTO search_block SELECT id, 'boat', 1, x'01' FROM namespace WHERE path = "
      "'elsewhere'",
      "no search configuration governs it");
}

TEST_F(SqliteSearch, AConfigurationThatCannotBeReadIsReported) {
  Memory memory = open();
  fill(memory);
  execute(
      "UPDATE search_configuration SET config = '{}x'; "
      "UPDATE counter SET search_generation = search_generation + 1");
  EXPECT_EQ(code_thrown_by([&] { found(memory, "boat"); }), ErrorCode::corruption);
  const auto report = memory.maintenance().check_integrity({});
  ASSERT_FALSE(report.ok);
  EXPECT_NE(report.problems.front().find("talk"), std::string::npos) << report.problems.front();
}

TEST_F(SqliteSearch, AnIndexOfAnotherVersionIsRefusedUntilItIsMadeAnew) {
  Memory memory = open();
  fill(memory);
  pretend_version("'an older one'");
  ASSERT_TRUE(memory.search_configurations().front().needs_reindex);
  EXPECT_EQ(code_thrown_by([&] { found(memory, "boat"); }), ErrorCode::failed_precondition);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(memory.check_search("talk")); }),
            ErrorCode::failed_precondition);
  EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
  EXPECT_EQ(memory.reindex("talk"), 3U);
  EXPECT_FALSE(memory.search_configurations().front().needs_reindex);
  EXPECT_EQ(found(memory, "boat"), Keys{"c"});
  expect_sound(memory);
}

TEST_F(SqliteSearch, AWriteBesideAnotherVersionMakesTheIndexStaleForThatOneToo) {
  Memory memory = open();
  fill(memory);
  SQLite::Database database(path(), SQLite::OPEN_READONLY);
  const std::string version =
      database.execAndGet("SELECT version FROM search_configuration").getString();
  for (const bool writes : {false, true}) {
    pretend_version("'a newer one'");
    if (writes) {
      memory.set("talk/1", "a", "a heron");
      memory.erase("talk/2", "c");
      // No word of what is gone stays behind, although the index is not kept.
      EXPECT_EQ(number("SELECT count(*) FROM search_block WHERE term IN ('red', 'boat')"), 0);
    }
    // How the process sees it that made the index.
    pretend_version("'" + version + "'");
    if (!writes) {
      EXPECT_EQ(found(memory, "boat"), Keys{"c"});
      continue;
    }
    EXPECT_EQ(code_thrown_by([&] { found(memory, "boat"); }), ErrorCode::failed_precondition);
    EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
  }
  memory.reindex("talk");
  EXPECT_EQ(found(memory, "heron"), Keys{"a"});
  EXPECT_EQ(found(memory, "boat"), Keys{});
  expect_sound(memory);
}

TEST_F(SqliteSearch, ANamespaceThatComesBackBeginsWithoutAnIndexOfBefore) {
  Memory memory = open();
  fill(memory);
  memory.set("talk/9", "k", "the last namespace of all");
  pretend_version("'another one'");
  memory.erase("talk/9", "k");
  // Its number is given again.
  memory.set("elsewhere/9", "k", "nobody looks for this");
  EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
  memory.reindex("talk");
  expect_sound(memory);
}

TEST_F(SqliteSearch, MakingAnIndexIsCancelledWithoutATrace) {
  Memory memory = open();
  WriteBatch batch;
  for (int i = 0; i < 3000; ++i) {
    batch.set("talk/" + std::to_string(i % 3), std::to_string(i), "word" + std::to_string(i % 50));
  }
  memory.write(batch);
  std::stop_source stop;
  stop.request_stop();
  Context cancelled;
  cancelled.stop = stop.get_token();
  EXPECT_EQ(code_thrown_by(
                [&] { memory.configure_search("talk", SearchConfig::texts({""}), cancelled); }),
            ErrorCode::cancelled);
  EXPECT_TRUE(memory.search_configurations().empty());
  EXPECT_EQ(number("SELECT count(*) FROM search_block"), 0);
  memory.configure_search("talk", SearchConfig::texts({""}));
  EXPECT_EQ(memory.search({.scope = {"talk", true}, .text = "word7", .limit = 1000}).hits.size(),
            60U);
  expect_sound(memory);
}

TEST_F(SqliteSearch, ACompactedStoreAndABackupKeepTheirIndex) {
  Memory memory = open();
  fill(memory);
  memory.maintenance().compact({});
  EXPECT_EQ(found(memory, "bicycle"), (Keys{"b", "a"}));
  expect_sound(memory);
  memory.maintenance().backup(path("copy.db"), {}, {});
  Memory copy = open("copy.db");
  EXPECT_EQ(found(copy, "bicycle"), (Keys{"b", "a"}));
  expect_sound(copy);
}

TEST_F(SqliteSearch, NoStatementOfASearchScansATableOrSorts) {
  Memory memory = open();
  fill(memory);
  const SQLite::Database database(path());
  for (const std::string sql :
       {"SELECT data FROM search_block WHERE namespace_id = ?1 AND term = ?2 ORDER BY first",
        "SELECT namespace_id, key FROM entry INDEXED BY entry_by_expiry WHERE expires_at <= ?1",
        "SELECT first, data FROM search_block WHERE namespace_id = ?1 AND term = ?2 AND "
        "first <= ?3 ORDER BY first DESC LIMIT 1"}) {
    SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + sql);
    while (plan.executeStep()) {
      EXPECT_TRUE(plan.getColumn(3).getString().starts_with("SEARCH"))
          << plan.getColumn(3).getString() << " in " << sql;
    }
  }
}

}  // namespace
}  // namespace holdfast::sqlite_tests
