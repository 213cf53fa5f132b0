// The main function of a program of contests.
#pragma once

#include <functional>

namespace holdfast::bench {

// Reads the options of Google Benchmark, calls `register_all`, and runs what the options choose.
// Gives the exit status: 2 for an unknown option, 1 where something was thrown, which it prints.
[[nodiscard]] int run_contests(int argc, char** argv, const std::function<void()>& register_all);

}  // namespace holdfast::bench
