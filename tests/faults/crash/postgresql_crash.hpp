// PostgreSQL stores under clients and servers that are killed.
#pragma once

#include <cstddef>

#include "crash_run.hpp"
#include "postgresql_server.hpp"

namespace holdfast::fault_tests {

// A server whose machine goes on when it dies: what it has written is kept.
[[nodiscard]] testing::PostgresqlServerOptions quick_server_options();

// Stores in schemas of their own; settled where no dead client's statement runs any more.
[[nodiscard]] Ground postgresql_ground(testing::PostgresqlServer& server);

// A client is killed while it makes a store, or brings one of the first format up to date, at each
// `stride`-th of its calls, each time another store.
void crash_opening(testing::PostgresqlServer& server, Trial trial, bool is_old, std::size_t stride,
                   Tally& tally);

// What clients were told while their server died.
struct ServerTally {
  std::size_t kills = 0;
  std::size_t unanswered = 0;  // Of these, when a write was committed and not answered.
  std::size_t again = 0;       // Answers that nothing was done.
  std::size_t unknown = 0;     // Answers that it is not known.
  std::size_t left = 0;        // Of these, how many could not be resolved either.

  [[nodiscard]] std::string text() const;
};

// A client works on one store and repeats what was not done; meanwhile the server is killed as a
// whole and started again, or one of its processes is killed, so that it starts again by itself.
void crash_server(testing::PostgresqlServer& server, Trial trial, std::size_t kills,
                  ServerTally& tally);

}  // namespace holdfast::fault_tests
