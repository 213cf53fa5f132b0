// Histories of the SQLite store: of one handle, of one beside another that only reads, and of
// several processes on one file.
#include "holdfast/sqlite.hpp"
#include "processes.hpp"
#include "race_test.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::fault_tests {
namespace {

#ifdef HOLDFAST_LONG_RACES
constexpr unsigned seeds = 25;
constexpr unsigned full_seeds = 10;
constexpr unsigned follower_histories = 400;
#else
constexpr unsigned seeds = 1;
constexpr unsigned full_seeds = 1;
constexpr unsigned follower_histories = 10;
#endif

SqliteOptions options_in(const TemporaryFolder& folder, std::shared_ptr<Clock> clock,
                         SqliteDurability durability = SqliteDurability::normal) {
  SqliteOptions options;
  options.path = (folder.path() / "store.db").string();
  options.durability = durability;
  options.clock = std::move(clock);
  // Machines that are busy with other tests are slow.
  options.busy_timeout = std::chrono::minutes(1);
  return options;
}

void expect_sound(Memory& memory) {
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
}

class SqliteRaces : public testing::TestWithParam<const char*> {
 protected:
  // One handle for all threads.
  static void run(const std::string& promise, const Scale& scale, SqliteDurability durability) {
    expect_all_explained(promise, GetParam(), scale, [&](Stage& stage, const Game& game) {
      const TemporaryFolder folder;
      Memory memory = open_sqlite(options_in(folder, stage.clock(), durability));
      Played played = play(memory, stage, game);
      expect_sound(memory);
      return played;
    });
  }
};

TEST_P(SqliteRaces, HistoriesOf8ThreadsHaveAnOrder) {
  run("SQLite: operations have an order",
      {.threads = 8, .rounds = 12, .seeds = seeds, .hurry = std::chrono::microseconds(500)},
      SqliteDurability::normal);
}

TEST_P(SqliteRaces, HistoriesOf16ThreadsHaveAnOrderWhereWritesAreSynced) {
  run("SQLite, durability=full: operations have an order",
      {.threads = 16, .rounds = 3, .seeds = full_seeds, .hurry = std::chrono::microseconds(2000)},
      SqliteDurability::full);
}

TEST_P(SqliteRaces, WhoReadsByAnotherHandleSeesTheSameOrder) {
  const Scale scale{.threads = 8, .rounds = 8, .seeds = seeds};
  expect_all_explained("SQLite, two handles: operations have an order", GetParam(), scale,
                       [](Stage& stage, const Game& game) {
                         const TemporaryFolder folder;
                         SqliteOptions options = options_in(folder, stage.clock());
                         Memory writing = open_sqlite(options);
                         options.read_only = true;
                         Memory reading = open_sqlite(options);
                         const auto seating = [&](unsigned thread) {
                           return Seat{writing, thread % 2 == 0 ? writing : reading};
                         };
                         return play(stage, seating, game);
                       });
}

TEST_P(SqliteRaces, HistoriesOfThreeProcessesHaveAnOrder) {
  const Scale scale{.threads = 3, .rounds = 6, .seeds = seeds};
  std::uint64_t operations = 0;
  for (unsigned i = 1; i <= scale.seeds && !HasFailure(); ++i) {
    Game game = game_named(GetParam());
    game.seed = i;
    game.threads = scale.threads;
    game.rounds = scale.rounds;
    const TemporaryFolder folder;
    // The file is there before they race for it.
    open_sqlite(options_in(folder, nullptr)).close();
    const Played played = play_in_processes(3, game, folder.path(), [&](auto clock) {
      return open_sqlite(options_in(folder, std::move(clock)));
    });
    operations += expect_explained(played, game);
    Memory memory = open_sqlite(options_in(folder, nullptr));
    expect_sound(memory);
  }
  count_tries("SQLite, three processes: operations have an order", operations);
}

INSTANTIATE_TEST_SUITE_P(Games, SqliteRaces,
                         testing::Values("single", "expiring", "batch", "expiring_batch",
                                         "transaction"),
                         [](const auto& game) { return std::string(game.param); });

TEST(SqliteChanges, WhoFollowsThemDuringRacesHasWhatTheStoreHolds) {
  expect_followed("SQLite: a follower of racing writers misses nothing", follower_histories,
                  [](Stage& stage, const Game& game) {
                    const TemporaryFolder folder;
                    SqliteOptions options = options_in(folder, stage.clock());
                    options.change_log = true;
                    Memory memory = open_sqlite(options);
                    return follow_game(memory, memory, stage, game);
                  });
}

}  // namespace
}  // namespace holdfast::fault_tests
