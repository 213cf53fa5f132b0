// Signals as a stop token.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <stop_token>

#include "interrupt.hpp"

namespace holdfast::program {
namespace {

/// Sends a signal to this process and waits until the token is triggered.
void stop_by(int signal, const Interrupt& interrupt) {
  std::promise<void> stopped;
  const std::stop_callback on_stop(interrupt.token(), [&] { stopped.set_value(); });
  ::kill(::getpid(), signal);
  stopped.get_future().wait();
}

TEST(InterruptConcurrency, TheFirstSignalTriggersTheToken) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Interrupt interrupt;
    EXPECT_FALSE(interrupt.token().stop_requested());
    EXPECT_EQ(interrupt.signal(), 0);
    stop_by(signal, interrupt);
    EXPECT_EQ(interrupt.signal(), signal);
  }
}

TEST(InterruptConcurrency, WithoutASignalItEndsQuietly) {
  std::stop_token token;
  {
    const Interrupt interrupt;
    token = interrupt.token();
  }
  EXPECT_FALSE(token.stop_requested());
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Interrupt interrupt;
        stop_by(SIGINT, interrupt);
        ::kill(::getpid(), SIGTERM);
        std::promise<void>().get_future().wait();
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

TEST(InterruptDeathTest, WhatWasIgnoredStaysIgnored) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_IGN);
        const Interrupt interrupt;
        ::kill(::getpid(), SIGINT);
        stop_by(SIGTERM, interrupt);
        ::_exit(interrupt.signal());
      },
      ::testing::ExitedWithCode(SIGTERM), "");
}

}  // namespace
}  // namespace holdfast::program
