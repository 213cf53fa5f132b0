// Vectors of a file: shared by handles, damaged, beside an index of another version, erased.
#include <SQLiteCpp/SQLiteCpp.h>

#include <random>
#include <thread>
#include <vector>

#include "connection.hpp"
#include "driver.hpp"
#include "search/vector_cache.hpp"
#include "sqlite_fixture.hpp"
#include "vector_statements.hpp"

namespace holdfast::sqlite_tests {
namespace {

using Keys = std::vector<std::string>;
using Vector = std::vector<float>;

constexpr int dimensions = 3;

class SqliteVectors : public SqliteTest {
 protected:
  void execute(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
  [[nodiscard]] std::int64_t number(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READONLY);
    return database.execAndGet(sql).getInt64();
  }
  // As if a process with another analyzer had made the index.
  void pretend_another_version() {
    execute(
        "UPDATE search_configuration SET version = 'another one'; "
        "UPDATE counter SET search_generation = search_generation + 1");
  }
  static SearchConfig config(const std::string& model = "m", int length = dimensions) {
    SearchConfig config = SearchConfig::texts({""});
    config.embedding = SearchEmbedding{model, length};
    return config;
  }
  // Three entries with vectors, and one that awaits its own.
  static void fill(Memory& memory) {
    memory.configure_search("talk", config());
    memory.set("talk/1", "a", "a red bicycle");
    memory.set("talk/1", "b", "a blue bicycle");
    memory.set("talk/2", "c", "a green boat");
    memory.set("talk/2", "d", "nobody has made its vector");
    memory.set("talk/2", "number", 7);
    memory.set("elsewhere", "e", "of no concern");
    EXPECT_EQ(put(memory, "talk/1", "a", {1, 0, 0}), 1U);
    EXPECT_EQ(put(memory, "talk/1", "b", {4, 3, 0}), 1U);
    EXPECT_EQ(put(memory, "talk/2", "c", {0, 0, 1}), 1U);
  }
  static std::uint64_t put(Memory& memory, const std::string& ns, const std::string& key,
                           const Vector& vector) {
    const Revision revision = memory.get_entry(ns, key).value().revision;
    return memory.put_vectors(std::vector<EntryVector>{{{ns, key}, revision, vector}});
  }
  static Keys nearest(Memory& memory, const Vector& vector) {
    Keys keys;
    const VectorQuery query{.scope = {"talk", true}, .vector = vector, .limit = 1000};
    for (const SearchHit& hit : memory.nearest(query).hits) keys.push_back(hit.entry.key);
    return keys;
  }
  static Keys awaited(Memory& memory) {
    Keys keys;
    for (const Entry& entry : memory.without_vector({"talk", true})) keys.push_back(entry.key);
    return keys;
  }
  static std::int64_t cached_bytes(Memory& memory) {
    return memory.stats().details["cached_vector_bytes"].get<std::int64_t>();
  }
  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }
};

TEST_F(SqliteVectors, WhatWasKeptIsFoundAfterReopening) {
  {
    Memory memory = open();
    fill(memory);
  }
  Memory memory = open();
  EXPECT_EQ(nearest(memory, {2, 0, 0}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(awaited(memory), Keys{"d"});
  EXPECT_EQ(put(memory, "talk/2", "d", {0, 0, -1}), 1U);
  EXPECT_EQ(nearest(memory, {0, 0, 1}), (Keys{"c", "b", "a", "d"}));
  EXPECT_EQ(awaited(memory), Keys{});
  expect_sound(memory);
}

TEST_F(SqliteVectors, AnotherHandleFindsWhatComesAndForgetsWhatGoes) {
  Memory memory = open();
  fill(memory);
  SqliteOptions reading = options();
  reading.read_only = true;
  Memory reader = open_sqlite(reading);
  EXPECT_EQ(nearest(reader, {1, 0, 0}), (Keys{"a", "b", "c"}));
  const std::int64_t with_three = cached_bytes(reader);
  EXPECT_GT(with_three, 0);
  EXPECT_EQ(put(memory, "talk/2", "d", {1, 0, 0}), 1U);
  EXPECT_EQ(nearest(reader, {1, 0, 0}), (Keys{"d", "a", "b", "c"}));
  const std::int64_t with_four = cached_bytes(reader);
  EXPECT_GT(with_four, with_three);
  memory.erase("talk/2", "d");
  EXPECT_EQ(cached_bytes(reader), with_four);
  EXPECT_EQ(nearest(reader, {1, 0, 0}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(cached_bytes(reader), with_three);
  EXPECT_EQ(code_thrown_by([&] {
              put(reader, "talk/1", "a", {1, 0, 0});
            }),
            ErrorCode::permission_denied);
}

TEST_F(SqliteVectors, AnotherProcessThatChangesATextTakesItsVector) {
  Memory memory = open();
  fill(memory);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(Driver({"say", path(), "talk/1", "a", "a red bicycle"}).wait(), 0);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(Driver({"say", path(), "talk/1", "a", "a yellow car"}).wait(), 0);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"b", "c"}));
  EXPECT_EQ(awaited(memory), (Keys{"a", "d"}));
  expect_sound(memory);
}

TEST_F(SqliteVectors, IdsGrowAndAVectorThatStaysKeepsItsOwn) {
  Memory memory = open();
  fill(memory);
  const auto id_of_a = [&] {
    return number(
        "SELECT v.id FROM search_vector v JOIN entry e USING (namespace_id, created_revision) "
        "WHERE e.key = 'a'");
  };
  const auto greatest = [&] { return number("SELECT max(id) FROM search_vector"); };
  std::int64_t id = id_of_a();
  memory.touch("talk/1", "a", std::chrono::seconds(100));
  memory.set("talk/1", "a", "a red bicycle");
  EXPECT_EQ(id_of_a(), id);
  memory.set("talk/1", "a", "a red car");
  EXPECT_GT(id_of_a(), id);
  id = greatest();
  EXPECT_EQ(put(memory, "talk/1", "a", {0, 1, 0}), 1U);
  EXPECT_GT(id_of_a(), id);
  id = id_of_a();
  memory.erase("talk/1", "a");
  EXPECT_LT(greatest(), id);
  memory.set("talk/1", "a", "a red car");
  EXPECT_GT(id_of_a(), id);
}

TEST_F(SqliteVectors, ANamespaceThatTakesTheNumberOfAnotherHasNoneOfItsVectors) {
  Memory memory = open();
  fill(memory);
  memory.set("talk/8", "old", "the last namespace of all");
  EXPECT_EQ(put(memory, "talk/8", "old", {1, 0, 0}), 1U);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"old", "a", "b", "c"}));
  const std::int64_t id = number("SELECT id FROM namespace WHERE path = 'talk/8'");
  memory.erase("talk/8", "old");
  memory.set("talk/9", "new", "another one");
  ASSERT_EQ(number("SELECT id FROM namespace WHERE path = 'talk/9'"), id);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(put(memory, "talk/9", "new", {0, 1, 0}), 1U);
  EXPECT_EQ(nearest(memory, {0, 1, 0}), (Keys{"new", "b", "c", "a"}));
  expect_sound(memory);
}

TEST_F(SqliteVectors, ACacheWithoutRoomChangesNoAnswer) {
  SqliteOptions quick = options();
  quick.durability = SqliteDurability::normal;
  Memory memory = open_sqlite(quick);
  memory.configure_search("talk", config("m", 40));
  std::mt19937 random(20240503);
  std::normal_distribution<float> normal;
  const auto any_vector = [&] {
    Vector vector(40);
    for (float& each : vector) each = normal(random);
    return vector;
  };
  for (int ns = 0; ns < 3; ++ns) {
    std::vector<EntryVector> vectors;
    const std::string path = "talk/" + std::to_string(ns);
    for (int i = 0; i < 300; ++i) {
      const std::string key = std::to_string(ns * 1000 + i);
      const Revision revision = memory.set(path, key, "text").revision;
      vectors.push_back({{path, key}, revision, any_vector()});
    }
    EXPECT_EQ(memory.put_vectors(vectors), 300U);
  }
  const std::uint64_t room_for_one = search::VectorTable::bytes_of(40, 512);
  for (const std::uint64_t bytes : {std::uint64_t{0}, room_for_one}) {
    SqliteOptions small = options();
    small.read_only = true;
    small.vector_cache_bytes = bytes;
    Memory reader = open_sqlite(small);
    for (int round = 0; round < 5; ++round) {
      const Vector wanted = any_vector();
      const Keys expected = nearest(memory, wanted);
      EXPECT_EQ(expected.size(), 900U);
      EXPECT_EQ(nearest(reader, wanted), expected);
      EXPECT_LE(cached_bytes(reader), static_cast<std::int64_t>(bytes));
    }
    EXPECT_EQ(cached_bytes(reader) > 0, bytes > 0);
  }
  EXPECT_GT(cached_bytes(memory), static_cast<std::int64_t>(2 * room_for_one));
}

TEST_F(SqliteVectors, NoByteOfAVectorIsLeftAfterErasingASubject) {
  Memory memory = open();
  memory.configure_search("talk", config("m", 40));
  const auto in_files = [&](const Vector& vector) {
    std::string bytes = search::encode_vector(vector);
    return std::ranges::any_of(fs::directory_iterator(folder_), [&](const auto& file) {
      return bytes_of(file.path()).find(bytes) != std::string::npos;
    });
  };
  const auto unit = [](std::size_t place) {
    Vector vector(40);
    vector[place] = 1;
    return vector;
  };
  memory.set("talk/alice", "k", "hers");
  memory.set("talk/bob", "k", "his");
  for (const std::size_t place : {1U, 2U}) put(memory, "talk/alice", "k", unit(place));
  put(memory, "talk/bob", "k", unit(3));
  EXPECT_EQ(nearest(memory, unit(2)).size(), 2U);
  // The one that was put in its place as well.
  EXPECT_TRUE(in_files(unit(1)));
  EXPECT_TRUE(in_files(unit(2)));
  EXPECT_EQ(memory.erase_subject("talk/alice").entries, 1U);
  EXPECT_EQ(cached_bytes(memory), 0);
  EXPECT_FALSE(in_files(unit(1)));
  EXPECT_FALSE(in_files(unit(2)));
  EXPECT_TRUE(in_files(unit(3)));
  EXPECT_EQ(nearest(memory, unit(2)).size(), 1U);
  expect_sound(memory);
}

TEST_F(SqliteVectors, AFileOfVersion2TakesVectorsOnceItIsOpened) {
  {
    Memory memory = open();
    memory.set("talk/1", "a", "a red bicycle");
  }
  execute(
      "DROP TABLE search_vector; DROP TABLE search_block; DROP TABLE search_configuration; "
      "ALTER TABLE counter DROP COLUMN search_generation; PRAGMA user_version=2");
  Memory memory = open();
  memory.configure_search("talk", config());
  EXPECT_EQ(awaited(memory), Keys{"a"});
  EXPECT_EQ(put(memory, "talk/1", "a", {1, 0, 0}), 1U);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), Keys{"a"});
  expect_sound(memory);
}

TEST_F(SqliteVectors, WithoutAnEmbeddingNoWriteAsksForThem) {
  Memory memory = open();
  memory.configure_search("talk", SearchConfig::texts({""}));
  execute("DROP TABLE search_vector");
  memory.set("talk", "k", "a red bicycle");
  memory.set("talk", "k", "a blue bicycle");
  memory.erase("talk", "k");
  EXPECT_EQ(memory.count(Scope{"talk", false}), 0U);
}

TEST_F(SqliteVectors, WhatIsClearedSweptOrRolledBackIsInLine) {
  Memory memory = open();
  fill(memory);
  memory.set("talk/3", "brief", "soon over", {.ttl = std::chrono::seconds(1)});
  EXPECT_EQ(put(memory, "talk/3", "brief", {0, 1, 0}), 1U);
  clock_->advance(std::chrono::seconds(1));
  EXPECT_EQ(nearest(memory, {0, 1, 0}), (Keys{"b", "c", "a"}));
  EXPECT_EQ(memory.sweep(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM search_vector"), 4);
  WriteBatch batch;
  batch.set("talk/1", "a", "another text").erase("talk/1", "b").increment("talk/2", "c", 1);
  EXPECT_EQ(code_thrown_by([&] { memory.write(batch); }), ErrorCode::failed_precondition);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  memory.clear({"talk/1", true});
  EXPECT_EQ(nearest(memory, {1, 0, 0}), Keys{"c"});
  EXPECT_EQ(number("SELECT count(*) FROM search_vector"), 2);
  expect_sound(memory);
}

TEST_F(SqliteVectors, AnIndexOfAnotherVersionDoesNotMatterToThem) {
  Memory memory = open();
  fill(memory);
  pretend_another_version();
  ASSERT_TRUE(memory.search_configurations().front().needs_reindex);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  memory.set("talk/1", "a", "another text");
  memory.erase("talk/1", "b");
  memory.set("talk/3", "new", "in a namespace that was not there");
  EXPECT_EQ(nearest(memory, {1, 0, 0}), Keys{"c"});
  EXPECT_EQ(awaited(memory), (Keys{"a", "d", "new"}));
  EXPECT_EQ(put(memory, "talk/1", "a", {1, 0, 0}), 1U);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "c"}));
  memory.reindex("talk");
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "c"}));
  EXPECT_EQ(awaited(memory), (Keys{"d", "new"}));
  expect_sound(memory);
}

TEST_F(SqliteVectors, WhatComesUnderAnIndexOfAnotherVersionAwaitsVectors) {
  Memory memory = open();
  fill(memory);
  memory.configure_search("talk/2", SearchConfig::texts({""}));
  EXPECT_EQ(number("SELECT count(*) FROM search_vector"), 2);
  pretend_another_version();
  memory.remove_search("talk/2");
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b"}));
  EXPECT_EQ(awaited(memory), (Keys{"c", "d"}));
  expect_sound(memory);
}

TEST_F(SqliteVectors, AConfigurationKeepsThemWhereTheyHold) {
  Memory memory = open();
  fill(memory);
  SearchConfig same = config();
  same.saturation = 200;
  memory.configure_search("talk", same);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  memory.configure_search("talk/1", same);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), Keys{"c"});
  memory.remove_search("talk/1");
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  memory.configure_search("talk", config("another", 2));
  EXPECT_EQ(nearest(memory, {1, 0}), Keys{});
  EXPECT_EQ(awaited(memory), (Keys{"a", "b", "c", "d"}));
  EXPECT_EQ(put(memory, "talk/1", "b", {1, 0}), 1U);
  EXPECT_EQ(nearest(memory, {1, 0}), Keys{"b"});
  expect_sound(memory);
  memory.configure_search("talk", SearchConfig::texts({""}));
  EXPECT_EQ(number("SELECT count(*) FROM search_vector"), 0);
  expect_sound(memory);
}

TEST_F(SqliteVectors, TheCheckFindsWhatIsWrongAndAReindexMendsIt) {
  Memory memory = open();
  fill(memory);
  const auto expect_found = [&](const std::string& damage, const std::string& words) {
    execute(damage);
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_FALSE(report.ok) << damage;
    ASSERT_FALSE(report.problems.empty()) << damage;
    EXPECT_NE(report.problems.front().find(words), std::string::npos) << report.problems.front();
    execute(
        "DELETE FROM search_vector WHERE namespace_id NOT IN "
        "(SELECT id FROM namespace WHERE path LIKE 'talk/%')");
    memory.reindex("talk");
    expect_sound(memory);
  };
  const std::string of_boat =
      "(SELECT namespace_id FROM entry WHERE key = 'c'), "
      "(SELECT created_revision FROM entry WHERE key = ";
  expect_found("DELETE FROM search_vector WHERE vector IS NULL", "1 neither there nor awaited");
  expect_found("DELETE FROM search_vector WHERE id IN (SELECT max(id) FROM search_vector)",
               "1 neither there nor awaited");
  expect_found("INSERT INTO search_vector VALUES (NULL, " + of_boat + "'number'), NULL)",
               "1 of no entry");
  expect_found(
      "INSERT INTO search_vector SELECT NULL, namespace_id, 9999, NULL FROM entry WHERE "
      "key = 'c'",
      "1 of no entry");
  expect_found("UPDATE search_vector SET vector = x'00' WHERE vector IS NOT NULL",
               "of another length");
  expect_found("INSERT INTO search_vector VALUES (NULL, 77, 1, NULL)", "which is missing");
  expect_found(
      "INSERT INTO search_vector SELECT NULL, namespace_id, 1, NULL FROM entry WHERE key "
      "= 'e'",
      "no search configuration with an embedding governs it");
  EXPECT_EQ(awaited(memory), (Keys{"a", "b", "c", "d"}));
}

TEST_F(SqliteVectors, ADamagedVectorIsCorruption) {
  Memory memory = open();
  fill(memory);
  execute("UPDATE search_vector SET vector = x'0000' WHERE vector IS NOT NULL");
  const VectorSink ignore = [](const VectorRow&) { return true; };
  EXPECT_EQ(code_thrown_by([&] { nearest(memory, {1, 0, 0}); }), ErrorCode::corruption);
  EXPECT_EQ(code_thrown_by([&] {
              memory.scan_vectors({"talk", true}, ignore);
            }),
            ErrorCode::corruption);
}

TEST_F(SqliteVectors, ACompactedStoreAndABackupKeepThem) {
  Memory memory = open();
  fill(memory);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"a", "b", "c"}));
  memory.erase("talk/1", "b");
  memory.maintenance().compact({});
  EXPECT_EQ(put(memory, "talk/2", "d", {1, 0, 0}), 1U);
  EXPECT_EQ(nearest(memory, {1, 0, 0}), (Keys{"d", "a", "c"}));
  memory.maintenance().backup(path("copy.db"), {}, {});
  Memory copy = open("copy.db");
  EXPECT_EQ(nearest(copy, {1, 0, 0}), (Keys{"d", "a", "c"}));
  expect_sound(copy);
}

TEST_F(SqliteVectors, SearchesBesideWritersFindWhatStays) {
  Memory memory = open();
  fill(memory);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&memory, t] {
        const std::string key = "changing" + std::to_string(t);
        for (int i = 0; i < 60; ++i) {
          const Revision revision = memory.set("talk/1", key, std::to_string(i)).revision;
          memory.put_vectors(std::vector<EntryVector>{{{"talk/1", key}, revision, {0, 1, 0}}});
          if (i % 3 == 0) memory.erase("talk/1", key);
        }
      });
      threads.emplace_back([&memory] {
        for (int i = 0; i < 100; ++i) {
          Keys found = nearest(memory, {1, 0, 0});
          std::erase_if(found, [](const std::string& key) { return key.size() > 1; });
          EXPECT_EQ(found, (Keys{"a", "b", "c"}));
        }
      });
    }
  }
  EXPECT_EQ(nearest(memory, {0, 1, 0}).size(), 5U);
  expect_sound(memory);
}

TEST_F(SqliteVectors, NoStatementScansATableOrSorts) {
  Memory memory = open();
  fill(memory);
  const sqlite::Connection connection(path(), {});
  const sqlite::VectorStatements statements(connection);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {statements.last.sql(), "search_vector_made"},
      {statements.made_after.sql(), "search_vector_made (namespace_id=? AND id>?)"},
      {statements.find.sql(), "INTEGER PRIMARY KEY"},
      {statements.with_awaited.sql(), "search_vector_awaited (namespace_id=?)"},
      {statements.awaited.sql(), "search_vector_awaited (namespace_id=?)"},
      {statements.entries.sql(), "search_vector_by_created (namespace_id=?)"},
      {"DELETE FROM search_vector WHERE namespace_id = ?1 AND created_revision = ?2",
       "search_vector_by_created (namespace_id=? AND created_revision=?)"},
  };
  for (const auto& [sql, index] : expected) {
    SQLite::Database database(path());
    SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + sql);
    std::string steps;
    while (plan.executeStep()) steps += plan.getColumn(3).getString() + "\n";
    EXPECT_NE(steps.find(index), std::string::npos) << steps << sql;
    EXPECT_EQ(steps.find("SCAN"), std::string::npos) << steps << sql;
    EXPECT_EQ(steps.find("TEMP B-TREE"), std::string::npos) << steps << sql;
  }
}

}  // namespace
}  // namespace holdfast::sqlite_tests
