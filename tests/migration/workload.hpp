// A writer whose steps follow from a number: played again elsewhere, they leave the same.
#pragma once

#include <random>
#include <string>

#include "holdfast/memory.hpp"

namespace holdfast::migration_tests {

// Writes to namespaces below one of its own, and increments counters that all writers share. Each
// step is one acknowledged write or a few; it throws where one of them is not. For one thread.
class Workload {
 public:
  // Where all writers' counters lie. What they come to depends on no order.
  static constexpr const char* counters = "shared/counters";

  explicit Workload(int number);

  void step(Memory& memory);
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] int steps() const noexcept { return steps_; }
  [[nodiscard]] const Namespace& own() const noexcept { return own_; }

 private:
  [[nodiscard]] std::string any_key();
  void write_batch(Memory& memory);
  void compare_and_set(Memory& memory);
  void fill_and_clear(Memory& memory);

  int number_;
  Namespace own_;
  std::mt19937 random_;
  int steps_ = 0;
};

}  // namespace holdfast::migration_tests
