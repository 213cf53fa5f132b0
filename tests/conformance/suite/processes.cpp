#include "processes.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>
#include <string_view>

namespace holdfast::conformance {

pid_t in_process(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    body();
  } catch (const std::exception& error) {
    static_cast<void>(!write(STDERR_FILENO, error.what(), std::string_view(error.what()).size()));
    _exit(1);
  }
  _exit(0);
}

int status_of(pid_t child) {
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

OtherProcess::OtherProcess(const std::function<void(const Pause&)>& body) {
  if (pipe(asked_) + pipe(answered_) != 0) throw std::runtime_error("cannot make a pipe");
  child_ = in_process([&] {
    ::close(asked_[1]);
    const auto wait = [&] {
      char byte = 0;
      if (read(asked_[0], &byte, 1) != 1) _exit(0);  // The test is over.
    };
    wait();
    body([&] {
      static_cast<void>(!write(answered_[1], ".", 1));
      wait();
    });
    static_cast<void>(!write(answered_[1], ".", 1));
  });
  ::close(asked_[0]);
  ::close(answered_[1]);
}

OtherProcess::~OtherProcess() {
  ::close(asked_[1]);
  ::close(answered_[0]);
  EXPECT_EQ(status_of(child_), 0);
}

void OtherProcess::step() {
  char byte = 0;
  EXPECT_EQ(write(asked_[1], ".", 1), 1);
  EXPECT_EQ(read(answered_[0], &byte, 1), 1) << "the other process ended before its time";
}

}  // namespace holdfast::conformance
