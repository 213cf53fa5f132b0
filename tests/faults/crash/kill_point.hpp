// When a process is to kill itself.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace holdfast::fault_tests {

struct KillPoint {
  enum class Moment : std::uint8_t {
    never,
    before,  // The call is not made.
    half,    // Half of what it is to write is written; other calls are made as a whole.
    after,   // The call is made, and does not return.
    timer,   // After so many microseconds, wherever the process is then.
  };
  Moment moment = Moment::never;
  std::uint64_t number = 0;  // Which of the watched calls, from 1; with `timer`: microseconds.
  // Another process that dies instead, by that signal; 0: this one, by SIGKILL.
  pid_t victim = 0;
  int signal = 0;
};

[[nodiscard]] std::string to_string(KillPoint::Moment moment);
// Throws std::invalid_argument.
[[nodiscard]] KillPoint::Moment moment_named(const std::string& name);

}  // namespace holdfast::fault_tests
