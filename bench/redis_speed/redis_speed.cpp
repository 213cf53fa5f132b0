// Holdfast's stores beside Redis, which a user might take instead: a server at a Unix socket, asked
// by hiredis. "redis" keeps what is written in memory alone, as the in-memory store does;
// "redis_everysec" flushes within a second, about as SQLite with durability `normal`;
// "redis_always" before it answers, as "holdfast_sqlite" and "holdfast_postgresql" do.
#include <stdexcept>

#include "contests.hpp"
#include "redis_server.hpp"
#include "support/run_contests.hpp"

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  return run_contests(argc, argv, [] {
    if (RedisServer::program().empty()) {
      throw std::runtime_error("there is no redis-server on the PATH; nothing was measured");
    }
    register_redis();
    register_holdfast();
  });
}
