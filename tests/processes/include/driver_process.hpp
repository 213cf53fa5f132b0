// A process that a test drives: a program of the test's own, and what it prints.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::test_processes {

class DriverProcess {
 public:
  DriverProcess(const std::string& program, std::vector<std::string> arguments);
  ~DriverProcess();  // Kills it where it still runs.
  DriverProcess(const DriverProcess&) = delete;
  DriverProcess& operator=(const DriverProcess&) = delete;

  // Reads until so many lines have come in all; false where it ended before.
  bool read_lines(std::size_t lines);
  void kill();
  // Waits for its end, with all that it said read; says how it ended, as waitpid does.
  int wait();
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

}  // namespace holdfast::test_processes
