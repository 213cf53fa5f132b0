#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "errors.hpp"
#include "support/log.hpp"
#include "open_file.hpp"

namespace holdfast::sqlite {

namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::microseconds first_pause{50};
constexpr std::chrono::microseconds longest_pause{2000};
constexpr std::chrono::seconds long_wait{1};

}  // namespace

// flock(2) goes with the descriptor's inode, whatever the file's name, does not touch SQLite's own
// (POSIX) locks, and ends with the process.
bool FileLock::try_acquire() {
  while (::flock(file_.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return false;
    fail(ErrorCode::unavailable, "cannot lock '" + file_.path() + "'", system_message(errno));
  }
  return true;
}

// No lock of Linux waits with a time limit, so a contended one is asked for again, at intervals
// that grow. The holder has it for one transaction.
void FileLock::acquire(std::chrono::milliseconds timeout, const Context& context) {
  if (held_) return;
  const auto begin = SteadyClock::now();
  auto pause = first_pause;
  while (!try_acquire()) {
    context.check();
    const auto now = SteadyClock::now();
    if (now - begin >= timeout) {
      fail(ErrorCode::unavailable, "another process has been writing to '" + file_.path() +
                                       "' for all of busy_timeout (" +
                                       std::to_string(timeout.count()) + " ms)");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, longest_pause);
  }
  held_ = true;
  if (const auto waited = SteadyClock::now() - begin; waited > long_wait) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
    support::log_warning("sqlite: waited " + std::to_string(ms) + " ms for the lock of '" +
                         file_.path() + "'");
  }
}

void FileLock::release() noexcept {
  if (!held_) return;
  ::flock(file_.descriptor(), LOCK_UN);
  held_ = false;
}

}  // namespace holdfast::sqlite
