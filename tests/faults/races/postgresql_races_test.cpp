// Histories of the PostgreSQL store: of one handle, and of two on one store.
#include "holdfast/postgresql.hpp"
#include "postgresql_server.hpp"
#include "race_test.hpp"
#include "support/temporary_folder.hpp"
#include "test_schema.hpp"

namespace holdfast::fault_tests {
namespace {

#ifdef HOLDFAST_LONG_RACES
constexpr unsigned seeds = 25;
constexpr unsigned follower_histories = 400;
#else
constexpr unsigned seeds = 1;
constexpr unsigned follower_histories = 5;
#endif

// Writers who wait for each other do so for a second, as long as the server asks for no less; who
// may not say so has the second.
const std::string& url_with_quick_deadlocks() {
  static const std::string url = [] {
    const std::string shared = holdfast::testing::shared_server_url();
    const std::string quick =
        holdfast::testing::with_url_options(shared, {{"options", "-c deadlock_timeout=20ms"}});
    try {
      open_postgresql({.connection = quick, .create = false}).close();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed_precondition) return shared;
    }
    return quick;  // No store lies there.
  }();
  return url;
}

// `clear` may leave what others make while it runs (README.md of the store), though a reader has
// seen it beside what went.
constexpr bool clears = false;

// Writers take a new entry's revision before they find the place free.
constexpr Rules rules{.creations_rise = false};

// A store of a test's own, gone at the end.
class SchemaOfItsOwn {
 public:
  SchemaOfItsOwn() : name_(testing_schema()) {}
  ~SchemaOfItsOwn() { holdfast::testing::drop_schema(name_); }
  SchemaOfItsOwn(const SchemaOfItsOwn&) = delete;
  SchemaOfItsOwn& operator=(const SchemaOfItsOwn&) = delete;

  [[nodiscard]] PostgresqlOptions options(std::shared_ptr<Clock> clock) const {
    PostgresqlOptions options;
    options.connection = url_with_quick_deadlocks();
    options.schema = name_;
    options.pool_size = 16;
    options.clock = std::move(clock);
    // Machines that are busy with other tests are slow.
    options.pool_wait = options.retry_for = std::chrono::minutes(1);
    return options;
  }

 private:
  [[nodiscard]] std::string testing_schema() const {
    return holdfast::testing::schema_for(folder_.path());
  }

  const TemporaryFolder folder_;
  const std::string name_;
};

class PostgresqlRaces : public ::testing::TestWithParam<const char*> {};

TEST_P(PostgresqlRaces, HistoriesOf8ThreadsHaveAnOrder) {
  const Scale scale{.threads = 8,
                    .rounds = 6,
                    .seeds = seeds,
                    .clears = clears,
                    .rules = rules,
                    .hurry = std::chrono::microseconds(3000)};
  expect_all_explained("PostgreSQL: operations have an order", GetParam(), scale,
                       [](Stage& stage, const Game& game) {
                         const SchemaOfItsOwn schema;
                         Memory memory = open_postgresql(schema.options(stage.clock()));
                         return play(memory, stage, game);
                       });
}

TEST_P(PostgresqlRaces, HistoriesOf16ThreadsOnTwoHandlesHaveAnOrder) {
  const Scale scale{.threads = 16, .rounds = 3, .seeds = seeds, .clears = clears, .rules = rules};
  expect_all_explained(
      "PostgreSQL, two handles: operations have an order", GetParam(), scale,
      [](Stage& stage, const Game& game) {
        const SchemaOfItsOwn schema;
        Memory first = open_postgresql(schema.options(stage.clock()));
        Memory second = open_postgresql(schema.options(stage.clock()));
        const auto seating = [&](unsigned thread) {
          // Some write by one handle and read by the other.
          return Seat{thread % 2 == 0 ? first : second, thread % 3 == 0 ? first : second};
        };
        return play(stage, seating, game);
      });
}

INSTANTIATE_TEST_SUITE_P(Games, PostgresqlRaces,
                         ::testing::Values("single", "expiring", "batch", "expiring_batch",
                                           "transaction"),
                         [](const auto& game) { return std::string(game.param); });

TEST(PostgresqlChanges, WhoFollowsThemDuringRacesHasWhatTheStoreHolds) {
  expect_followed("PostgreSQL: a follower of racing writers misses nothing", follower_histories,
                  [](Stage& stage, const Game& game) {
                    const SchemaOfItsOwn schema;
                    PostgresqlOptions options = schema.options(stage.clock());
                    options.change_log = true;
                    Memory memory = open_postgresql(options);
                    Memory followed = open_postgresql(schema.options(stage.clock()));
                    return follow_game(memory, followed, stage, game);
                  });
}

}  // namespace
}  // namespace holdfast::fault_tests
