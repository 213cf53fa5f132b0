// What pg_dump writes is a whole store.
#include <cstdlib>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

class Backup : public ::testing::Test {
 protected:
  [[nodiscard]] PostgresqlOptions options(const std::string& database) const {
    PostgresqlOptions options;
    options.connection = server_.url(database);
    options.clock = clock_;
    return options;
  }
  [[nodiscard]] Memory open(const std::string& database) const {
    return open_postgresql(options(database));
  }
  static std::vector<Entry> all_of(Memory& memory) {
    MemoryQuery query;
    query.scope = Scope{"", true};
    query.limit = MemoryQuery::max_limit;
    return memory.query(query).entries;
  }
  void copy(const std::string& options_of_dump, const std::string& to) const {
    server_.create_database(to);
    const std::string command = "pg_dump --schema=holdfast " + options_of_dump + " '" +
                                server_.url("postgres") + "' | psql -q -v ON_ERROR_STOP=1 '" +
                                server_.url(to) + "' > /dev/null";
    ASSERT_EQ(std::system(("bash -c 'set -o pipefail; eval \"$0\"' " + quoted(command)).c_str()),
              0);
  }
  static std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
  }
  static testing::PostgresqlServerOptions server_options() {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    return options;
  }

  testing::PostgresqlServer server_{server_options()};
  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
};

TEST_F(Backup, ByPgDumpIsTheSameStoreInAnotherDatabase) {
  using namespace std::chrono_literals;
  PostgresqlOptions first = options("postgres");
  first.change_log = true;
  first.indexed_paths = {Path("role")};
  Memory memory = open_postgresql(first);
  for (int i = 0; i < 100; ++i) {
    memory.set(Namespace("users") / std::to_string(i % 7), "key" + std::to_string(i),
               MemoryValue::map({{"role", i % 2 == 0 ? "user" : "tool"}, {"text", "a\0\n'\\b"}}));
  }
  memory.set("users", "\xC3\xA4 'quoted' \\", std::string("\0 \x01", 3));
  memory.set("users", "short", 1, {.ttl = 5ms});
  memory.set("users", "long", 1, {.ttl = 1h});
  memory.erase("users/3", "key3");
  clock_->advance(10ms);

  copy("", "whole");
  copy("--no-unlogged-table-data", "without_unlogged");
  for (const char* const database : {"whole", "without_unlogged"}) {
    Memory restored = open(database);
    EXPECT_EQ(all_of(restored), all_of(memory));
    EXPECT_EQ(restored.count(Scope{"", true}), memory.count(Scope{"", true}));
    EXPECT_EQ(restored.stable_revision(), memory.stable_revision());
    const ChangePage changes = restored.changes(0, 1000);
    const ChangePage expected = memory.changes(0, 1000);
    ASSERT_EQ(changes.changes.size(), expected.changes.size());
    for (std::size_t i = 0; i < changes.changes.size(); ++i) {
      EXPECT_EQ(changes.changes[i].revision, expected.changes[i].revision);
      EXPECT_EQ(changes.changes[i].address, expected.changes[i].address);
    }
    EXPECT_EQ(restored.stats().details.find("indexed_paths"),
              memory.stats().details.find("indexed_paths"));
    EXPECT_EQ(restored.sweep(), 1U);
    EXPECT_GT(restored.set("users", "new", 1).revision, memory.stable_revision());
    EXPECT_TRUE(restored.health().ok);
  }
}

}  // namespace
}  // namespace holdfast::postgresql
