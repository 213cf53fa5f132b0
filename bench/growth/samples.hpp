// How long calls took, and how many instructions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::bench {

struct Samples {
  std::vector<std::uint64_t> nanoseconds;
  std::vector<std::uint64_t> instructions;  // Of other calls than those timed; empty: unknown.
};

// The value that so many of a hundred are not above.
[[nodiscard]] std::optional<std::uint64_t> percentile(std::vector<std::uint64_t> values,
                                                      std::size_t percent);

// Counts the instructions that this thread executes outside the kernel, where the system lets it.
class InstructionCounter {
 public:
  InstructionCounter();
  ~InstructionCounter();
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  void start();
  [[nodiscard]] std::optional<std::uint64_t> stop();

 private:
  int descriptor_ = -1;
};

// Takes samples of one operation until there are enough, or it took long enough. Of eight calls
// seven are timed; the instructions of the eighth are counted, since that would disturb a clock.
class Sampler {
 public:
  explicit Sampler(std::size_t most) : most_(most) {}

  [[nodiscard]] bool wants_more() const;
  template <typename Call>
  void take(const Call& call) {
    if (calls_++ % 8 == 7) {
      counter_.start();
      call();
      if (const auto counted = counter_.stop()) samples_.instructions.push_back(*counted);
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    call();
    const auto took = std::chrono::steady_clock::now() - start;
    samples_.nanoseconds.push_back(static_cast<std::uint64_t>(took.count()));
  }
  // Forgets what was sampled so far, which warmed caches.
  void forget() { samples_ = {}; }
  [[nodiscard]] Samples samples() && { return std::move(samples_); }

 private:
  static constexpr std::size_t least = 16;
  static constexpr std::chrono::seconds longest{4};

  std::size_t most_;
  std::size_t calls_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  InstructionCounter counter_;
  Samples samples_;
};

}  // namespace holdfast::bench
