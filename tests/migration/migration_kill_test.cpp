// Killed by SIGKILL at any point and started again, a migration goes on where it was and ends with
// what an uninterrupted one gives.
#include "kill_fixture.hpp"

namespace holdfast::migration_tests {
namespace {

class MigrationKill : public MigrationKillTest {
 protected:
  // Every point of each batch; and so late that a run gets through some batches first.
  static constexpr int first_points[] = {2, 15};
  // A batch is one call where the destination was new, and a read and two writes where it was not.
  static std::size_t points_at_least() { return GetParam().in_use ? 250 : 90; }
};

TEST_P(MigrationKill, AtTheDestinationsCallsLeavesTheSameResult) {
  const std::string undisturbed = new_destination("undisturbed");
  const MemoryValue first = move_undisturbed(undisturbed);
  for (const int point : first_points) {
    SCOPED_TRACE("first point " + std::to_string(point));
    const std::string killed = new_destination("killed" + std::to_string(point));
    const MemoryValue told = move_with_kills(killed, point);
    EXPECT_TRUE(told.find("resumed")->get<bool>());
    expect_same(killed, told, undisturbed, first);
    expect_moved(killed);
  }
  const std::size_t points_of_first = points_.size();

  // And while it catches up.
  change_source();
  const MemoryValue second = move_undisturbed(undisturbed);
  for (const int point : first_points) {
    SCOPED_TRACE("catching up, first point " + std::to_string(point));
    const std::string killed = stores_.url(GetParam().to, "killed" + std::to_string(point));
    const MemoryValue told = move_with_kills(killed, point);
    expect_same(killed, told, undisturbed, second);
    expect_moved(killed);
  }
  std::cout << GetParam().name << ": " << kills_ << " kills at " << points_.size()
            << " different points, " << points_of_first << " of them the first time through\n";
  EXPECT_GE(points_.size(), points_at_least());
}

TEST_P(MigrationKill, AtTheSourcesCallsLeavesTheSameResult) {
  const std::string undisturbed = new_destination("undisturbed");
  const MemoryValue first = move_undisturbed(undisturbed);
  const std::string killed = new_destination("killed");
  const MemoryValue told = move_with_kills_at_source(killed, 2);
  expect_same(killed, told, undisturbed, first);
  expect_moved(killed);
  change_source();
  const MemoryValue second = move_undisturbed(undisturbed);
  const MemoryValue told_again = move_with_kills_at_source(killed, 2);
  expect_same(killed, told_again, undisturbed, second);
  expect_moved(killed);
  EXPECT_GE(kills_, 10);
}

TEST_P(MigrationKill, FromOutsideLeavesTheSameResult) {
  const std::string undisturbed = new_destination("undisturbed");
  const MemoryValue first = move_undisturbed(undisturbed);
  for (const std::size_t lines : {1U, 2U, 5U}) {
    SCOPED_TRACE("after " + std::to_string(lines) + " lines");
    const std::string killed = new_destination("killed" + std::to_string(lines));
    const MemoryValue told = move_with_kills_from_outside(killed, lines);
    expect_same(killed, told, undisturbed, first);
    expect_moved(killed);
  }
  EXPECT_GE(kills_, 1);
}

INSTANTIATE_TEST_SUITE_P(, MigrationKill, testing::ValuesIn(moves), name_of_move);

}  // namespace
}  // namespace holdfast::migration_tests
