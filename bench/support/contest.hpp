// Contestants: several ways of doing the same on the same data, measured in one run.
#pragma once

#include <benchmark/benchmark.h>

#include <string>

namespace holdfast::bench {

// Registers `body(state)`, which does what `contest` names (for example
// "in_memory/get/uniform/200B/1000000") the way of `contestant`, and counts items. Results with the
// same name but for the contestant are compared (bench/report); the time is that on the clock.
template <typename Body>
benchmark::internal::Benchmark* register_contestant(const std::string& contest,
                                                    const std::string& contestant, Body&& body) {
  const std::string name = contest + "/by:" + contestant;
  return benchmark::RegisterBenchmark(name.c_str(), std::forward<Body>(body))->UseRealTime();
}

}  // namespace holdfast::bench
