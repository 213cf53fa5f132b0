// The contract of a few entries, one operation after the other: what the histories are held to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "history.hpp"

namespace holdfast::fault_tests {

// What lies at a key. Revisions that no answer has told yet are 0, until one does.
struct Cell {
  bool present = false;
  std::int64_t value = 0;
  Revision revision = 0;
  Revision created_revision = 0;
  Revision floor = 0;  // Those of later writes are above.
  Ms created_at = 0;
  Ms updated_at = 0;
  Ms expires_at = never;

  [[nodiscard]] bool is_live(Ms now) const {
    return present && (expires_at == never || expires_at > now);
  }
  [[nodiscard]] friend bool operator==(const Cell&, const Cell&) = default;
};

using State = std::array<Cell, max_keys>;

[[nodiscard]] std::size_t hash_of(const State& state);
[[nodiscard]] std::string describe(const Cell& cell);

// Does `operation` to `state`, with `now` for its instant. False: this is not what was answered,
// and `state` is of no use any more. Revisions rise while an entry lives, and with `creations_rise`
// beyond that.
[[nodiscard]] bool apply(const Operation& operation, Ms now, bool creations_rise, State& state);

// What an answer that shows an entry says of the cell.
[[nodiscard]] Cell cell_of(const Shown& shown);

}  // namespace holdfast::fault_tests
