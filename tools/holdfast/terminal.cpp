#include "terminal.hpp"

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

constexpr std::chrono::milliseconds quiet_time{1000};
constexpr std::chrono::milliseconds interval{200};

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
    : what_(std::move(what)),
      unit_(std::move(unit)),
      enabled_(::isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + quiet_time) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + interval;
  shown_ = true;
  const std::string of = total == 0 ? "" : " of " + std::to_string(total);
  std::fprintf(stderr, "\r\033[K%s %llu%s %s", what_.c_str(), static_cast<unsigned long long>(done),
               of.c_str(), unit_.c_str());
  std::fflush(stderr);
}

}  // namespace holdfast::program
