// Histories: played by many threads, and checked round by round.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checker.hpp"
#include "player.hpp"
#include "stage.hpp"

namespace holdfast::fault_tests {

// The moves that concern one key each, so that each key has a history of its own.
[[nodiscard]] std::vector<Choice> single_moves();
// The same with deadlines, and with the clock moving.
[[nodiscard]] std::vector<Choice> expiring_moves();
// Batches and reads of several keys, among single ones.
[[nodiscard]] std::vector<Choice> batch_moves();
// Transactions, among batches and single moves.
[[nodiscard]] std::vector<Choice> transaction_moves();
// A game by its name: "single", "expiring", "batch", "expiring_batch", "transaction".
[[nodiscard]] Game game_named(std::string_view name);

struct Played {
  std::vector<Operation> operations;
  std::vector<std::string> problems;
  std::uint64_t refused = 0;
};

// Which handles a thread uses.
using Seating = std::function<Seat(unsigned thread)>;

// Plays this process's part of a game. Each round begins when all players of the stage have come.
[[nodiscard]] Played play(Stage& stage, const Seating& seating, const Game& game);
// The whole game on one handle, in this process.
[[nodiscard]] Played play(Memory& memory, Stage& stage, const Game& game);

// What is wrong with a history; empty: nothing.
[[nodiscard]] std::string fault_in(const Played& played, const Game& game, const Rules& rules = {});
// A failure of the test where something is. Returns how many operations the history has.
std::uint64_t expect_explained(const Played& played, const Game& game, const Rules& rules = {});

}  // namespace holdfast::fault_tests
