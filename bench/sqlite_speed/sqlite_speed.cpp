// What the SQLite store costs beside statements by hand on the same tables, and beside a plain
// table of keys and values. Files are made as they are asked for, in the folder
// HOLDFAST_BENCH_FOLDER or in a temporary one; run it for one size at a time:
// `--benchmark_filter=sqlite/.*/1000000/`.
#include <benchmark/benchmark.h>

#include "contests.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U, 10'000'000U}) {
    holdfast::bench::register_reads(entries);
    holdfast::bench::register_writes(entries);
    holdfast::bench::register_opening(entries);
  }
  holdfast::bench::register_filling();
  holdfast::bench::register_conversations();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
