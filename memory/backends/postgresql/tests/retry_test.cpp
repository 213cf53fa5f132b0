#include "retry.hpp"

#include <thread>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Backoff, PausesAsLongAsTheBoundAllows) {
  Backoff backoff(hours(1));
  for (int pause = 0; pause < 5; ++pause) EXPECT_TRUE(backoff.pause({}));
}

TEST(Backoff, EndsWhereTheBoundWouldBePassed) {
  Backoff none(milliseconds(0));
  EXPECT_FALSE(none.pause({}));
  // The pauses grow: 20 of them have no room in a second, however short each is.
  Backoff second(milliseconds(1000));
  int pauses = 0;
  while (second.pause({})) ++pauses;
  EXPECT_LT(pauses, 20);
}

TEST(Backoff, EndsByTheContext) {
  Backoff backoff(hours(1));
  EXPECT_EQ(
      code_thrown_by([&] { static_cast<void>(backoff.pause(with_deadline_in(milliseconds(0)))); }),
      ErrorCode::deadline_exceeded);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(backoff.pause(with_stop(source))); }),
            ErrorCode::cancelled);
}

TEST(Waiting, EndsInTheMiddleByTheContext) {
  EXPECT_EQ(code_thrown_by([] { wait_for(hours(1), with_deadline_in(milliseconds(5))); }),
            ErrorCode::deadline_exceeded);
  std::stop_source source;
  std::jthread stopper([&] { source.request_stop(); });
  EXPECT_EQ(code_thrown_by([&] { wait_for(hours(1), with_stop(source)); }), ErrorCode::cancelled);
}

TEST(Waiting, OtherwiseReturns) {
  wait_for(milliseconds(1), with_deadline_in(hours(1)));
  wait_for(milliseconds(0), {});
}

}  // namespace
}  // namespace holdfast::postgresql
