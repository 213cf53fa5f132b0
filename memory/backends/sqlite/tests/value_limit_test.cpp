// Limits of single values, whichever operation writes them.
#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteValueLimit : public SqliteTest {};

TEST_F(SqliteValueLimit, HoldsForIncrementsToo) {
  SqliteOptions limited = options();
  limited.max_value_bytes = 2;
  Memory memory = open_sqlite(limited);
  memory.set("a", "n", 99);
  EXPECT_EQ(code_thrown_by([&] { memory.increment("a", "n"); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.get("a", "n"), MemoryValue(99));
  EXPECT_EQ(code_thrown_by([&] { memory.set("a", "n", 100); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(memory.stats().last_revision, 1);
  EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
}

}  // namespace
}  // namespace holdfast::sqlite_tests
