#include "interrupt.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "exit_code.hpp"

namespace holdfast::program {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t signals_to_take() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) ::sigaddset(&signals, signal);
  }
  return signals;
}

int require_descriptor(int descriptor) {
  if (descriptor < 0) throw system_error("cannot watch for signals", errno);
  return descriptor;
}

/// What the signal does by default, to the whole process.
void end_by(int signal, const sigset_t& signals) {
  std::signal(signal, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::raise(signal);
}

}  // namespace

Interrupt::Interrupt() : signals_(signals_to_take()) {
  signal_descriptor_ = require_descriptor(::signalfd(-1, &signals_, SFD_CLOEXEC));
  end_descriptor_ = require_descriptor(::eventfd(0, EFD_CLOEXEC));
  ::pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
  watcher_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
  const std::uint64_t one = 1;
  while (::write(end_descriptor_, &one, sizeof(one)) < 0 && errno == EINTR) continue;
  watcher_.join();
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  ::close(end_descriptor_);
  ::close(signal_descriptor_);
}

void Interrupt::watch() {
  std::array<pollfd, 2> watched{
      {{signal_descriptor_, POLLIN, 0}, {end_descriptor_, POLLIN, 0}}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;  // EINTR
    if (watched[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signal_descriptor_, &signal, sizeof(signal)) != sizeof(signal)) continue;
    const int number = static_cast<int>(signal.ssi_signo);
    if (signal_.load() != 0) end_by(number, signals_);
    signal_ = number;
    stop_.request_stop();
  }
}

}  // namespace holdfast::program
