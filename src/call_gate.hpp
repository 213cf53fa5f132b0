// Which calls are running, so that `close` can wait for them, and what they met.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "holdfast/stats.hpp"

namespace holdfast {

// Counts are kept apart by thread, so that readers on different cores do not share a cache line.
class CallGate {
 public:
  struct alignas(64) Lane {
    // Calls that run, in the lower bits, and hits above them: a read that found something leaves
    // and is counted in one step.
    std::atomic<std::uint64_t> running_and_hits{0};
    std::atomic<std::uint64_t> misses{0};
    std::atomic<std::uint64_t> writes{0};
  };

  // Marks a call as running for as long as it lives.
  class Pass {
   public:
    explicit Pass(CallGate& gate);  // Throws `FailedPrecondition` once the gate is closed.
    ~Pass() {
      lane_.running_and_hits.fetch_add(has_hit_ ? one_hit - 1 : ~std::uint64_t{0},
                                       std::memory_order_release);
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    void count_read(bool found) noexcept;
    void count_writes(std::uint64_t number) noexcept;

   private:
    Lane& lane_;
    bool has_hit_ = false;
  };

  // Refuses new calls and waits for those that run. True for the first caller alone.
  bool close();
  void add_to(HandleCounters& counters) const noexcept;

 private:
  static constexpr std::uint64_t one_hit = std::uint64_t{1} << 20;
  [[nodiscard]] static std::uint64_t running(std::uint64_t word) noexcept {
    return word & (one_hit - 1);
  }
  [[nodiscard]] Lane& lane_of_this_thread() noexcept;

  std::array<Lane, 16> lanes_;
  std::atomic<bool> is_closed_{false};
};

}  // namespace holdfast
