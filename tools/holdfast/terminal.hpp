/// @file
/// Talking with a person at a terminal: questions, and progress of long work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace holdfast::program {

/// Asks on the terminal and waits for "yes" or "y". Throws `InvalidArgument` that names --yes
/// where standard input or standard error is no terminal, so that a script never waits.
[[nodiscard]] bool confirm(const std::string& question);

/// A line on standard error that says how far long work has come: only on a terminal, only when
/// the work takes more than a second, a few times a second. Taken away at the end.
class Progress {
 public:
  /// @param what for example "exported"; @param unit for example "entries".
  Progress(std::string what, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// @param total 0 where it is not known.
  void show(std::uint64_t done, std::uint64_t total = 0);

 private:
  std::string what_;
  std::string unit_;
  bool enabled_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace holdfast::program
