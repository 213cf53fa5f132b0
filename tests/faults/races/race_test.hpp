// What the tests of all stores do with a store that they opened.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>

#include "follower.hpp"
#include "game.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {

// How much is played.
struct Scale {
  unsigned threads = 8;
  unsigned rounds = 50;
  unsigned seeds = 1;
  bool clears = true;  // Whether there are clears among the moves.
  Rules rules{};
  std::optional<std::chrono::microseconds> hurry{};
};

// Opens a new store with the clock of the stage, and plays on it, for each seed.
using OpenAndPlay = std::function<Played(Stage&, const Game&)>;

inline void expect_all_explained(const std::string& promise, const char* game_name,
                                 const Scale& scale, const OpenAndPlay& open_and_play) {
  std::uint64_t operations = 0;
  for (unsigned i = 1; i <= scale.seeds && !::testing::Test::HasFailure(); ++i) {
    Game game = game_named(game_name);
    game.seed = i;
    game.threads = scale.threads;
    game.rounds = scale.rounds;
    game.limited = scale.rules.evicts;
    game.hurry = scale.hurry;
    std::erase_if(game.moves, [&](const Choice& choice) {
      return choice.move == Move::clear && !scale.clears;
    });
    Stage stage(game.threads);
    operations += expect_explained(open_and_play(stage, game), game, scale.rules);
  }
  count_tries(promise, operations);
}

// Opens a new store with its change log on, plays on it, and gives what is wrong with a follower.
using OpenAndFollow = std::function<std::string(Stage&, const Game&)>;

inline void expect_followed(const std::string& promise, unsigned histories,
                            const OpenAndFollow& open_and_follow) {
  for (unsigned i = 1; i <= histories; ++i) {
    Game game = game_named("expiring_batch");
    game.seed = i;
    game.rounds = 2;
    Stage stage(game.threads);
    ASSERT_EQ(open_and_follow(stage, game), "");
  }
  count_tries(promise, histories);
}

}  // namespace holdfast::fault_tests
