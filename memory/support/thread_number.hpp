// Which thread asks, as a small number.
#pragma once

#include <atomic>
#include <cstddef>

namespace holdfast::support {

// 0, 1, 2, ... in the order in which threads first ask; a thread keeps its number, and none is
// given a second time. By it, what is lent to threads goes back to the thread that had it last.
[[nodiscard]] inline std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> threads_seen{0};
  thread_local const std::size_t number = threads_seen.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace holdfast::support
