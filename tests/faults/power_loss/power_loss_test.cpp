// A sample of the moments at which power can be lost; long_power_loss_test.cpp has all of them.
#include "power_loss.hpp"

#include <gtest/gtest.h>

#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

PowerLossCount sample(SqliteDurability durability, bool syncs_fail = false) {
  PowerLossCount sum;
  for (std::uint64_t seed = 1; seed <= 6 && !testing::Test::HasFailure(); ++seed) {
    PowerLossPlan plan;
    plan.durability = durability;
    plan.beginning = static_cast<Beginning>(seed % 3);
    plan.seed = seed;
    plan.syncs_fail = syncs_fail;
    plan.opening_every = 2;
    plan.every = syncs_fail ? 12 : 7;
    const PowerLossCount count = lose_power(plan);
    sum.losses += count.losses;
    sum.second_losses += count.second_losses;
  }
  return sum;
}

TEST(PowerLoss, AtFullNoAcknowledgedWriteIsLost) {
  const PowerLossCount count = sample(SqliteDurability::full);
  count_tries("SQLite at full: acknowledged writes survive loss of power", count.losses);
  count_tries("SQLite: loss of power while recovering from one", count.second_losses);
}

TEST(PowerLoss, AtNormalOnlyTheLastWritesAreLost) {
  const PowerLossCount count = sample(SqliteDurability::normal);
  count_tries("SQLite at normal: loss of power takes only the last writes", count.losses);
  count_tries("SQLite: loss of power while recovering from one", count.second_losses);
}

TEST(PowerLoss, AfterAFailedSyncWhatWasSaidOfTheWriteHolds) {
  const PowerLossCount full = sample(SqliteDurability::full, true);
  const PowerLossCount normal = sample(SqliteDurability::normal, true);
  count_tries("SQLite: loss of power after a failed sync", full.losses + normal.losses);
}

}  // namespace
}  // namespace holdfast::fault_tests
