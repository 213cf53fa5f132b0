#include "holdfast/time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <chrono>
#include <limits>
#include <ratio>
#include <string>
#include <thread>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr Timestamp start{milliseconds(1'000'000)};

template <typename Duration>
std::string refusal_of(Duration duration) {
  try {
    return "accepted as " + std::to_string(Ttl(duration).milliseconds().count());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
}

TEST(Ttl, KeepsMillisecondsExactly) {
  EXPECT_EQ(Ttl(1ms).milliseconds(), 1ms);
  EXPECT_EQ(Ttl(90s).milliseconds(), 90'000ms);
  EXPECT_EQ(Ttl(24h).milliseconds(), 86'400'000ms);
  EXPECT_EQ(Ttl(Ttl::max).milliseconds(), Ttl::max);
  EXPECT_EQ(Ttl(Ttl::max - 1ms).milliseconds(), Ttl::max - 1ms);
}

TEST(Ttl, RoundsFinerDurationsUp) {
  EXPECT_EQ(Ttl(1ns).milliseconds(), 1ms);
  EXPECT_EQ(Ttl(std::chrono::duration<int, std::pico>(1)).milliseconds(), 1ms);
  EXPECT_EQ(Ttl(1'000'000ns).milliseconds(), 1ms);
  EXPECT_EQ(Ttl(1'000'001ns).milliseconds(), 2ms);
  EXPECT_EQ(Ttl(1500us).milliseconds(), 2ms);
}

TEST(Ttl, FractionsOfASecondMeanWhatTheySay) {
  EXPECT_EQ(Ttl(std::chrono::duration<double>(0.1)).milliseconds(), 100ms);
  EXPECT_EQ(Ttl(std::chrono::duration<double>(0.3)).milliseconds(), 300ms);
  EXPECT_EQ(Ttl(std::chrono::duration<double>(1.0005)).milliseconds(), 1001ms);
  EXPECT_EQ(Ttl(std::chrono::duration<double>(1e-12)).milliseconds(), 1ms);
}

TEST(Ttl, ZeroAndLessAreRefused) {
  EXPECT_THAT(refusal_of(0ms), HasSubstr("0 ms; allowed is more than 0"));
  EXPECT_THAT(refusal_of(-1ms), HasSubstr("-1 ms"));
  EXPECT_THAT(refusal_of(-1ns), HasSubstr("allowed"));
  EXPECT_THAT(refusal_of(milliseconds::min()), HasSubstr("allowed"));
  EXPECT_THAT(refusal_of(std::chrono::hours::min()), HasSubstr("allowed"));
}

TEST(Ttl, OverlongDurationsAreRefused) {
  EXPECT_THAT(refusal_of(Ttl::max + 1ms), HasSubstr("at most 3155695200000000 ms"));
  EXPECT_THAT(refusal_of(milliseconds::max()), HasSubstr("at most"));
  EXPECT_THAT(refusal_of(std::chrono::hours::max()), HasSubstr("at most"));
  EXPECT_THAT(refusal_of(std::chrono::years::max()), HasSubstr("at most"));
}

TEST(Ttl, WhatIsNoNumberIsRefused) {
  using Seconds = std::chrono::duration<double>;
  EXPECT_THAT(refusal_of(Seconds(std::numeric_limits<double>::quiet_NaN())),
              HasSubstr("not a number"));
  EXPECT_THAT(refusal_of(Seconds(std::numeric_limits<double>::infinity())), HasSubstr("infinite"));
  EXPECT_THAT(refusal_of(Seconds(-std::numeric_limits<double>::infinity())),
              HasSubstr("minus infinity"));
  EXPECT_THAT(refusal_of(Seconds(1e300)), HasSubstr("10^303 ms"));
}

TEST(ManualClock, StandsStillUntilItIsMoved) {
  ManualClock clock(start);
  EXPECT_EQ(clock.now(), start);
  EXPECT_EQ(clock.now(), start);
  clock.advance(5ms);
  EXPECT_EQ(clock.now(), start + 5ms);
  clock.set(start - 1h);
  EXPECT_EQ(clock.now(), start - 1h);
}

TEST(MonotonicClock, FollowsItsSourceForwards) {
  const auto source = std::make_shared<ManualClock>(start);
  MonotonicClock clock(source);
  EXPECT_EQ(clock.now(), start);
  source->advance(7ms);
  EXPECT_EQ(clock.now(), start + 7ms);
}

TEST(MonotonicClock, StandsStillWhileItsSourceIsBehind) {
  const auto source = std::make_shared<ManualClock>(start);
  MonotonicClock clock(source);
  EXPECT_EQ(clock.now(), start);
  source->set(start - 1h);
  EXPECT_EQ(clock.now(), start);
  source->set(start + 1ms);
  EXPECT_EQ(clock.now(), start + 1ms);
}

TEST(MonotonicClock, GivesInstantsBeforeTheEpoch) {
  const auto source = std::make_shared<ManualClock>(Timestamp(-5ms));
  EXPECT_EQ(MonotonicClock(source).now(), Timestamp(-5ms));
}

TEST(MonotonicClock, NeedsASource) { EXPECT_THROW(MonotonicClock{nullptr}, Error); }

TEST(MonotonicClock, NeverRunsBackwardsInAnyThread) {
  const auto source = std::make_shared<ManualClock>(start);
  MonotonicClock clock(source);
  constexpr int threads = 4;
  std::barrier ready(threads);
  std::atomic<int> steps_backwards = 0;
  std::vector<std::jthread> readers;
  for (int t = 0; t < threads; ++t) {
    readers.emplace_back([&, t] {
      ready.arrive_and_wait();
      Timestamp last = clock.now();
      for (int i = 0; i < 5000; ++i) {
        source->advance(milliseconds((i + t) % 3 == 0 ? -2 : 3));
        const Timestamp now = clock.now();
        if (now < last) ++steps_backwards;
        last = now;
      }
    });
  }
  readers.clear();
  EXPECT_EQ(steps_backwards, 0);
}

TEST(SystemClock, TellsTheTimeOfTheMachine) {
  const auto before = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const Timestamp now = system_clock()->now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, std::chrono::system_clock::now());
  EXPECT_EQ(system_clock(), system_clock());
}

}  // namespace
}  // namespace holdfast
