// What long work says about itself, with a clock that the test moves.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "terminal.hpp"

namespace holdfast::program {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ProgressDisplayed : public ::testing::Test {
 protected:
  [[nodiscard]] ProgressDisplay display(bool is_terminal, std::size_t columns = 100) {
    return {.is_terminal = is_terminal,
            .columns = columns,
            .now = [this] { return now_; },
            .write = [this](std::string_view text) { written_ += text; }};
  }
  [[nodiscard]] ProgressDisplay terminal(std::size_t columns = 100) {
    return display(true, columns);
  }
  [[nodiscard]] ProgressDisplay log() { return display(false); }
  void pass(milliseconds time) { now_ += time; }
  /// What was written since it was asked last.
  [[nodiscard]] std::string written() { return std::exchange(written_, {}); }

 private:
  std::chrono::steady_clock::time_point now_{seconds(1'000'000)};
  std::string written_;
};

TEST_F(ProgressDisplayed, ShortWorkSaysNothing) {
  {
    Progress on_terminal("copied", "pages", terminal());
    Progress in_log("copied", "pages", log());
    on_terminal.show(1, 10);
    in_log.show(1, 10);
    pass(milliseconds(999));
    on_terminal.show(2, 10);
    pass(milliseconds(8'999));
    in_log.show(9, 10);
  }
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressDisplayed, ATerminalHasABarWithPercentageRateAndTimeLeft) {
  Progress progress("exported", "entries", terminal());
  progress.show(0, 1000);
  pass(seconds(2));
  progress.show(250, 1000);
  EXPECT_EQ(written(),
            "\r\033[Kexported [######------------------] 25%, "
            "250 of 1000 entries, 125/s, 6 s left");
}

TEST_F(ProgressDisplayed, ATerminalIsRenewedAFewTimesASecondAndCleanedAtTheEnd) {
  {
    Progress progress("exported", "entries", terminal());
    pass(seconds(1));
    progress.show(1);
    EXPECT_EQ(written(), "\r\033[Kexported 1 entries");
    pass(milliseconds(199));
    progress.show(2);
    EXPECT_EQ(written(), "");
    pass(milliseconds(1));
    progress.show(3);
    EXPECT_EQ(written(), "\r\033[Kexported 3 entries");
  }
  EXPECT_EQ(written(), "\r\033[K");
}

TEST_F(ProgressDisplayed, ANarrowTerminalKeepsToItsWidth) {
  Progress progress("exported", "entries", terminal(30));
  pass(seconds(1));
  progress.show(250, 1000);
  EXPECT_EQ(written(), "\r\033[Kexported 250 of 1000 entries");
  Progress narrow("exported", "entries", terminal(10));
  pass(seconds(1));
  narrow.show(250, 1000);
  EXPECT_EQ(written(), "\r\033[Kexported…");
}

TEST_F(ProgressDisplayed, ALogHasALineEveryTenSeconds) {
  {
    Progress progress("exported", "entries", log());
    progress.show(0, 1000);
    pass(seconds(10));
    progress.show(200, 1000);
    EXPECT_EQ(written(), "exported 200 of 1000 entries, 20/s, 40 s left (20%)\n");
    pass(milliseconds(9'999));
    progress.show(300, 1000);
    EXPECT_EQ(written(), "");
    pass(milliseconds(1));
    progress.show(400, 1000);
    EXPECT_EQ(written(), "exported 400 of 1000 entries, 20/s, 30 s left (40%)\n");
  }
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressDisplayed, WorkThatWasTakenUpAgainCountsItsOwnRate) {
  Progress progress("copied", "entries", log());
  progress.show(1'000'000, 2'000'000);
  pass(seconds(10));
  progress.show(1'001'000, 2'000'000);
  EXPECT_EQ(written(), "copied 1001000 of 2000000 entries, 100/s, 2 h 47 min left (50%)\n");
}

TEST_F(ProgressDisplayed, AFallBackBeginsANewRate) {
  Progress progress("verified", "entries", log());
  progress.show(0, 100'000);
  pass(seconds(10));
  progress.show(100'000, 100'000);
  EXPECT_EQ(written(), "verified 100000 of 100000 entries, 10000/s (100%)\n");
  progress.show(0, 100'000);
  pass(seconds(10));
  progress.show(1'000, 100'000);
  EXPECT_EQ(written(), "verified 1000 of 100000 entries, 100/s, 17 min left (1%)\n");
}

TEST_F(ProgressDisplayed, BytesHaveUnits) {
  Progress progress("checked", "bytes", log());
  progress.show(0, 4 << 20);
  pass(seconds(10));
  progress.show(1 << 20, 4 << 20);
  EXPECT_EQ(written(), "checked 1.0 MiB of 4.0 MiB, 102.4 KiB/s, 30 s left (25%)\n");
}

TEST_F(ProgressDisplayed, MoreThanTheTotalIsAllOfIt) {
  Progress progress("exported", "entries", terminal());
  progress.show(0, 10);
  pass(seconds(2));
  progress.show(20, 10);
  EXPECT_EQ(written(),
            "\r\033[Kexported [########################] 100%, 20 of 20 entries, 10/s");
}

}  // namespace
}  // namespace holdfast::program
