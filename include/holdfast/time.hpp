/// @file
/// Time as the stores see it: timestamps, the injectable clock, and time to live (clause 6).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <ratio>

namespace holdfast {

/// Milliseconds since 1970-01-01T00:00:00Z.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where the time comes from. `now` is called from many threads at once.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() = 0;
};

/// The machine's clock; one object for the process.
[[nodiscard]] std::shared_ptr<Clock> system_clock();

/// A clock for tests that stands still until it is moved. Safe to use from many threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp(std::chrono::milliseconds(1'700'000'000'000)));
  [[nodiscard]] Timestamp now() override;
  void advance(std::chrono::milliseconds by);
  void set(Timestamp to);

 private:
  std::atomic<std::int64_t> now_ms_;
};

/// Reads another clock and never gives an earlier instant than it gave before, so that for one
/// handle time does not run backwards. Safe to use from many threads.
class MonotonicClock final : public Clock {
 public:
  explicit MonotonicClock(std::shared_ptr<Clock> source);
  [[nodiscard]] Timestamp now() override;

 private:
  std::shared_ptr<Clock> source_;
  std::atomic<std::int64_t> last_ms_;
};

/// A time to live: at least one millisecond. Finer durations are rounded up.
/// Construction throws `InvalidArgument` for zero, negative and overlong (over `max`) durations.
class Ttl {
 public:
  /// About 100,000 years; added to any instant of this era it cannot overflow.
  static constexpr std::chrono::milliseconds max{3'155'695'200'000'000};

  template <typename Rep, typename Period>
  Ttl(std::chrono::duration<Rep, Period> duration)
      : milliseconds_(checked(std::chrono::duration<long double, std::milli>(duration).count())) {}

  [[nodiscard]] std::chrono::milliseconds milliseconds() const noexcept { return milliseconds_; }
  [[nodiscard]] friend bool operator==(const Ttl&, const Ttl&) = default;

 private:
  [[nodiscard]] static std::chrono::milliseconds checked(long double milliseconds);

  std::chrono::milliseconds milliseconds_;
};

}  // namespace holdfast
