#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "errors.hpp"
#include "open_file.hpp"
#include "support/log.hpp"

namespace holdfast::sqlite {

namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds long_wait{1};
// For so long after it had the turn a process may take a free lock without it.
constexpr std::chrono::milliseconds turn_lasts{2};
// A byte that SQLite never locks, far beyond the end of any database.
constexpr off_t turn_byte = off_t{1} << 60;

// No lock of Linux waits with a time limit, so a contended one is asked for again. Whoever waits
// longer asks more often, so that nobody is starved by those who have only just come.
std::chrono::microseconds pause_after(SteadyClock::duration waited) {
  if (waited < std::chrono::milliseconds(2)) return std::chrono::microseconds(200);
  if (waited < std::chrono::milliseconds(20)) return std::chrono::microseconds(100);
  return std::chrono::microseconds(50);
}

bool set_turn(int descriptor, short kind) noexcept {
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = turn_byte;
  range.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0;
}

template <typename Try>
void wait_for(const OpenFile& file, SteadyClock::time_point begin,
              std::chrono::milliseconds timeout, const Context& context, Try&& attempt) {
  while (!attempt()) {
    context.check();
    const auto waited = SteadyClock::now() - begin;
    if (waited >= timeout) {
      fail(ErrorCode::unavailable, "other processes have been writing to '" + file.path() +
                                       "' for all of busy_timeout (" +
                                       std::to_string(timeout.count()) + " ms)");
    }
    std::this_thread::sleep_for(pause_after(waited));
  }
}

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

bool FileLock::try_take_turn() {
  if (set_turn(file_.descriptor(), F_WRLCK)) return true;
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return false;
  fail(ErrorCode::unavailable, "cannot lock '" + file_.path() + "'", system_message(errno));
}

// The turn is the place at the head of the queue: who releases the lock and wants it again has to
// go behind the one that has the turn, and cannot snatch the lock from it time after time. It need
// not be asked for at every write, which would be two more system calls each: who waits with the
// turn loses to one that had it, for a few writes at most.
void FileLock::acquire(std::chrono::milliseconds timeout, const Context& context) {
  if (held_) return;
  const auto begin = SteadyClock::now();
  if (begin - had_turn_at_ < turn_lasts && try_acquire()) {
    held_ = true;
    return;
  }
  wait_for(file_, begin, timeout, context, [&] { return try_take_turn(); });
  try {
    wait_for(file_, begin, timeout, context, [&] { return try_acquire(); });
  } catch (...) {
    set_turn(file_.descriptor(), F_UNLCK);
    throw;
  }
  set_turn(file_.descriptor(), F_UNLCK);
  held_ = true;
  had_turn_at_ = SteadyClock::now();
  if (const auto waited = had_turn_at_ - begin; waited > long_wait) {
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
