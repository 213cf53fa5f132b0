// Somebody who keeps a copy of a store by what it reports of its changes.
#pragma once

#include <map>
#include <string>

#include "game.hpp"
#include "holdfast/change.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::fault_tests {

class Follower {
 public:
  explicit Follower(Memory& memory) : memory_(memory) {}

  // Takes what is reported by now.
  void catch_up();
  // How the copy differs from the store, which rests; empty: it does not.
  [[nodiscard]] std::string difference();

 private:
  void take(const Change& change);

  Memory& memory_;
  Revision after_ = 0;
  std::map<std::string, Record> copy_;  // By key.
  std::string disorder_;                // What was wrong with a report.
};

// Plays a game on `memory` while somebody follows it on `followed`, which is the same store with
// its change log on. What is wrong with the copy at the end; empty: nothing.
[[nodiscard]] std::string follow_game(Memory& memory, Memory& followed, Stage& stage,
                                      const Game& game);

}  // namespace holdfast::fault_tests
