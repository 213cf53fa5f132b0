// Histories of the in-memory store.
#include "holdfast/in_memory.hpp"
#include "race_test.hpp"

namespace holdfast::fault_tests {
namespace {

#ifdef HOLDFAST_LONG_RACES
constexpr unsigned follower_histories = 3000;
#else
constexpr unsigned follower_histories = 100;
#endif

struct Variant {
  const char* name;
  const char* game;
  InMemoryOptions options{};
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

InMemoryOptions with_change_log() {
  InMemoryOptions options;
  options.change_log = true;
  return options;
}

// Room for less than the keys there are.
InMemoryOptions evicting(Eviction eviction, bool change_log) {
  InMemoryOptions options;
  options.eviction = eviction;
  options.max_entries = 2;
  options.change_log = change_log;
  return options;
}

std::vector<Variant> variants() {
  return {{"Single", "single"},
          {"Expiring", "expiring"},
          {"Batch", "batch"},
          {"ExpiringBatch", "expiring_batch"},
          {"Transaction", "transaction"},
          {"ExpiringWithChangeLog", "expiring", with_change_log()},
          {"BatchWithChangeLog", "expiring_batch", with_change_log()},
          {"EvictingByUse", "single", evicting(Eviction::lru, false)},
          {"EvictingByS3Fifo", "single", evicting(Eviction::s3fifo, true)},
          {"EvictingBatch", "batch", evicting(Eviction::lru, true)},
          {"EvictingTransaction", "transaction", evicting(Eviction::s3fifo, false)}};
}

class InMemoryRaces : public testing::TestWithParam<Variant> {
 protected:
  static void run(unsigned threads, unsigned rounds, unsigned seeds) {
    Scale scale{threads, rounds, seeds};
    scale.rules.evicts = GetParam().options.eviction != Eviction::none;
    scale.hurry = std::chrono::microseconds(5);
    const char* const promise = scale.rules.evicts ? "in memory, evicting: operations have an order"
                                                   : "in memory: operations have an order";
    expect_all_explained(promise, GetParam().game, scale, [](Stage& stage, const Game& game) {
      InMemoryOptions options = GetParam().options;
      options.clock = stage.clock();
      Memory memory = open_in_memory(options);
      return play(memory, stage, game);
    });
  }
};

#ifdef HOLDFAST_LONG_RACES
TEST_P(InMemoryRaces, ManyLongHistoriesHaveAnOrder) { run(16, 100, 40); }
#else
TEST_P(InMemoryRaces, HistoriesOf8ThreadsHaveAnOrder) { run(8, 120, 1); }
TEST_P(InMemoryRaces, HistoriesOf16ThreadsHaveAnOrder) { run(16, 60, 1); }
#endif

INSTANTIATE_TEST_SUITE_P(Options, InMemoryRaces, testing::ValuesIn(variants()),
                         [](const auto& variant) { return std::string(variant.param.name); });

TEST(InMemoryChanges, WhoFollowsThemDuringRacesHasWhatTheStoreHolds) {
  expect_followed("in memory: a follower of racing writers misses nothing", follower_histories,
                  [](Stage& stage, const Game& game) {
                    InMemoryOptions options = with_change_log();
                    options.clock = stage.clock();
                    Memory memory = open_in_memory(options);
                    return follow_game(memory, memory, stage, game);
                  });
}

}  // namespace
}  // namespace holdfast::fault_tests
