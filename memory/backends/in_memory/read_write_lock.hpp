// A reader-writer lock of four bytes in which a waiting writer goes before new readers.
#pragma once

#include <atomic>
#include <cstdint>

namespace holdfast::in_memory {

// std::shared_mutex takes 56 bytes and lets readers overtake a waiting writer for as long as they
// overlap, which starves writers of a busy namespace. One thread must not take it shared twice.
// Usable with std::unique_lock and std::shared_lock.
class ReadWriteLock {
 public:
  ReadWriteLock() = default;
  ReadWriteLock(const ReadWriteLock&) = delete;
  ReadWriteLock& operator=(const ReadWriteLock&) = delete;

  void lock_shared() noexcept {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    while (true) {
      if ((state & (writer | waiting)) != 0) {
        state_.wait(state, std::memory_order_relaxed);
        state = state_.load(std::memory_order_relaxed);
      } else if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                              std::memory_order_relaxed)) {
        return;
      }
    }
  }

  void unlock_shared() noexcept {
    const std::uint32_t before = state_.fetch_sub(1, std::memory_order_release);
    if (before == (waiting | 1)) state_.notify_all();
  }

  void lock() noexcept {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    while (true) {
      if ((state & ~waiting) == 0) {
        if (state_.compare_exchange_weak(state, writer, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
          return;
        }
      } else if ((state & waiting) != 0 ||
                 state_.compare_exchange_weak(state, state | waiting, std::memory_order_relaxed)) {
        state_.wait(state | waiting, std::memory_order_relaxed);
        state = state_.load(std::memory_order_relaxed);
      }
    }
  }

  [[nodiscard]] bool try_lock() noexcept {
    std::uint32_t state = state_.load(std::memory_order_relaxed) & waiting;
    return state_.compare_exchange_strong(state, writer, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }

  void unlock() noexcept {
    // Whoever waited is woken and says so again where it must go on waiting. An exchange, not a
    // store: `notify_all` looks for waiters first, and a plain store may become visible only after
    // that look, so that one who begins to wait in between would never be woken.
    state_.exchange(0, std::memory_order_seq_cst);
    state_.notify_all();
  }

 private:
  static constexpr std::uint32_t writer = 1U << 31;
  static constexpr std::uint32_t waiting = 1U << 30;

  std::atomic<std::uint32_t> state_{0};
};

}  // namespace holdfast::in_memory
