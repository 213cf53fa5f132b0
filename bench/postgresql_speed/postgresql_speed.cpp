// What the PostgreSQL store costs beside libpq by hand: prepared statements with binary arguments
// and results, on a table of the same columns and indexes, in the same server, which flushes what
// it commits. Run it for one size at a time, since each holds its data:
// `--benchmark_filter=/10000/`.
#include <benchmark/benchmark.h>

#include "contests.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U}) {
    holdfast::bench::register_reads(entries);
    holdfast::bench::register_writes(entries);
  }
  holdfast::bench::register_conversations();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
