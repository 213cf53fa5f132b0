// Power lost at every moment of many workloads.
#include <gtest/gtest.h>

#include "power_loss.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

PowerLossCount everywhere(SqliteDurability durability, std::uint64_t seeds,
                          bool syncs_fail = false) {
  PowerLossCount sum;
  for (std::uint64_t seed = 100; seed < 100 + seeds && !testing::Test::HasFailure(); ++seed) {
    PowerLossPlan plan;
    plan.durability = durability;
    plan.beginning = static_cast<Beginning>(seed % 3);
    plan.seed = seed;
    plan.syncs_fail = syncs_fail;
    plan.steps = 60;
    const PowerLossCount count = lose_power(plan);
    sum.losses += count.losses;
    sum.second_losses += count.second_losses;
  }
  return sum;
}

TEST(PowerLossEverywhere, AtFullNoAcknowledgedWriteIsLost) {
  const PowerLossCount count = everywhere(SqliteDurability::full, 30);
  count_tries("SQLite at full: acknowledged writes survive loss of power", count.losses);
  count_tries("SQLite: loss of power while recovering from one", count.second_losses);
}

TEST(PowerLossEverywhere, AtNormalOnlyTheLastWritesAreLost) {
  const PowerLossCount count = everywhere(SqliteDurability::normal, 30);
  count_tries("SQLite at normal: loss of power takes only the last writes", count.losses);
  count_tries("SQLite: loss of power while recovering from one", count.second_losses);
}

TEST(PowerLossEverywhere, AfterAFailedSyncWhatWasSaidOfTheWriteHolds) {
  const PowerLossCount full = everywhere(SqliteDurability::full, 8, true);
  const PowerLossCount normal = everywhere(SqliteDurability::normal, 8, true);
  count_tries("SQLite: loss of power after a failed sync", full.losses + normal.losses);
}

}  // namespace
}  // namespace holdfast::fault_tests
