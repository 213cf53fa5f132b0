// Draws steps.
#pragma once

#include <cstdint>

#include "holdfast/conformance/random_inputs.hpp"
#include "player.hpp"

namespace holdfast::differential {

// The same steps for one seed everywhere, whatever stores answer.
class RandomSteps {
 public:
  // `start`: what the clock shows before the first step.
  RandomSteps(std::uint64_t seed, Timestamp start);
  // The same with inputs of another pool.
  RandomSteps(std::uint64_t seed, Timestamp start, conformance::InputPool pool);

  [[nodiscard]] Step next();
  // For a store that was never written to: entries with revisions of their own.
  [[nodiscard]] Step restore_with_revisions();

 private:
  struct Weighted {
    std::size_t weight;
    Step (RandomSteps::*draw)();
  };

  Step single();
  Step read();
  Step refreshing_read();
  Step take();
  Step increment();
  Step touch();
  Step update();
  Step batch();
  Step set_many();
  Step erase_many();
  Step transaction();
  Step get_many();
  Step query();
  Step walk();
  Step top();
  Step count();
  Step clear();
  Step namespaces();
  Step stats();
  Step changes();
  Step restore();
  Step refused_restore();
  Step refused();
  Step sweep();
  Step move_clock();
  Step reopen();

  [[nodiscard]] MemoryQuery random_query();
  [[nodiscard]] std::vector<std::string> keys();

  conformance::RandomInputs inputs_;
  Timestamp now_;
};

// What is visible of the whole store: every entry and every namespace.
[[nodiscard]] Step see_everything();
// Restores them with their revisions into a store that was never written to.
[[nodiscard]] Step restore_all(std::vector<Entry> entries);
// The changes after `after`, or where the player last stopped following them.
[[nodiscard]] Step see_changes(std::optional<Revision> after, std::size_t limit);

}  // namespace holdfast::differential
