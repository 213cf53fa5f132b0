#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <utility>

#include "display.hpp"
#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

using std::chrono::milliseconds;

// A terminal: quiet at first, then renewed often. A log: a line now and then, none for short work.
constexpr milliseconds quiet_time{1000};
constexpr milliseconds interval{200};
constexpr milliseconds log_interval{10'000};
constexpr std::size_t bar_columns = 24;
constexpr std::string_view begin_of_line = "\r\033[K";

ProgressDisplay standard_error() {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  winsize size{};
  const bool has_size = is_terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return {.is_terminal = is_terminal,
          .columns = has_size && size.ws_col > 0 ? std::size_t{size.ws_col} : 80,
          .now = [] { return std::chrono::steady_clock::now(); },
          .write =
              [](std::string_view text) {
                std::fwrite(text.data(), 1, text.size(), stderr);
                std::fflush(stderr);
              }};
}

std::string format_seconds(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 90) return std::to_string(whole) + " s";
  const std::uint64_t minutes = (whole + 30) / 60;
  if (minutes < 90) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string percentage(std::uint64_t done, std::uint64_t total) {
  return std::to_string(static_cast<int>(100.0 * static_cast<double>(done) /
                                         static_cast<double>(total))) +
         "%";
}

std::string bar(std::uint64_t done, std::uint64_t total) {
  const double part = static_cast<double>(done) / static_cast<double>(total);
  const auto full = static_cast<std::size_t>(part * static_cast<double>(bar_columns));
  return "[" + std::string(full, '#') + std::string(bar_columns - full, '-') + "]";
}

}  // namespace

bool confirm(const std::string& question) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
    throw_invalid_argument("this erases entries: add --yes to do it without being asked");
  }
  std::fprintf(stderr, "%s [yes/no] ", question.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes" || answer == "y";
}

Progress::Progress(std::string what, std::string unit)
    : Progress(std::move(what), std::move(unit), standard_error()) {}

Progress::Progress(std::string what, std::string unit, ProgressDisplay display)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      display_(std::move(display)),
      next_(display_.now() + (display_.is_terminal ? quiet_time : log_interval)) {}

Progress::~Progress() {
  if (shown_ && display_.is_terminal) display_.write(begin_of_line);
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  const Instant now = display_.now();
  measure(done, now);
  if (now < next_) return;
  next_ = now + (display_.is_terminal ? interval : log_interval);
  shown_ = true;
  if (total != 0) total = std::max(done, total);  // What is counted while others write may grow.
  display_.write(display_.is_terminal ? bar_line(done, total) : log_line(done, total));
}

void Progress::measure(std::uint64_t done, Instant now) {
  if (!measuring_ || done < last_done_) {
    measuring_ = true;
    first_at_ = now;
    first_done_ = done;
    rate_ = 0;
  }
  last_done_ = done;
  const std::chrono::duration<double> taken = now - first_at_;
  if (taken >= quiet_time) rate_ = static_cast<double>(done - first_done_) / taken.count();
}

std::string Progress::amount(double number) const {
  const auto whole = static_cast<std::uint64_t>(number);
  return unit_ == "bytes" ? format_bytes(whole) : std::to_string(whole);
}

std::string Progress::text(std::uint64_t done, std::uint64_t total) const {
  std::string text = amount(static_cast<double>(done));
  if (total != 0) text += " of " + amount(static_cast<double>(total));
  if (unit_ != "bytes") text += " " + unit_;
  if (rate_ < 1) return text;
  text += ", " + amount(rate_) + "/s";
  if (total <= done) return text;
  return text + ", " + format_seconds(static_cast<double>(total - done) / rate_) + " left";
}

std::string Progress::bar_line(std::uint64_t done, std::uint64_t total) const {
  std::string line = what_ + " " + text(done, total);
  if (total != 0) {
    const std::string with_bar =
        what_ + " " + bar(done, total) + " " + percentage(done, total) + ", " + text(done, total);
    if (with_bar.size() < display_.columns) line = with_bar;
  }
  return std::string(begin_of_line) + shorten(line, display_.columns - 1);
}

std::string Progress::log_line(std::uint64_t done, std::uint64_t total) const {
  std::string line = what_ + " " + text(done, total);
  if (total != 0) line += " (" + percentage(done, total) + ")";
  return line + "\n";
}

}  // namespace holdfast::program
