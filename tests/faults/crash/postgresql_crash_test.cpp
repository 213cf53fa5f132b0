// PostgreSQL stores under killed clients and servers. long_postgresql_crash_test.cpp: for longer.
#include "postgresql_crash.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

using holdfast::testing::PostgresqlServer;

TEST(PostgresqlCrash, OfAClientLeavesEveryAcknowledgedWrite) {
  PostgresqlServer server(quick_server_options());
  Tally tally;
  crash_alone(postgresql_ground(server), {.change_log = true, .seed = 100}, 15, tally);
  crash_alone(postgresql_ground(server), {.durability = "normal", .seed = 200}, 10, tally);
  std::cout << tally.text() << '\n';
  count_tries("PostgreSQL: acknowledged writes survive SIGKILL of the client", tally.points.size());
}

TEST(PostgresqlCrash, OfAClientThatMakesAStoreLeavesOneThatOpens) {
  PostgresqlServer server(quick_server_options());
  Tally tally;
  crash_making_schema(server, {.seed = 400}, 2, 9, tally);
  std::cout << tally.text() << '\n';
  count_tries("PostgreSQL: a store that is made survives SIGKILL of the client", tally.kills);
}

TEST(PostgresqlCrash, OfTheServerLeavesEveryAcknowledgedWriteAndNoneTwice) {
  PostgresqlServer server(quick_server_options());
  ServerTally tally;
  crash_server(server, {.change_log = true, .seed = 300}, 5, tally);
  std::cout << tally.text() << '\n';
  count_tries("PostgreSQL: acknowledged writes survive the death of the server, none twice",
              tally.kills);
}

}  // namespace
}  // namespace holdfast::fault_tests
