// PostgreSQL stores under killed clients and servers, some hundred times.
#include <gtest/gtest.h>

#include <iostream>

#include "postgresql_crash.hpp"
#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

using holdfast::testing::PostgresqlServer;

TEST(LongPostgresqlCrash, OfAClientLeavesEveryAcknowledgedWrite) {
  PostgresqlServer server(quick_server_options());
  Tally tally;
  crash_alone(postgresql_ground(server), {.change_log = true, .seed = 1000}, 300, tally);
  crash_alone(postgresql_ground(server), {.durability = "normal", .seed = 2000}, 200, tally);
  std::cout << tally.text() << '\n';
  EXPECT_GE(tally.points.size(), 400U);
  count_tries("PostgreSQL: acknowledged writes survive SIGKILL of the client", tally.points.size());
}

TEST(LongPostgresqlCrash, OfAClientThatMakesAStoreOrBringsOneUpToDate) {
  PostgresqlServer server(quick_server_options());
  Tally tally;
  crash_opening(server, {.seed = 5000}, false, 1, tally);
  crash_opening(server, {.seed = 6000}, true, 1, tally);
  std::cout << tally.text() << '\n';
  count_tries("PostgreSQL: a store that is made or brought up to date survives SIGKILL",
              tally.points.size());
}

TEST(LongPostgresqlCrash, OfTheServerLeavesEveryAcknowledgedWriteAndNoneTwice) {
  PostgresqlServer server(quick_server_options());
  ServerTally tally;
  crash_server(server, {.change_log = true, .seed = 3000}, 100, tally);
  crash_server(server, {.seed = 4000}, 50, tally);
  std::cout << tally.text() << '\n';
  EXPECT_GT(tally.unknown, 0U);
  count_tries("PostgreSQL: acknowledged writes survive the death of the server, none twice",
              tally.kills);
}

}  // namespace
}  // namespace holdfast::fault_tests
