// A game that several processes play on one store.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "game.hpp"

namespace holdfast::fault_tests {

// Opens the store in a process of the game.
using OpenStore = std::function<Memory(std::shared_ptr<Clock>)>;

// Each process plays with `game.threads` threads. The calling process must have a single thread,
// and plays no part. Throws std::runtime_error where a process fails; the others are killed then.
[[nodiscard]] Played play_in_processes(unsigned processes, const Game& game,
                                       const std::filesystem::path& folder, const OpenStore& open);

}  // namespace holdfast::fault_tests
