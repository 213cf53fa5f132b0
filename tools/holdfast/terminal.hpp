/// @file
/// Talking with a person at a terminal: questions, and progress of long work.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::program {

/// Asks on the terminal and waits for "yes" or "y". Throws `InvalidArgument` that names --yes
/// where standard input or standard error is no terminal, so that a script never waits.
[[nodiscard]] bool confirm(const std::string& question);

/// Where progress is shown, and what time it is there.
struct ProgressDisplay {
  bool is_terminal = false;
  std::size_t columns = 80;  ///< Of a terminal.
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::string_view)> write;
};

/// How far long work has come, with its rate and the time left where the total is known. On a
/// terminal a line with a bar, shown after a second, renewed a few times a second and taken away at
/// the end; anywhere else a line of a log every ten seconds.
class Progress {
 public:
  /// On standard error. @param what for example "exported". @param unit for example "entries";
  /// "bytes" are shown as KiB, MiB and so on.
  Progress(std::string what, std::string unit);
  Progress(std::string what, std::string unit, ProgressDisplay display);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// @param total 0 where it is not known. Where `done` falls back, something new has begun: the
  /// rate counts from there.
  void show(std::uint64_t done, std::uint64_t total = 0);

 private:
  using Instant = std::chrono::steady_clock::time_point;

  void measure(std::uint64_t done, Instant now);
  [[nodiscard]] std::string amount(double number) const;
  /// "40 of 100 entries, 20/s, 3 s left"
  [[nodiscard]] std::string text(std::uint64_t done, std::uint64_t total) const;
  [[nodiscard]] std::string bar_line(std::uint64_t done, std::uint64_t total) const;
  [[nodiscard]] std::string log_line(std::uint64_t done, std::uint64_t total) const;

  std::string what_;
  std::string unit_;
  ProgressDisplay display_;
  bool shown_ = false;
  Instant next_;
  // The rate is that since the first call: work that was taken up again has a head start.
  bool measuring_ = false;
  Instant first_at_{};
  std::uint64_t first_done_ = 0;
  std::uint64_t last_done_ = 0;
  double rate_ = 0;  ///< Per second; 0: not known yet.
};

}  // namespace holdfast::program
