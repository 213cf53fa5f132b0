#include "run_contests.hpp"

#include <benchmark/benchmark.h>

#include <exception>
#include <iostream>

namespace holdfast::bench {

int run_contests(int argc, char** argv, const std::function<void()>& register_all) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    register_all();
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
  benchmark::Shutdown();
  return 0;
}

}  // namespace holdfast::bench
