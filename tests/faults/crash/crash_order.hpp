// What a crash_driver is told to do, and what it says of it. It is given one order, or several for
// as many threads on one store, each with another number of its script's process; the first says
// how all of them die.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crash_steps.hpp"
#include "holdfast/entry.hpp"
#include "kill_point.hpp"

namespace holdfast::fault_tests {

struct Order {
  std::string url{};
  std::string folder{};  // Of the test; that of the store, where it lies in files.
  Script script{};
  std::size_t from = 0;  // Steps, `to` not included.
  std::size_t to = 0;
  KillPoint kill{};
  bool watches_sockets = false;    // Counts what goes to a server instead of calls to files.
  bool opens_undisturbed = false;  // Counts from the first step on.
  bool dies_at_end = false;        // By SIGKILL, without closing the store.
  bool persists = false;           // Repeats what a store that was gone did not do.

  [[nodiscard]] std::vector<std::string> words() const;
  [[nodiscard]] static std::vector<Order> from_words(const std::vector<std::string>& words);
};

// The lines of a driver, each written by one call:
//   intends PROCESS STEP                 before it asks the store
//   acknowledged PROCESS STEP REVISION   after; 0: the answer has none
//   again PROCESS STEP                   the store was not there, and nothing was done
//   unknown PROCESS STEP, resolved PROCESS STEP applied|not
//   killed MOMENT CALL FILE DETAILS #NUMBER
struct Told {
  std::map<std::size_t, Revision> acknowledged;
  std::optional<std::size_t> in_doubt;  // Intended, and neither acknowledged nor known.
  std::string killed;                   // Empty: it does not know where.
  std::size_t again = 0;
  std::size_t unknown = 0;
};
[[nodiscard]] Told told_by(const std::string& text, int process);

}  // namespace holdfast::fault_tests
