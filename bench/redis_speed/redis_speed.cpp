// Holdfast's stores beside Redis, which a user might take instead: a server at a Unix socket, asked
// by hiredis. "redis" keeps what is written in memory alone, as the in-memory store does;
// "redis_everysec" flushes within a second, about as SQLite with durability `normal`;
// "redis_always" before it answers, as "holdfast_sqlite" and "holdfast_postgresql" do.
#include <benchmark/benchmark.h>

#include <cstdio>

#include "contests.hpp"
#include "redis_server.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (holdfast::bench::RedisServer::program().empty()) {
    std::fputs("redis_speed: there is no redis-server on the PATH; nothing was measured\n", stderr);
    return 1;
  }
  holdfast::bench::register_redis();
  holdfast::bench::register_holdfast();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
