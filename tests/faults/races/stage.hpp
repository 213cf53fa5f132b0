// What the players of a history share, in one process or in several: an order of moments, a clock,
// and a barrier between rounds.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "history.hpp"
#include "holdfast/time.hpp"

namespace holdfast::fault_tests {

class Stage {
 public:
  static constexpr Ms tick = 10;

  // For `players` threads of this process.
  explicit Stage(unsigned players) : Stage({}, players) {}
  // For those of all processes that open the file; the first makes it, before the others begin.
  Stage(const std::filesystem::path& file, unsigned players);
  explicit Stage(const std::filesystem::path& file);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // The next moment: whatever happened before it was called, in any thread, has a smaller one.
  [[nodiscard]] std::uint64_t moment() { return shared_->moments.fetch_add(1); }
  [[nodiscard]] Ms now() const { return shared_->now_ms.load(); }
  void advance() { shared_->now_ms.fetch_add(tick); }
  // Returns when all players are here.
  void meet() { pthread_barrier_wait(&shared_->barrier); }
  // Shows `now()`. Outlives this.
  [[nodiscard]] std::shared_ptr<Clock> clock() const;

 private:
  struct Shared {
    std::atomic<std::uint64_t> moments{1};
    std::atomic<std::int64_t> now_ms{1'700'000'000'000};
    pthread_barrier_t barrier{};
  };
  class StageClock;

  [[nodiscard]] static std::shared_ptr<Shared> map(int file);

  std::shared_ptr<Shared> shared_;
  const bool owns_barrier_;  // A process that was killed may never leave one in a file.
};

}  // namespace holdfast::fault_tests
