// Making stores, refusing what is none, and formats.
#include "schema.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <barrier>
#include <fstream>
#include <iterator>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::HasSubstr;

constexpr int clients = 16;

class OpeningAtOnce : public StoreTest {
 protected:
  static PostgresqlOptions busy_options(const std::string& schema) {
    PostgresqlOptions options = options_for(schema);
    options.change_log = true;
    options.indexed_paths = {Path("role"), Path("meta.topic")};
    options.pool_size = 1;
    return options;
  }
  static void write_and_read(Memory& memory, const std::string& key) {
    memory.set("clients", key, MemoryValue::map({{"role", key}}));
    ASSERT_TRUE(memory.get("clients", key).has_value()) << key;
    memory.increment("shared", "counter");
  }
  static void expect_one_store(const std::string& schema, std::uint64_t writers) {
    Memory memory = open(schema);
    EXPECT_EQ(memory.count(Scope{"clients"}), writers);
    EXPECT_EQ(memory.get("shared", "counter"), MemoryValue(static_cast<std::int64_t>(writers)));
    EXPECT_TRUE(memory.capabilities().change_log);
    Sql sql;
    EXPECT_EQ(sql.run(in_schema("SELECT count(*) FROM @schema@.store", schema)), "1");
    EXPECT_EQ(sql.run(in_schema("SELECT count(*) FROM @schema@.indexed_path", schema)), "2");
    EXPECT_EQ(sql.run("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'entry_by_path%' "
                      "AND schemaname = '" +
                      schema + "'"),
              "2");
  }
};

TEST_F(OpeningAtOnce, ConcurrentThreadsMakeOneStoreInEachSchema) {
  const std::array<std::string, 2> schemas{new_schema(), new_schema()};
  std::barrier start(clients);
  run_threads(clients, [&](int i) {
    start.arrive_and_wait();
    Memory memory = open_postgresql(busy_options(schemas[static_cast<std::size_t>(i % 2)]));
    write_and_read(memory, "client" + std::to_string(i));
  });
  for (const std::string& schema : schemas) expect_one_store(schema, clients / 2);
}

TEST_F(OpeningAtOnce, ProcessesMakeOneStore) {
  const std::string schema = new_schema();
  const PostgresqlOptions options = busy_options(schema);
  std::array<int, 2> gate{};
  ASSERT_EQ(::pipe(gate.data()), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < clients; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[1]);
      char byte = 0;
      const bool at_end = ::read(gate[0], &byte, 1) == 0;  // All of them go on at once.
      try {
        Memory memory = open_postgresql(options);
        write_and_read(memory, "process" + std::to_string(i));
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(at_end && !HasFailure() ? 0 : 1);
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_one_store(schema, clients);
}

class Schemas : public StoreTest {
 protected:
  static std::unique_ptr<Error> refusal_of(const PostgresqlOptions& options) {
    return error_thrown_by([&] { try_opening(options); });
  }
  static void expect_refused(const PostgresqlOptions& options, ErrorCode code,
                             const std::string& words) {
    const auto error = refusal_of(options);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(to_string(error->code()), to_string(code)) << error->what();
    EXPECT_THAT(error->message(), HasSubstr(words));
  }
};

TEST_F(Schemas, AreStoresThatKnowNothingOfOneAnother) {
  const std::string first_schema = new_schema();
  const std::string second_schema = new_schema();
  Memory first = open(first_schema);
  Memory second = open(second_schema);
  first.set("ns", "key", 1);
  first.set("ns", "other", 1);
  second.set("ns", "key", 2);
  EXPECT_EQ(first.get("ns", "key"), MemoryValue(1));
  EXPECT_EQ(second.get("ns", "key"), MemoryValue(2));
  EXPECT_LT(second.stats().last_revision, first.stats().last_revision);
  EXPECT_EQ(first.clear(Scope{"", true}), 2U);
  EXPECT_EQ(second.count(Scope{"", true}), 1U);
}

TEST_F(Schemas, HaveNamesThatNeedNoCareInSql) {
  for (const std::string& name :
       {std::string(), std::string(64, 'a'), std::string("pg_store"), std::string("a b"),
        std::string("a\"b"), std::string("a'b"), std::string("a.b"), std::string("\xC3\xA4"),
        std::string("a;b"), std::string("a\0b", 3)}) {
    expect_refused(options_for(name), ErrorCode::invalid_argument, "63 letters, digits");
  }
  const std::string longest = "Sch-ema_" + std::string(55, '9');
  testing::drop_schema(longest);
  Memory memory = open(longest);
  const Revision revision = memory.set("ns", "key", 1).revision;
  EXPECT_EQ(memory.stable_revision(), revision);
  memory.close();
  testing::drop_schema(longest);
}

TEST_F(Schemas, ThatHoldSomethingElseAreLeftAsTheyWere) {
  const std::string schema = new_schema();
  Sql sql;
  sql.run(
      in_schema("CREATE SCHEMA @schema@; CREATE TABLE @schema@.entry (n integer); "
                "INSERT INTO @schema@.entry VALUES (7)",
                schema));
  expect_refused(options_for(schema), ErrorCode::corruption, "not a Holdfast store's");
  EXPECT_EQ(sql.run(in_schema("SELECT n FROM @schema@.entry", schema)), "7");
  EXPECT_EQ(sql.run("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE n.nspname = '" +
                    schema + "'"),
            "1");
}

TEST_F(Schemas, ThatAreEmptyBecomeStores) {
  const std::string schema = new_schema();
  Sql().run(in_schema("CREATE SCHEMA @schema@", schema));
  Memory memory = open(schema);
  EXPECT_TRUE(memory.set("ns", "key", 1).status == WriteStatus::created);
}

TEST_F(Schemas, WithoutAStoreAreRefusedWhereNoneMayBeMade) {
  const std::string schema = new_schema();
  PostgresqlOptions options = options_for(schema);
  options.create = false;
  expect_refused(options, ErrorCode::failed_precondition, "create=off or read_only=on");
  options.create = true;
  options.read_only = true;
  expect_refused(options, ErrorCode::failed_precondition, "create=off or read_only=on");
  EXPECT_EQ(Sql().run("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'"), "0");
}

TEST_F(Schemas, WithAStoreAreOpenedWithoutMakingAnything) {
  const std::string schema = new_schema();
  open(schema).set("ns", "key", 1);
  PostgresqlOptions options = options_for(schema);
  options.create = false;
  Memory memory = open_postgresql(options);
  memory.set("ns", "key", 2);
  options.indexed_paths = {Path("role")};
  expect_refused(options, ErrorCode::failed_precondition, "has no index");
  options = options_for(schema);
  options.read_only = true;
  Memory reader = open_postgresql(options);
  EXPECT_EQ(reader.get("ns", "key"), MemoryValue(2));
  EXPECT_EQ(code_thrown_by([&] { reader.set("ns", "key", 3); }), ErrorCode::permission_denied);
}

TEST_F(Schemas, DoWithoutAnIndexThatWasDropped) {
  const std::string schema = new_schema();
  PostgresqlOptions options = options_for(schema);
  options.indexed_paths = {Path("role")};
  Memory before = open_postgresql(options);
  before.set("ns", "key", MemoryValue::map({{"role", "user"}}));
  Sql sql;
  const std::string name = sql.run(in_schema(
      "DELETE FROM @schema@.indexed_path WHERE path = 'role' RETURNING index_name", schema));
  sql.run(in_schema("DROP INDEX @schema@.", schema) + quoted_name(name));
  MemoryQuery query;
  query.scope = Scope{"ns"};
  query.filter = Filter::parse(R"({"role":"user"})");
  EXPECT_EQ(before.count(query), 1U);
  Memory without = open(schema);
  EXPECT_EQ(without.count(query), 1U);
  Memory again = open_postgresql(options);
  EXPECT_EQ(again.count(query), 1U);
  EXPECT_EQ(sql.run(in_schema("SELECT count(*) FROM @schema@.indexed_path", schema)), "1");
}

TEST_F(Schemas, OfANewerFormatAreRefused) {
  const std::string schema = new_schema();
  open(schema).set("ns", "key", 1);
  Sql sql;
  sql.run(in_schema("UPDATE @schema@.store SET format_version = 99", schema));
  expect_refused(options_for(schema), ErrorCode::failed_precondition, "format version 99");
  EXPECT_EQ(sql.run(in_schema("SELECT format_version FROM @schema@.store", schema)), "99");
  sql.run(in_schema("DELETE FROM @schema@.store", schema));
  expect_refused(options_for(schema), ErrorCode::corruption, "lacks its row");
}

class Databases : public Schemas {};

TEST_F(Databases, OfAnotherEncodingAreRefusedWithWhatToDo) {
  testing::PostgresqlServerOptions server_options;
  server_options.durable = false;
  const testing::PostgresqlServer server(server_options);
  for (const char* const encoding : {"SQL_ASCII", "LATIN1"}) {
    server.create_database(encoding, encoding);
    PostgresqlOptions options;
    options.connection = server.url(encoding);
    expect_refused(options, ErrorCode::failed_precondition, "ENCODING 'UTF8'");
    EXPECT_EQ(
        server.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'holdfast'", encoding),
        "0");
  }
  PostgresqlOptions options;
  options.connection = server.url("nowhere");
  expect_refused(options, ErrorCode::failed_precondition, "no such database");
}

class Migration : public StoreTest {
 protected:
  static void migrate_to(const std::string& schema, std::span<const char* const> steps) {
    Watchdog watchdog;
    Connection connection(shared_server_options(), watchdog, {});
    migrate(connection, schema, steps, {});
  }
  static std::string version_of(const std::string& schema) {
    return Sql().run(in_schema("SELECT format_version FROM @schema@.store", schema));
  }

  // Not run: the store is past them.
  static constexpr std::array<const char*, 6> good_{
      "SELECT 1 / 0",
      "SELECT 1 / 0",
      "SELECT 1 / 0",
      "SELECT 1 / 0",
      "SELECT 1 / 0",
      "CREATE TABLE @schema@.later (n integer); INSERT INTO @schema@.later VALUES (1)"};
  static constexpr std::array<const char*, 7> bad_{good_[0], good_[1], good_[2],      good_[3],
                                                   good_[4], good_[5], "SELECT 1 / 0"};
};

TEST_F(Migration, RunsTheStepsThatAreMissing) {
  const std::string schema = new_schema();
  Memory memory = open(schema);
  memory.set("ns", "key", 1);
  migrate_to(schema, good_);
  EXPECT_EQ(version_of(schema), "6");
  EXPECT_EQ(Sql().run(in_schema("SELECT count(*) FROM @schema@.later", schema)), "1");
  // A handle that was open goes on.
  memory.set("ns", "key", 2);
  EXPECT_EQ(memory.get("ns", "key"), MemoryValue(2));
}

TEST_F(Migration, IsDoneOnceByConcurrentClients) {
  const std::string schema = new_schema();
  open(schema).set("ns", "key", 1);
  std::barrier start(8);
  run_threads(8, [&](int) {
    start.arrive_and_wait();
    migrate_to(schema, good_);
  });
  EXPECT_EQ(version_of(schema), "6");
  EXPECT_EQ(Sql().run(in_schema("SELECT count(*) FROM @schema@.later", schema)), "1");
}

TEST_F(Migration, ThatFailsLeavesTheVersionAndTheDataAsTheyWere) {
  const std::string schema = new_schema();
  open(schema).set("ns", "key", 1);
  EXPECT_EQ(code_thrown_by([&] { migrate_to(schema, bad_); }), ErrorCode::internal);
  EXPECT_EQ(version_of(schema), "5");
  EXPECT_EQ(Sql().run("SELECT to_regclass('" + schema + ".later') IS NULL"), "t");
  Memory memory = open(schema);
  EXPECT_EQ(memory.get("ns", "key"), MemoryValue(1));
  memory.set("ns", "key", 2);
}

TEST_F(Migration, GivesAStoreOfFormatThreeTheFunctionsForSets) {
  const std::string schema = new_schema();
  open(schema).set("ns", "key", 1);
  Sql().run(
      in_schema("DROP FUNCTION @schema@.set_many; UPDATE @schema@.store"
                " SET format_version = 3",
                schema));
  Memory memory = open(schema);
  EXPECT_EQ(version_of(schema), "5");
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < 10; ++i) pairs.emplace_back(std::to_string(i), i);
  memory.set_many("ns", pairs);
  EXPECT_EQ(memory.count(Scope("ns")), 11U);
}

// As the first release made it, with what was written then.
std::string make_store_of_format_1(const std::string& schema) {
  std::ifstream file(FORMATS_FOLDER "/format_1.sql");
  const std::string format{std::istreambuf_iterator<char>(file), {}};
  Sql sql;
  sql.run(in_schema("CREATE SCHEMA @schema@;" + format, schema));
  sql.run(in_schema("SELECT @schema@.open_session(1, 1000000)", schema));
  return sql.run(in_schema(
      "SELECT revision FROM @schema@.write_one(1, 1, true, NULL, 0, 1000, NULL, NULL, 1, 'ns', "
      "'key', 0, 0, false, NULL, 0, '\"old\"', false)",
      schema));
}

TEST_F(Migration, BringsAStoreOfFormat1Forward) {
  const std::string schema = new_schema();
  const std::string revision = make_store_of_format_1(schema);
  PostgresqlOptions options = options_for(schema);
  options.create = false;
  EXPECT_EQ(code_thrown_by([&] { try_opening(options); }), ErrorCode::failed_precondition);
  EXPECT_EQ(version_of(schema), "1");

  Memory memory = open(schema);
  EXPECT_EQ(version_of(schema), "5");
  const auto entry = memory.get_entry("ns", "key");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->value, MemoryValue("old"));
  EXPECT_EQ(std::to_string(entry->revision), revision);
  EXPECT_EQ(memory.note("n"), std::nullopt);
  const Note note{"n", "text"};
  const std::vector<RestoreOp> ops{{.address = {"ns", "other"}, .record = &*entry}};
  memory.restore({.ops = ops, .ranks = 1, .note = &note});
  EXPECT_EQ(memory.note("n"), "text");
  EXPECT_EQ(memory.clear(Scope{"ns"}), 2U);
}

TEST_F(Migration, MakesAStoreOfFormat2Searchable) {
  const std::string schema = new_schema();
  make_store_of_format_1(schema);
  migrate_to(schema, std::span(table_steps).first(2));
  EXPECT_EQ(version_of(schema), "2");
  Memory memory = open(schema);
  EXPECT_EQ(version_of(schema), "5");
  memory.set("ns", "new", "older");
  memory.configure_search("ns", SearchConfig::texts({""}));
  SearchQuery query;
  query.scope = {"ns"};
  query.text = "old";
  const SearchPage page = memory.search(query);
  ASSERT_EQ(page.hits.size(), 1U);
  EXPECT_EQ(page.hits[0].entry.key, "key");
  EXPECT_TRUE(memory.check_search("ns").problems.empty());
}

// Of a function that takes other arguments now, the earlier form would stay beside it.
TEST_F(Migration, GivesTheFunctionsAndTablesOfANewStore) {
  const auto shape_of = [](const std::string& schema) {
    return Sql().run(
        "SELECT string_agg(what, chr(10) ORDER BY what) FROM (SELECT p.oid::regprocedure::text || "
        "p.prosrc AS what FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = '" +
        schema +
        "' UNION ALL SELECT c.relname || ' ' || a.attname || ' ' || a.atttypid::regtype FROM "
        "pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '" +
        schema + "') s");
  };
  const std::string migrated = new_schema();
  make_store_of_format_1(migrated);
  try_opening(options_for(migrated));
  const std::string fresh = new_schema();
  try_opening(options_for(fresh));
  const auto without = [](std::string text, const std::string& schema) {
    for (std::size_t at = text.find(schema); at != std::string::npos; at = text.find(schema)) {
      text.erase(at, schema.size());
    }
    return text;
  };
  EXPECT_EQ(without(shape_of(migrated), migrated), without(shape_of(fresh), fresh));
}

}  // namespace
}  // namespace holdfast::postgresql
