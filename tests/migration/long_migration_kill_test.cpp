// A migration into a destination of its own for each point at which it is killed, once.
#include "kill_fixture.hpp"

namespace holdfast::migration_tests {
namespace {

class LongMigrationKill : public MigrationKillTest {
 protected:
  // Kills a move at one point and ends it; false where it ended before.
  bool kill_once(int point, const std::string& undisturbed, const MemoryValue& expected) {
    SCOPED_TRACE("point " + std::to_string(point));
    const std::string killed = new_destination("killed" + std::to_string(point));
    MoveArguments killing = arguments(killed);
    killing.side = "destination";
    killing.point = point;
    Driver driver(killing.words());
    driver.wait();
    if (!driver.was_killed()) return false;
    points_.insert(driver.said("killed").value());
    expect_same(killed, move_undisturbed(killed), undisturbed, expected);
    expect_moved(killed);
    return true;
  }
};

TEST_P(LongMigrationKill, OnceAtEachPointLeavesTheSameResult) {
  const std::string undisturbed = new_destination("undisturbed");
  const MemoryValue expected = move_undisturbed(undisturbed);
  int point = 1;
  while (kill_once(point, undisturbed, expected)) ++point;
  std::cout << GetParam().name << ": killed at " << points_.size() << " different points\n";
  EXPECT_GE(points_.size(), GetParam().in_use ? 150U : 50U);
}

INSTANTIATE_TEST_SUITE_P(, LongMigrationKill, testing::ValuesIn(moves), name_of_move);

}  // namespace
}  // namespace holdfast::migration_tests
