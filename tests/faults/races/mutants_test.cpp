// The histories of stores with a race planted in them: each has to be found.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <ostream>
#include <string>

#include "game.hpp"
#include "holdfast/in_memory.hpp"
#include "racy_backend.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

struct Mutant {
  const char* fault;
  const char* game;
  Eviction eviction = Eviction::none;
};

void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.fault; }

constexpr Mutant mutants[] = {
    {"stale_read", "single"},          {"compare_then_write", "single"},
    {"increment_by_set", "single"},    {"erased_comes_back", "single"},
    {"revision_twice", "single"},      {"refused_but_applied", "single"},
    {"expires_late", "expiring"},      {"increment_clears_ttl", "expiring"},
    {"batch_in_parts", "batch"},       {"get_many_torn", "batch"},
    {"checks_ignored", "transaction"}, {"evicted_comes_back", "single", Eviction::lru},
};

Game game_of(const Mutant& mutant, std::uint64_t seed) {
  Game game = game_named(mutant.game);
  game.seed = seed;
  game.rounds = 20;
  game.limited = mutant.eviction != Eviction::none;
  game.hurry = std::chrono::seconds(10);  // Never over: who refuses all the same is at fault.
  return game;
}

std::string fault_in_history(const Mutant& mutant, const char* fault, std::uint64_t seed) {
  const Game game = game_of(mutant, seed);
  Stage stage(game.threads);
  InMemoryOptions options;
  options.clock = stage.clock();
  options.eviction = mutant.eviction;
  if (game.limited) options.max_entries = 2;
  Memory memory(std::make_unique<RacyBackend>(make_in_memory_backend(options), fault));
  return fault_in(play(memory, stage, game), game, {.evicts = game.limited});
}

class RaceMutants : public testing::TestWithParam<Mutant> {};

TEST_P(RaceMutants, IsFound) {
  constexpr std::uint64_t longest = 40;
  std::uint64_t seed = 1;
  std::string found;
  for (; seed <= longest && found.empty(); ++seed) {
    found = fault_in_history(GetParam(), GetParam().fault, seed);
  }
  EXPECT_FALSE(found.empty()) << "in " << longest << " histories";
  EXPECT_EQ(found.find("given up"), std::string::npos) << found;
  EXPECT_EQ(found.find("threw"), std::string::npos) << found;
  count_tries("races: planted races are found", 1);
}

TEST_P(RaceMutants, TheSameHistoryWithoutIsExplained) {
  EXPECT_EQ(fault_in_history(GetParam(), "", 1), "");
}

INSTANTIATE_TEST_SUITE_P(InMemory, RaceMutants, testing::ValuesIn(mutants),
                         [](const auto& mutant) { return std::string(mutant.param.fault); });

}  // namespace
}  // namespace holdfast::fault_tests
