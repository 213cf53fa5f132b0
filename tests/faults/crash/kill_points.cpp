#include "kill_points.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string_view>
#include <system_error>

namespace holdfast::fault_tests {
namespace {

using Moment = KillPoint::Moment;

// Of the program as a whole, since the calls are. Empty until `arm`; calls are made before main.
std::string* watched = nullptr;
KillPoint armed;
std::atomic<std::uint64_t> passed{0};
std::atomic<std::uint64_t> passed_before_step{0};

[[nodiscard]] bool is_below_watched(std::string_view path) {
  return path.size() > watched->size() && path.starts_with(*watched) &&
         path[watched->size()] == '/';
}

// The file's name within the watched folder; empty: it lies elsewhere.
std::string watched_name(std::string_view path) {
  return is_below_watched(path) ? std::string(path.substr(watched->size() + 1)) : std::string();
}

std::string watched_name(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> target{};
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  if (size <= 0) return {};
  return watched_name(std::string_view(target.data(), static_cast<std::size_t>(size)));
}

void start_timer(std::uint64_t microseconds) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer{};
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(microseconds / 1'000'000);
  when.it_value.tv_nsec = static_cast<long>(microseconds % 1'000'000 * 1'000 + 1);
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      ::timer_settime(timer, 0, &when, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot start a timer");
  }
}

// Returns where another process is to die.
void kill_at(const char* call, const std::string& file, const std::string& details) {
  const std::string line = "killed " + to_string(armed.moment) + " " + call + " " + file + " " +
                           details + " #" + std::to_string(passed - passed_before_step) + "\n";
  ::syscall(SYS_write, STDOUT_FILENO, line.data(), line.size());
  if (armed.victim == 0) die();
  ::syscall(SYS_kill, armed.victim, armed.signal);
}

// One watched call: makes it, or kills around it. `half` makes half of it.
template <typename Call, typename Half>
auto make(const char* name, const std::string& file, const std::string& details, Call&& call,
          Half&& half) {
  if (++passed != armed.number) return call();
  if (armed.moment == Moment::after) {
    const auto result = call();
    kill_at(name, file, details);
    return result;
  }
  const auto result = armed.moment == Moment::half ? half() : 0;
  kill_at(name, file, details);
  return armed.moment == Moment::half ? result : call();
}

template <typename Call>
auto make(const char* name, const std::string& file, const std::string& details, Call&& call) {
  return make(name, file, details, call, call);
}

[[nodiscard]] bool counts() {
  return watched != nullptr && armed.moment != Moment::never && armed.moment != Moment::timer;
}

// What has a descriptor. Calls to other files are made at once.
template <typename Call, typename Half>
auto around(const char* name, int descriptor, const std::string& details, Call&& call,
            Half&& half) {
  if (!counts()) return call();
  const std::string file = watched_name(descriptor);
  if (file.empty()) return call();
  return make(name, file, details, call, half);
}

template <typename Call>
auto around(const char* name, int descriptor, Call&& call) {
  return around(name, descriptor, "", call, call);
}

template <typename Call>
auto around(const char* name, const char* path, Call&& call) {
  if (!counts()) return call();
  const std::string file = watched_name(std::string_view(path));
  if (file.empty()) return call();
  return make(name, file, "", call);
}

// What goes to or comes from a server.
template <typename Call, typename Half>
auto around_socket(const char* name, const std::string& details, Call&& call, Half&& half) {
  if (!counts() || *watched != "sockets") return call();
  return make(name, "socket", details, call, half);
}

ssize_t write_at(const char* name, int descriptor, const void* bytes, std::size_t size,
                 off_t offset) {
  const auto call = [&](std::size_t count) {
    return static_cast<ssize_t>(::syscall(SYS_pwrite64, descriptor, bytes, count, offset));
  };
  const std::string details = std::to_string(size) + "@" + std::to_string(offset);
  return around(
      name, descriptor, details, [&] { return call(size); }, [&] { return call(size / 2); });
}

int open_at(const char* path, int flags, mode_t mode) {
  const auto call = [&] {
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  };
  // Only what may make a file changes anything.
  return (flags & O_CREAT) != 0 ? around("open", path, call) : call();
}

int control(int descriptor, int command, void* argument) {
  const auto call = [&] {
    return static_cast<int>(::syscall(SYS_fcntl, descriptor, command, argument));
  };
  const bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK;
  return locks ? around("lock", descriptor, call) : call();
}

}  // namespace

void arm(const std::string& folder, const KillPoint& point) {
  armed = point;
  watched = new std::string(folder);
  if (point.moment == Moment::timer) start_timer(point.number);
}

void begin_step() { passed_before_step = passed.load(); }

void die() {
  ::syscall(SYS_kill, ::getpid(), SIGKILL);
  while (true) ::pause();
}

// The calls themselves, each made by its number: whatever else stands between is left out.
extern "C" {

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return write_at("write", descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return write_at("write", descriptor, bytes, size, offset);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const auto call = [&](size_t count) {
    return static_cast<ssize_t>(::syscall(SYS_write, descriptor, bytes, count));
  };
  return around(
      "write", descriptor, std::to_string(size), [&] { return call(size); },
      [&] { return call(size / 2); });
}

int fsync(int descriptor) {
  return around("fsync", descriptor,
                [&] { return static_cast<int>(::syscall(SYS_fsync, descriptor)); });
}

int fdatasync(int descriptor) {
  return around("fdatasync", descriptor,
                [&] { return static_cast<int>(::syscall(SYS_fdatasync, descriptor)); });
}

int ftruncate(int descriptor, off_t size) noexcept {
  return around("ftruncate", descriptor,
                [&] { return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size)); });
}

int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

int unlink(const char* path) noexcept {
  return around("unlink", path,
                [&] { return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0)); });
}

int link(const char* from, const char* to) noexcept {
  return around("link", to, [&] {
    return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}

int fchmod(int descriptor, mode_t mode) noexcept {
  return around("fchmod", descriptor,
                [&] { return static_cast<int>(::syscall(SYS_fchmod, descriptor, mode)); });
}

int flock(int descriptor, int operation) noexcept {
  return around("flock", descriptor,
                [&] { return static_cast<int>(::syscall(SYS_flock, descriptor, operation)); });
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(path, flags, mode);
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return control(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return control(descriptor, command, argument);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  const auto call = [&](size_t count) {
    return static_cast<ssize_t>(::syscall(SYS_sendto, descriptor, bytes, count, flags, nullptr, 0));
  };
  return around_socket(
      "send", std::to_string(size), [&] { return call(size); }, [&] { return call(size / 2); });
}

ssize_t recv(int descriptor, void* bytes, size_t size, int flags) {
  const auto call = [&] {
    return static_cast<ssize_t>(
        ::syscall(SYS_recvfrom, descriptor, bytes, size, flags, nullptr, nullptr));
  };
  return around_socket("recv", "", call, call);
}

}  // extern "C"

}  // namespace holdfast::fault_tests
