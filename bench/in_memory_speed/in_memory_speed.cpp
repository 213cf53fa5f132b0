// What the in-memory store costs beside containers by hand. Run it for one contest and size at a
// time, since each holds its data: `--benchmark_filter=in_memory/get/.*/1000000/`.
#include <benchmark/benchmark.h>

#include "contests.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U, 10'000'000U}) {
    holdfast::bench::register_points(entries);
    holdfast::bench::register_evicting(entries);
    holdfast::bench::register_pages(entries);
    holdfast::bench::register_resident_bytes(entries);
  }
  holdfast::bench::register_conversations();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
