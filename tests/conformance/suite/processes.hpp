// Processes of their own, beside that of the test.
#pragma once

#include <sys/types.h>

#include <functional>

namespace holdfast::conformance {

// Runs `body` in a process of its own. It must not return to the caller's code there.
pid_t in_process(const std::function<void()>& body);

// As waitpid gives it.
int status_of(pid_t child);

// A process that goes on when it is told to. Made before the test opens the store that both use.
class OtherProcess {
 public:
  // Gives the turn back to the test, and returns when the process has it again. What it throws ends
  // the process, and the step of the test fails.
  using Pause = std::function<void()>;
  explicit OtherProcess(const std::function<void(const Pause&)>& body);
  ~OtherProcess();
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  // Lets it run to the next pause, or to its end. Fails the test where it ended badly.
  void step();

 private:
  int asked_[2];
  int answered_[2];
  pid_t child_ = -1;
};

}  // namespace holdfast::conformance
