// PostgreSQL stores under killed clients and servers. long_postgresql_crash_test.cpp: for longer.
#include "postgresql_crash.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

using holdfast::testing::PostgresqlServer;

// One test, since each would start a server of its own.
TEST(PostgresqlCrash, OfClientsAndOfTheServerLeavesEveryAcknowledgedWriteAndNoneTwice) {
  PostgresqlServer server(quick_server_options());
  Tally clients;
  crash_alone(postgresql_ground(server), {.change_log = true, .seed = 100}, 8, clients);
  crash_alone(postgresql_ground(server), {.durability = "normal", .seed = 200}, 7, clients);
  Tally opening;
  crash_opening(server, {.seed = 400}, false, 40, opening);
  crash_opening(server, {.seed = 500}, true, 45, opening);
  ServerTally dying;
  crash_server(server, {.change_log = true, .seed = 300}, 4, dying);
  std::cout << clients.text() << '\n' << opening.text() << '\n' << dying.text() << '\n';
  count_tries("PostgreSQL: acknowledged writes survive SIGKILL of the client",
              clients.points.size());
  count_tries("PostgreSQL: a store that is made or brought up to date survives SIGKILL",
              opening.points.size());
  count_tries("PostgreSQL: acknowledged writes survive the death of the server, none twice",
              dying.kills);
}

}  // namespace
}  // namespace holdfast::fault_tests
