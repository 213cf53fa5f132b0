#include "holdfast/time.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "holdfast/error.hpp"

namespace holdfast {

namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

std::int64_t since_epoch(Timestamp t) noexcept { return t.time_since_epoch().count(); }

Timestamp timestamp(std::int64_t ms) noexcept { return Timestamp(std::chrono::milliseconds(ms)); }

// Bounded in length whatever the number, unlike "%Lf".
std::string described(long double milliseconds) {
  if (std::isnan(milliseconds)) return "not a number";
  if (std::isinf(milliseconds)) return milliseconds > 0 ? "infinite" : "minus infinity";
  if (std::fabs(milliseconds) < 1e18L && milliseconds == std::trunc(milliseconds)) {
    return std::to_string(static_cast<std::int64_t>(milliseconds)) + " ms";
  }
  return (milliseconds < 0 ? "minus " : "") + std::string("some 10^") +
         std::to_string(static_cast<int>(std::floor(std::log10(std::fabs(milliseconds))))) + " ms";
}

}  // namespace

std::shared_ptr<Clock> system_clock() {
  static const std::shared_ptr<Clock> clock = std::make_shared<SystemClock>();
  return clock;
}

ManualClock::ManualClock(Timestamp start) : now_ms_(since_epoch(start)) {}

Timestamp ManualClock::now() { return timestamp(now_ms_.load(std::memory_order_acquire)); }

void ManualClock::advance(std::chrono::milliseconds by) {
  now_ms_.fetch_add(by.count(), std::memory_order_acq_rel);
}

void ManualClock::set(Timestamp to) { now_ms_.store(since_epoch(to), std::memory_order_release); }

MonotonicClock::MonotonicClock(std::shared_ptr<Clock> source)
    : source_(std::move(source)), last_ms_(std::numeric_limits<std::int64_t>::min()) {
  if (source_ == nullptr) throw_invalid_argument("clock: none was given to read the time from");
}

Timestamp MonotonicClock::now() {
  const std::int64_t read = since_epoch(source_->now());
  std::int64_t last = last_ms_.load(std::memory_order_acquire);
  while (last < read) {
    if (last_ms_.compare_exchange_weak(last, read, std::memory_order_acq_rel))
      return timestamp(read);
  }
  return timestamp(last);
}

std::chrono::milliseconds Ttl::checked(long double milliseconds) {
  const auto longest = static_cast<long double>(max.count());
  if (!(milliseconds > 0.0L && milliseconds <= longest)) {
    throw_invalid_argument("TTL: " + described(milliseconds) +
                           "; allowed is more than 0 and at most " + std::to_string(max.count()) +
                           " ms");
  }
  // 0.1 s as a double is a trace more than 100 ms: what lies below half a nanosecond is noise.
  constexpr long double noise_ms = 5e-7L;
  const auto rounded = static_cast<std::int64_t>(std::ceil(milliseconds - noise_ms));
  return std::chrono::milliseconds(rounded < 1 ? 1 : rounded);
}

}  // namespace holdfast
