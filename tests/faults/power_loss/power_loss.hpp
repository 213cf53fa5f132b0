// Plays a workload, loses power at moments of it, and looks at what is there afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "disk.hpp"
#include "workload.hpp"

namespace holdfast::fault_tests {

struct PowerLossPlan {
  SqliteDurability durability = SqliteDurability::full;
  Beginning beginning = Beginning::no_file;
  std::uint64_t seed = 0;
  std::size_t steps = 40;
  // Power is lost before each such operation on the files, counted from a place that the seed
  // gives: while the store is opened for the first time, which may make its file or bring an older
  // format up to date, and afterwards.
  std::size_t opening_every = 1;
  std::size_t every = 1;
  // Likewise, and once more while what is left is opened again: at each such loss.
  std::size_t again_every = 4;
  // Some writes (at `normal`: some checkpoints) meet a sync that fails. What it was to make durable
  // may be lost, whatever is synced later, though processes go on seeing it.
  bool syncs_fail = false;
};

struct PowerLossCount {
  std::uint64_t losses = 0;
  std::uint64_t second_losses = 0;
};

// Fails the running test where a promise was broken, naming the loss. Stops at the first.
[[nodiscard]] PowerLossCount lose_power(const PowerLossPlan& plan);

}  // namespace holdfast::fault_tests
