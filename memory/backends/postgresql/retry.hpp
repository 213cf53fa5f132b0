// How often what failed for a passing reason is tried again.
#pragma once

#include <chrono>
#include <cstdint>

#include "holdfast/context.hpp"

namespace holdfast::postgresql {

// Waits. Throws DeadlineExceeded or Cancelled by the context, also in the middle.
void wait_for(std::chrono::microseconds duration, const Context& context);

// Pauses that double from one millisecond to 200, each shortened at random by up to half, as long
// as their sum stays within a bound. (Exponential back-off with jitter: M. Brooker, AWS
// Architecture Blog, 2015.)
class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds bound);
  // Waits, and says true; false, at once, where the bound would be passed. Throws DeadlineExceeded
  // or Cancelled by the context, also in the middle of a pause.
  [[nodiscard]] bool pause(const Context& context);

 private:
  std::chrono::steady_clock::time_point end_;
  std::chrono::microseconds next_{1000};
};

}  // namespace holdfast::postgresql
