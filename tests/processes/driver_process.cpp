#include "driver_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

extern char** environ;

namespace holdfast::test_processes {

DriverProcess::DriverProcess(const std::string& program, std::vector<std::string> arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  output_ = ends[0];
  arguments.insert(arguments.begin(), program);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int error = ::posix_spawn(&pid_, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) throw std::runtime_error("cannot start " + program);
}

DriverProcess::~DriverProcess() {
  kill();
  ::close(output_);
}

bool DriverProcess::read_some() {
  char buffer[4096];
  const ssize_t count = ::read(output_, buffer, sizeof buffer);
  if (count <= 0) return false;
  text_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

bool DriverProcess::read_lines(std::size_t lines) {
  while (static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) < lines) {
    if (!read_some()) return false;
  }
  return true;
}

void DriverProcess::kill() {
  if (ended_) return;
  ::kill(pid_, SIGKILL);
  wait();
}

int DriverProcess::wait() {
  if (ended_) return status_;
  while (read_some()) continue;
  ended_ = ::waitpid(pid_, &status_, 0) == pid_;
  return status_;
}

bool DriverProcess::succeeded() const {
  return ended_ && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

bool DriverProcess::was_killed() const {
  return ended_ && WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL;
}

std::optional<std::string> DriverProcess::said(const std::string& word) const {
  const std::string begin = word + " ";
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    if (text_.compare(at, begin.size(), begin) == 0) {
      return text_.substr(at + begin.size(), end - at - begin.size());
    }
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace holdfast::test_processes
