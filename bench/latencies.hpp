// How long calls take.
#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "locomo_recall/recall.hpp"

namespace holdfast::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double us_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// Of the calling thread: what it computed, whatever else the machine had to do meanwhile.
[[nodiscard]] inline double cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// How long calls took, and how long they computed.
class Latencies {
 public:
  template <typename Call>
  void measure(const Call& call) {
    const double cpu = cpu_us();
    const auto begin = Clock::now();
    call();
    elapsed_.push_back(us_since(begin));
    computed_.push_back(cpu_us() - cpu);
  }
  void print(const std::string& what) const {
    std::cout << what << ": ";
    print(elapsed_);
    std::cout << "; of that in its thread: ";
    print(computed_);
    std::cout << '\n';
  }

 private:
  static void print(const std::vector<double>& latencies) {
    double sum = 0;
    for (const double each : latencies) sum += each;
    std::cout << "mean " << sum / static_cast<double>(latencies.size()) << " us";
    for (const std::size_t percent : {50U, 90U, 99U, 100U}) {
      std::cout << ", p" << percent << ' ' << locomo::percentile(latencies, percent);
    }
  }

  std::vector<double> elapsed_;
  std::vector<double> computed_;
};

}  // namespace holdfast::bench
