// Looks for an order of a history's operations that explains every answer: linearizability, as Wing
// and Gong search for it, with the states remembered that were tried (Lowe), key by key where no
// operation joins them (as Porcupine does).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "history.hpp"
#include "model.hpp"

namespace holdfast::fault_tests {

enum class Verdict : std::uint8_t {
  explained,
  impossible,  // There is no such order.
  too_large,   // The search was given up. That is a failure, too.
};

struct Finding {
  Verdict verdict = Verdict::explained;
  std::string report{};  // The history, and how far an order went, where it is not explained.
};

struct Rules {
  // Any entry may go at any moment; what comes back then is new.
  bool evicts = false;
  // The revision of a new entry is above those of what lay there before, and not only above those
  // of writes that had returned before it was asked for (check_revisions).
  bool creations_rise = true;
  // The instants that clocks showed are so far apart.
  Ms tick = 10;
  std::size_t max_states = 200'000;
};

// Each operation takes effect at one moment between its call and its return, in which it sees what
// those before it left, with an instant for now that its clock showed meanwhile. Instants do not
// order the operations: one that took its instant and then had to wait may come after others that
// took a later one, and find reclaimed what had not yet expired for it.
[[nodiscard]] Finding check_order(const State& initial, std::span<const Operation> operations,
                                  const Rules& rules = {});

// Clause 3.1: no revision is given twice; each is above those of writes that had returned before it
// was asked for, and they rise within a batch.
[[nodiscard]] Finding check_revisions(std::span<const Operation> operations);

}  // namespace holdfast::fault_tests
