// Generated message ids: form, order, and that nobody gets one twice.
#include "holdfast/message_id.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace holdfast {
namespace {

TEST(MessageId, IsAUuidOfVersionSeven) {
  const auto clock =
      std::make_shared<ManualClock>(Timestamp(std::chrono::milliseconds(0x0190163d8694)));
  MessageIdSource ids(clock, [] { return 0xffff'1234'5678'9abcULL; });
  EXPECT_EQ(ids.next(), "0190163d-8694-7000-bfff-123456789abc");
  EXPECT_EQ(ids.next(), "0190163d-8694-7001-bfff-123456789abc");
}

TEST(MessageId, SortsInTheOrderOfMakingWithinAMillisecond) {
  MessageIdSource ids(std::make_shared<ManualClock>());
  std::string before;
  for (int i = 0; i < 10'000; ++i) {
    std::string id = ids.next();
    ASSERT_LT(before, id);
    before = std::move(id);
  }
}

TEST(MessageId, SortsInTheOrderOfMakingWhenTheClockIsSetBack) {
  const auto clock = std::make_shared<ManualClock>();
  MessageIdSource ids(clock);
  const std::string first = ids.next();
  clock->advance(std::chrono::milliseconds(-5000));
  EXPECT_LT(first, ids.next());
}

TEST(MessageId, ThreadsGetDifferentOnes) {
  MessageIdSource ids(std::make_shared<ManualClock>());
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 1000; ++i) mine.push_back(ids.next());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 4000U);
}

TEST(MessageId, AProcessAndItsForkGetDifferentOnes) {
  MessageIdSource ids(std::make_shared<ManualClock>());
  static_cast<void>(ids.next());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string id = ids.next();
    ::_exit(::write(ends[1], id.data(), id.size()) == 36 ? 0 : 1);
  }
  char text[36];
  ASSERT_EQ(::read(ends[0], text, sizeof text), 36);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ids.next(), std::string(text, sizeof text));
}

}  // namespace
}  // namespace holdfast
