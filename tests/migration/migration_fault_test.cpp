// What goes wrong at the destination, and what becomes of the migration then.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <stop_token>
#include <string>

#include "holdfast/diff.hpp"
#include "holdfast/migration.hpp"
#include "stores.hpp"

namespace holdfast::migration_tests {
namespace {

constexpr int entries = 100;

class MigrationFault : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    for (int i = 0; i < entries; ++i) source_.set("a", std::to_string(i), i);
    options_.batch_entries = 10;
  }
  [[nodiscard]] std::string destination(const std::string& options = {}) const {
    return stores_.url(GetParam(), "to", options);
  }

  const Stores stores_;
  Memory source_ = open(stores_.url(Engine::sqlite, "from"));
  MigrationOptions options_;
};

TEST_P(MigrationFault, AFullDestinationIsNamedAndWithRoomItGoesOn) {
  {
    Memory full = open(destination("&max_entries=45"));
    try {
      static_cast<void>(migrate(source_, full, options_));
      FAIL() << "it should not have fitted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::resource_exhausted) << error.what();
      EXPECT_NE(error.message().find("max_entries"), std::string::npos) << error.what();
    }
    EXPECT_EQ(full.count(Scope{"a"}), 40U);
  }
  Memory roomy = open(destination());
  const MigrationResult result = migrate(source_, roomy, options_);
  EXPECT_TRUE(result.resumed);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.copied, std::uint64_t{entries});
}

TEST_P(MigrationFault, AStopInTheMiddleIsCancelledAndTheNextCallGoesOn) {
  Memory to = open(destination());
  std::stop_source stop;
  Context context;
  context.stop = stop.get_token();
  options_.on_progress = [&](const MigrationProgress& progress) {
    if (progress.done >= 30) stop.request_stop();
  };
  try {
    static_cast<void>(migrate(source_, to, options_, context));
    FAIL() << "it should have stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled) << error.what();
  }
  EXPECT_EQ(to.count(Scope{"a"}), 30U);
  options_.on_progress = {};
  const MigrationResult result = migrate(source_, to, options_);
  EXPECT_TRUE(result.resumed);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.copied, std::uint64_t{entries});
}

INSTANTIATE_TEST_SUITE_P(, MigrationFault, testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& tested) { return to_string(tested.param); });

TEST(MigrationDamage, AValueThatChangedBehindTheStoresBackIsFoundAndMended) {
  const Stores stores;
  Memory source = open(stores.url(Engine::sqlite, "from"));
  for (int i = 0; i < entries; ++i) source.set("a", std::to_string(i), i);
  {
    Memory to = open(stores.url(Engine::sqlite, "to"));
    ASSERT_TRUE(migrate(source, to).verified);
  }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(stores.path("to.db").c_str(), &raw), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_exec(raw, "UPDATE entry SET value = '77' WHERE key = '7'", nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(raw);

  Memory to = open(stores.url(Engine::sqlite, "to"));
  std::vector<std::string> different;
  static_cast<void>(diff(source, to, {}, [&](const Difference& difference) {
    different.push_back(difference.left->key);
    return true;
  }));
  EXPECT_EQ(different, std::vector<std::string>{"7"});
  EXPECT_TRUE(migrate(source, to).verified);
  EXPECT_EQ(to.get("a", "7"), MemoryValue(7));
}

}  // namespace
}  // namespace holdfast::migration_tests
