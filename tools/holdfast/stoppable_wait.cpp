#include "stoppable_wait.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "exit_code.hpp"
#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

void wake_up(int wakeup) {
  const std::uint64_t one = 1;
  while (::write(wakeup, &one, sizeof(one)) < 0 && errno == EINTR) continue;
}

}  // namespace

StoppableWait::StoppableWait(const std::stop_token& stop) {
  if (!stop.stop_possible()) return;
  wakeup_ = ::eventfd(0, EFD_CLOEXEC);
  if (wakeup_ < 0) throw system_error("cannot wait for a stop", errno);
  on_stop_.emplace(stop, [wakeup = wakeup_] { wake_up(wakeup); });
}

StoppableWait::~StoppableWait() {
  on_stop_.reset();
  if (wakeup_ >= 0) ::close(wakeup_);
}

void StoppableWait::until_readable(int descriptor) { until_ready(descriptor, POLLIN); }

void StoppableWait::until_writable(int descriptor) { until_ready(descriptor, POLLOUT); }

void StoppableWait::until_ready(int descriptor, short events) {
  if (!is_stoppable()) return;
  std::array<pollfd, 2> watched{{{descriptor, events, 0}, {wakeup_, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0) {
    if (errno != EINTR) throw system_error("cannot wait for input or output", errno);
  }
  if (watched[1].revents != 0) throw Error(ErrorCode::cancelled, "stopped while waiting");
}

}  // namespace holdfast::program
