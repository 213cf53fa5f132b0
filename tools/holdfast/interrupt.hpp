/// @file
/// Ctrl-C (SIGINT) and SIGTERM, turned into a stop token.
#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace holdfast::program {

/// While it lives the first SIGINT or SIGTERM asks for a stop, and the second one ends the process
/// at once. Signals that the process was started to ignore stay ignored. One at a time; made before
/// other threads are, since they inherit that the signals are not delivered to them.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Triggered by the first signal.
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }
  /// The signal that asked for a stop; 0: none has.
  [[nodiscard]] int signal() const noexcept { return signal_; }

 private:
  void watch();

  sigset_t signals_{};
  sigset_t mask_before_{};
  int signal_descriptor_ = -1;
  int end_descriptor_ = -1;
  std::atomic<int> signal_ = 0;
  std::stop_source stop_;
  std::thread watcher_;
};

}  // namespace holdfast::program
