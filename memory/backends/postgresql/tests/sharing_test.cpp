// What writers, sweeps and clocks do to one another.
#include <chrono>
#include <future>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// A handle that fails, instead of waiting, where another transaction holds what it needs.
PostgresqlOptions impatient(PostgresqlOptions options) {
  options.connection =
      testing::with_url_options(options.connection, {{"options", "-c lock_timeout=3s"}});
  options.retry_for = milliseconds(0);
  return options;
}

class Writers : public StoreTest {
 protected:
  // Arguments of write_one that set a value.
  static std::string set_sql(const std::string& schema, const std::string& ns,
                             const std::string& key) {
    return in_schema(
        "SELECT status FROM @schema@.write_one(7, 1, true, NULL, 0, 1000, NULL, NULL, "
        "1, '" +
            ns + "', '" + key + "', 0, 0, false, NULL, 0, '1', false)",
        schema);
  }
};

TEST_F(Writers, OfOneNamespaceDoNotWaitForEachOther) {
  const std::string schema = new_schema();
  open(schema).set("ns", "first", 1);
  Memory memory = open_postgresql(impatient(options_for(schema)));
  Sql other;
  other.run(in_schema("SELECT @schema@.open_session(7, 1000000000)", schema));
  other.run("BEGIN");
  ASSERT_EQ(other.run(set_sql(schema, "ns", "held")), "0");
  // The other transaction holds its entry, and the row that counts those of the namespace.
  memory.set("ns", "second", 1);
  memory.increment("ns", "counter");
  memory.erase("ns", "first");
  WriteBatch batch;
  batch.set("ns", "third", 1).set("ns", "fourth", 1).erase("ns", "second");
  memory.write(batch);
  EXPECT_EQ(memory.count(Scope{"ns"}), 3U);
  EXPECT_EQ(code_thrown_by([&] { memory.set("ns", "held", 2); }), ErrorCode::aborted);
  other.run("COMMIT");
  EXPECT_EQ(memory.count(Scope{"ns"}), 4U);
  EXPECT_EQ(memory.clear(Scope{"ns"}), 4U);
  EXPECT_EQ(Sql().run(in_schema("SELECT coalesce(sum(entries), 0) + coalesce(sum(bytes), 0) "
                                "FROM @schema@.tally",
                                schema)),
            "0");
}

class Sweeping : public StoreTest {
 protected:
  Memory open_swept(const std::string& schema) const {
    PostgresqlOptions options = impatient(options_for(schema));
    options.clock = clock_;
    return open_postgresql(options);
  }
  void add_expired(Memory& memory, int count) const {
    for (int i = 0; i < count; ++i) {
      memory.set("ns", "key" + std::to_string(i), i, {.ttl = milliseconds(5)});
    }
    clock_->advance(milliseconds(10));
  }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
};

TEST_F(Sweeping, LeavesAloneWhatAnotherTransactionHolds) {
  const std::string schema = new_schema();
  Memory memory = open_swept(schema);
  add_expired(memory, 10);
  Sql other;
  other.run("BEGIN");
  other.run(in_schema("SELECT FROM @schema@.entry WHERE key = 'key3' FOR UPDATE", schema));
  EXPECT_EQ(memory.sweep(), 9U);
  other.run("COMMIT");
  EXPECT_EQ(memory.sweep(), 1U);
}

TEST_F(Sweeping, InManyStepsTakesAsManyAsItIsTold) {
  const std::string schema = new_schema();
  Memory memory = open_swept(schema);
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < 1000; ++i) pairs.emplace_back("key" + std::to_string(i), i);
  for (const char* const ns : {"a", "b", "c"}) {
    memory.set_many(ns, pairs, {.ttl = milliseconds(5)});
  }
  clock_->advance(milliseconds(10));
  EXPECT_EQ(memory.sweep(2500), 2500U);
  EXPECT_EQ(memory.sweep(2500), 500U);
}

TEST_F(Sweeping, DoesNotHoldUpWritersOfOtherEntries) {
  const std::string schema = new_schema();
  Memory memory = open_swept(schema);
  memory.set("ns", "kept", 1);
  add_expired(memory, 10);
  Sql gate;
  // Its transaction stays open until the gate does.
  const std::string lock = std::to_string(::getpid());
  gate.run(in_schema("CREATE FUNCTION @schema@.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS "
                     "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(77001, ",
                     schema) +
           lock + "); RETURN NULL; END $$");
  gate.run(
      in_schema("CREATE TRIGGER gate AFTER DELETE ON @schema@.entry FOR EACH STATEMENT "
                "EXECUTE FUNCTION @schema@.wait_at_gate()",
                schema));
  gate.run("SELECT pg_advisory_lock(77001, " + lock + ")");
  // Patient, unlike the others.
  PostgresqlOptions options = options_for(schema);
  options.clock = clock_;
  Memory sweeper = open_postgresql(options);
  auto swept = std::async(std::launch::async, [&] { return sweeper.sweep(); });
  const std::string waiting =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
      "AND classid = 77001 AND objid = " +
      lock;
  wait_until([&] { return gate.run(waiting) == "1"; });
  memory.set("ns", "new", 1);
  memory.set("ns", "kept", 2);
  memory.increment("ns", "counter");
  EXPECT_EQ(memory.count(Scope{"ns"}), 3U);
  gate.run("SELECT pg_advisory_unlock(77001, " + lock + ")");
  EXPECT_EQ(swept.get(), 10U);
  EXPECT_EQ(memory.count(Scope{"ns"}), 3U);
}

class ServerClock : public StoreTest {
 protected:
  static std::int64_t server_ms(Sql& sql) {
    return std::stoll(
        sql.run("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"));
  }
  // Puts the clock that the store goes by ahead of the server's.
  static void set_ahead(Sql& sql, const std::string& schema, hours by) {
    sql.run(in_schema("CREATE OR REPLACE FUNCTION @schema@.instant(p_now bigint, p_floor bigint) "
                      "RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT coalesce(p_now, greatest("
                      "floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint + ",
                      schema) +
            std::to_string(milliseconds(by).count()) + ", p_floor)) $$");
  }
  static std::int64_t ms_of(Timestamp timestamp) { return timestamp.time_since_epoch().count(); }
};

TEST_F(ServerClock, GivesTheTimesOfEntries) {
  const std::string schema = new_schema();
  Memory memory = open(schema);
  Sql sql;
  const std::int64_t before = server_ms(sql);
  memory.set("ns", "key", 1, {.ttl = hours(1)});
  const std::int64_t after = server_ms(sql);
  const auto entry = memory.get_entry("ns", "key");
  ASSERT_TRUE(entry);
  EXPECT_GE(ms_of(entry->updated_at), before);
  EXPECT_LE(ms_of(entry->updated_at), after);
  EXPECT_EQ(*entry->expires_at - entry->updated_at, hours(1));
}

TEST_F(ServerClock, EndsEntriesWithATtl) {
  const std::string schema = new_schema();
  Memory memory = open(schema);
  memory.set("ns", "short", 1, {.ttl = milliseconds(30)});
  memory.set("ns", "long", 1, {.ttl = hours(1)});
  Sql sql;
  const std::int64_t end = std::stoll(
      sql.run(in_schema("SELECT expires_at FROM @schema@.entry WHERE key = 'short'", schema)));
  wait_until([&] { return server_ms(sql) >= end; });
  EXPECT_FALSE(memory.get("ns", "short"));
  EXPECT_TRUE(memory.get("ns", "long"));
  EXPECT_EQ(memory.count(Scope{"ns"}), 1U);
  EXPECT_EQ(memory.sweep(), 1U);
}

TEST_F(ServerClock, CountsRatherThanTheClients) {
  const std::string schema = new_schema();
  Memory memory = open(schema);
  memory.set("ns", "short", 1, {.ttl = hours(1)});
  Sql sql;
  set_ahead(sql, schema, hours(48));
  EXPECT_FALSE(memory.get("ns", "short"));
  memory.set("ns", "ahead", 1, {.ttl = hours(1)});
  const auto entry = memory.get_entry("ns", "ahead");
  ASSERT_TRUE(entry);
  EXPECT_GT(ms_of(entry->updated_at), server_ms(sql) + milliseconds(hours(47)).count());
}

TEST_F(ServerClock, DoesNotRunBackwardsForAHandle) {
  const std::string schema = new_schema();
  Memory memory = open(schema);
  Sql sql;
  set_ahead(sql, schema, hours(48));
  memory.set("ns", "first", 1);
  const auto first = memory.get_entry("ns", "first");
  set_ahead(sql, schema, hours(0));
  memory.set("ns", "second", 1, {.ttl = milliseconds(1)});
  Memory other = open(schema);
  other.set("ns", "third", 1);
  const auto third = other.get_entry("ns", "third");
  ASSERT_TRUE(first && third);
  EXPECT_LT(third->updated_at, first->updated_at);
  const std::string second =
      in_schema("SELECT updated_at FROM @schema@.entry WHERE key = 'second'", schema);
  EXPECT_GE(std::stoll(sql.run(second)), ms_of(first->updated_at));
}

}  // namespace
}  // namespace holdfast::postgresql
