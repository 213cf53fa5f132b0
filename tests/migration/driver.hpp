// A running move_driver and what it prints.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "holdfast/value.hpp"

namespace holdfast::migration_tests {

class Driver {
 public:
  explicit Driver(std::vector<std::string> arguments);
  ~Driver();  // Kills it where it still runs.
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Reads until so many lines have come in all; false where it ended before.
  bool read_lines(std::size_t lines);
  void kill();
  // Waits for its end, with all that it said read.
  void wait();
  // After `wait`:
  [[nodiscard]] bool succeeded() const;
  [[nodiscard]] bool was_killed() const;
  // What follows `word` in the line that begins with it; empty: there is none.
  [[nodiscard]] std::optional<std::string> said(const std::string& word) const;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  bool read_some();

  pid_t pid_ = 0;
  int output_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::string text_;
};

// How a driver moves; see move_driver.cpp.
struct MoveArguments {
  std::string source;
  std::string destination;
  std::int64_t clock_ms = 0;
  int batch = 0;
  std::string policy = "fail";
  std::string side = "none";
  int point = 0;

  [[nodiscard]] std::vector<std::string> words() const;
};

}  // namespace holdfast::migration_tests
