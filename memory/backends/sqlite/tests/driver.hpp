// A process of its own, for tests of several.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace holdfast::sqlite_tests {

// A running sharing_driver and what it prints.
class Driver {
 public:
  explicit Driver(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    output_ = ends[0];
    arguments.insert(arguments.begin(), SHARING_DRIVER);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) throw std::runtime_error("cannot start " SHARING_DRIVER);
  }
  ~Driver() { ::close(output_); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }
  // Reads until at least `lines` lines have come.
  void read_lines(std::size_t lines) {
    while (static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) < lines) {
      if (!read_some()) return;
    }
  }
  // Kills it, and reads what it still said.
  std::string kill_and_read() {
    kill(pid_, SIGKILL);
    wait();
    while (read_some()) continue;
    return text_;
  }

 private:
  bool read_some() {
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count <= 0) return false;
    text_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  pid_t pid_ = 0;
  int output_ = -1;
  std::string text_;
};

}  // namespace holdfast::sqlite_tests
