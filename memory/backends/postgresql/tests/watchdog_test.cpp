#include "watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::milliseconds;

const Context ended = with_deadline_in(milliseconds(0));

void nothing() {}

TEST(Watchdog, CancelsACallWhoseDeadlinePasses) {
  Watchdog watchdog;
  std::promise<void> cancelled;
  const Watchdog::Watch watch(watchdog, with_deadline_in(milliseconds(5)),
                              {[&] { cancelled.set_value(); }, nothing});
  cancelled.get_future().wait();
  EXPECT_TRUE(watch.fired());
}

TEST(Watchdog, CancelsACallThatIsToldToStopOnAThreadOfItsOwn) {
  Watchdog watchdog;
  std::stop_source source;
  std::promise<std::thread::id> cancelled_on;
  const Watchdog::Watch watch(
      watchdog, with_stop(source),
      {[&] { cancelled_on.set_value(std::this_thread::get_id()); }, nothing});
  EXPECT_FALSE(watch.fired());
  source.request_stop();
  EXPECT_NE(cancelled_on.get_future().get(), std::this_thread::get_id());
  EXPECT_TRUE(watch.fired());
}

TEST(Watchdog, CancelsAtOnceWhatWasToldToStopBefore) {
  Watchdog watchdog;
  std::stop_source source;
  source.request_stop();
  std::promise<void> cancelled;
  const Watchdog::Watch watch(watchdog, with_stop(source),
                              {[&] { cancelled.set_value(); }, nothing});
  cancelled.get_future().wait();
}

TEST(Watchdog, GivesUpACallThatCancellingDoesNotEnd) {
  Watchdog watchdog;
  std::atomic<int> cancels = 0;
  std::promise<int> cancels_before;
  const Watchdog::Watch watch(watchdog, ended,
                              {[&] { ++cancels; }, [&] { cancels_before.set_value(cancels); }});
  EXPECT_EQ(cancels_before.get_future().get(), 1);
}

TEST(Watchdog, HasFinishedCancellingWhenTheWatchEnds) {
  Watchdog watchdog;
  std::promise<void> begun;
  std::promise<void> ending;
  std::atomic<bool> finished = false;
  {
    const Watchdog::Watch watch(watchdog, ended,
                                {[&] {
                                   begun.set_value();
                                   ending.get_future().wait();
                                   for (int i = 0; i < 1000; ++i) std::this_thread::yield();
                                   finished = true;
                                 },
                                 nothing});
    begun.get_future().wait();
    ending.set_value();
  }
  EXPECT_TRUE(finished);
}

TEST(Watchdog, HasFinishedGivingUpWhenTheWatchEnds) {
  Watchdog watchdog;
  std::promise<void> begun;
  std::promise<void> ending;
  std::atomic<bool> finished = false;
  {
    const Watchdog::Watch watch(watchdog, ended, {nothing, [&] {
                                                    begun.set_value();
                                                    ending.get_future().wait();
                                                    for (int i = 0; i < 1000; ++i) {
                                                      std::this_thread::yield();
                                                    }
                                                    finished = true;
                                                  }});
    begun.get_future().wait();
    ending.set_value();
  }
  EXPECT_TRUE(finished);
}

TEST(Watchdog, DoesNothingToACallThatHasEnded) {
  Watchdog watchdog;
  std::stop_source source;
  std::atomic<int> actions = 0;
  const auto count = [&] { ++actions; };
  { const Watchdog::Watch watch(watchdog, with_stop(source), {count, count}); }
  source.request_stop();
  {
    const Watchdog::Watch watch(watchdog, with_deadline_in(std::chrono::hours(1)), {count, count});
  }
  // What is due is done in order, so that what was due before has been done after this.
  std::promise<void> given_up;
  const Watchdog::Watch watch(watchdog, ended, {nothing, [&] { given_up.set_value(); }});
  given_up.get_future().wait();
  EXPECT_EQ(actions, 0);
}

TEST(Watchdog, WaitsForNoCancelThatHangsOnceTheCallWasGivenUp) {
  struct Hanging {
    std::promise<void> let_go;
    std::promise<void> gone;
  };
  const auto hanging = std::make_shared<Hanging>();
  std::promise<void> given_up;
  {
    Watchdog watchdog;
    const Watchdog::Watch watch(watchdog, ended,
                                {[hanging] {
                                   hanging->let_go.get_future().wait();
                                   hanging->gone.set_value();
                                 },
                                 [&] { given_up.set_value(); }});
    given_up.get_future().wait();
  }
  hanging->let_go.set_value();
  hanging->gone.get_future().wait();
}

TEST(Watchdog, GivesUpACallWhileTheCancelOfAnotherHangs) {
  std::promise<void> let_go;
  std::promise<void> first_begun;
  std::promise<void> second_given_up;
  Watchdog watchdog;
  const Watchdog::Watch first(watchdog, ended,
                              {[&] {
                                 first_begun.set_value();
                                 let_go.get_future().wait();
                               },
                               nothing});
  first_begun.get_future().wait();
  {
    const Watchdog::Watch second(watchdog, ended, {nothing, [&] { second_given_up.set_value(); }});
    second_given_up.get_future().wait();
  }
  let_go.set_value();
}

TEST(Watchdog, LeavesCallsWithoutLimitsAlone) {
  Watchdog watchdog;
  const Watchdog::Watch watch(watchdog, {}, {nullptr, nullptr});
  EXPECT_FALSE(watch.fired());
}

TEST(Watchdog, ConcurrentCallsAreCancelledOnceEachAndNeverAfterTheirEnd) {
  Watchdog watchdog;
  std::atomic<int> wrong = 0;
  const auto work = [&](unsigned seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < 300; ++i) {
      std::stop_source source;
      Context context = with_stop(source);
      if (random() % 2 == 0) {
        context.deadline =
            std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 300);
      }
      const auto alive = std::make_shared<std::atomic<bool>>(true);
      std::atomic<int> cancels = 0;
      {
        const Watchdog::Watch watch(watchdog, context,
                                    {[&cancels, &wrong, alive] {
                                       if (!*alive || ++cancels > 1) ++wrong;
                                     },
                                     nothing});
        if (random() % 2 == 0) source.request_stop();
        for (auto pause = random() % 50; pause > 0; --pause) std::this_thread::yield();
      }
      *alive = false;
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace holdfast::postgresql
