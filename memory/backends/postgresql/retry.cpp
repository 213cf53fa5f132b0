#include "retry.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace holdfast::postgresql {

namespace {

constexpr std::chrono::microseconds longest_pause{200'000};

// So that those who failed together do not come back together.
std::chrono::microseconds shortened(std::chrono::microseconds pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<std::chrono::microseconds::rep> among(pause.count() / 2,
                                                                      pause.count());
  return std::chrono::microseconds(among(random));
}

}  // namespace

void wait_for(std::chrono::microseconds duration, const Context& context) {
  context.check();
  auto until = std::chrono::steady_clock::now() + duration;
  if (context.deadline) until = std::min(until, *context.deadline);
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, context.stop, until, [] { return false; });
  context.check();
}

Backoff::Backoff(std::chrono::milliseconds bound)
    : end_(std::chrono::steady_clock::now() + bound) {}

bool Backoff::pause(const Context& context) {
  context.check();
  const auto length = shortened(next_);
  if (std::chrono::steady_clock::now() + length > end_) return false;
  wait_for(length, context);
  next_ = std::min(next_ * 2, longest_pause);
  return true;
}

}  // namespace holdfast::postgresql
