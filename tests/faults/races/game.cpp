#include "game.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>

namespace holdfast::fault_tests {
namespace {

std::vector<Choice> with(std::vector<Choice> moves, const std::vector<Choice>& more) {
  moves.insert(moves.end(), more.begin(), more.end());
  return moves;
}

void add(Played& played, const Player& player) {
  const auto& operations = player.operations();
  played.operations.insert(played.operations.end(), operations.begin(), operations.end());
  const auto& problems = player.problems();
  played.problems.insert(played.problems.end(), problems.begin(), problems.end());
  played.refused += player.refused();
}

Revision greatest_revision(const std::vector<Operation>& operations) {
  Revision greatest = 0;
  for (const Operation& operation : operations) {
    for (const Step& step : operation.all_steps()) {
      if (step.tells_revision) greatest = std::max(greatest, step.revision);
      if (step.before) greatest = std::max(greatest, step.before->revision);
    }
  }
  return greatest;
}

// What the reads that closed a round found.
State closing_state(const std::vector<Operation>& operations, Revision greatest) {
  State state{};
  for (const Operation& operation : operations) {
    if (!operation.closes_round) continue;
    const Step& step = operation.steps[0];
    if (step.before) state[step.key] = cell_of(*step.before);
  }
  for (Cell& cell : state) cell.floor = greatest;
  return state;
}

}  // namespace

std::vector<Choice> single_moves() {
  return {{Move::get, 12},
          {Move::get_entry, 12},
          {Move::set, 10},
          {Move::set_conditionally, 10},
          {Move::increment, 10},
          {Move::erase, 5},
          {Move::erase_conditionally, 4},
          {Move::take, 4},
          {Move::update, 5}};
}

std::vector<Choice> expiring_moves() {
  return with(single_moves(),
              {{Move::touch, 8}, {Move::get_and_refresh, 6}, {Move::advance, 6}, {Move::sweep, 3}});
}

std::vector<Choice> batch_moves() {
  return with(single_moves(),
              {{Move::write, 30}, {Move::get_many, 12}, {Move::query, 6}, {Move::clear, 2}});
}

std::vector<Choice> transaction_moves() {
  return {{Move::transaction, 50}, {Move::write, 12}, {Move::get_many, 10}, {Move::set, 6},
          {Move::increment, 6},    {Move::erase, 4},  {Move::query, 4}};
}

Game game_named(std::string_view name) {
  Game game;
  game.deadlines = name == "expiring" || name == "expiring_batch";
  if (name == "single") {
    game.moves = single_moves();
  } else if (name == "expiring") {
    game.moves = expiring_moves();
  } else if (name == "batch") {
    game.moves = batch_moves();
  } else if (name == "expiring_batch") {
    game.moves = with(batch_moves(), {{Move::touch, 4}, {Move::advance, 4}, {Move::sweep, 3}});
  } else if (name == "transaction") {
    game.moves = transaction_moves();
  } else {
    throw std::invalid_argument("there is no such game");
  }
  // Where keys are joined, all that happens in a round is one search.
  const bool is_joined = name != "single" && name != "expiring";
  game.calls = is_joined ? 5 : 12;
  return game;
}

Played play(Stage& stage, const Seating& seating, const Game& game) {
  std::vector<std::unique_ptr<Player>> players;
  for (unsigned i = 0; i < game.threads; ++i) {
    const unsigned number = game.first_thread + i;
    players.push_back(std::make_unique<Player>(stage, seating(number), game, number));
  }
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < game.threads; ++i) {
      const bool closes = game.first_thread + i == 0;
      threads.emplace_back([&stage, &game, closes, &player = *players[i]] {
        for (std::uint32_t round = 0; round < game.rounds; ++round) {
          stage.meet();
          player.play(round);
          stage.meet();
          if (closes) player.close_round(round);
        }
      });
    }
  }
  Played played;
  for (const auto& player : players) add(played, *player);
  return played;
}

Played play(Memory& memory, Stage& stage, const Game& game) {
  return play(
      stage,
      [&](unsigned) {
        return Seat{memory, memory};
      },
      game);
}

std::string fault_in(const Played& played, const Game& game, const Rules& rules) {
  const std::string seed = "Seed " + std::to_string(game.seed) + ", ";
  if (!played.problems.empty()) return seed + played.problems.front();
  std::map<std::uint32_t, std::vector<Operation>> rounds;
  for (const Operation& operation : played.operations) {
    rounds[operation.round].push_back(operation);
  }
  State state{};
  Revision greatest = 0;
  for (const auto& [round, operations] : rounds) {
    const std::string place = seed + "round " + std::to_string(round) + ":\n";
    const Finding order = check_order(state, operations, rules);
    if (order.verdict != Verdict::explained) return place + order.report;
    const Finding revisions = check_revisions(operations);
    if (revisions.verdict != Verdict::explained) return place + revisions.report;
    greatest = std::max(greatest, greatest_revision(operations));
    state = closing_state(operations, greatest);
  }
  return {};
}

std::uint64_t expect_explained(const Played& played, const Game& game, const Rules& rules) {
  const std::string fault = fault_in(played, game, rules);
  EXPECT_TRUE(fault.empty()) << fault;
  return played.operations.size();
}

}  // namespace holdfast::fault_tests
