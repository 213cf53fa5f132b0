// Threads that start together.
#pragma once

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

namespace holdfast::conformance {

// Runs `body(number of the thread)` in `count` threads, which begin at one moment, and waits.
inline void in_threads(int count, const std::function<void(int)>& body) {
  std::barrier start(count);
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
    });
  }
}

}  // namespace holdfast::conformance
