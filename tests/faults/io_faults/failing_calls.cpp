// To be loaded before a program's libraries (LD_PRELOAD): lets calls on the files of a folder fail.
//
//   HOLDFAST_FAIL_FOLDER   the folder; nothing fails without it
//   HOLDFAST_FAIL_CALL     open, read, write, sync, truncate, rename or unlink
//   HOLDFAST_FAIL_NUMBER   which of these calls fails, from 1
//   HOLDFAST_FAIL_ERRNO    with what; 0: a read or write that does half of what it is asked for
//   HOLDFAST_FAIL_LASTS    1: so do all after it
//   HOLDFAST_FAIL_COUNT    a file to which the number of these calls is written at the end
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

struct Plan {
  std::string_view folder = text("HOLDFAST_FAIL_FOLDER");
  std::string_view call = text("HOLDFAST_FAIL_CALL");
  long number = std::atol(text("HOLDFAST_FAIL_NUMBER"));
  int error = std::atoi(text("HOLDFAST_FAIL_ERRNO"));
  bool lasts = std::atoi(text("HOLDFAST_FAIL_LASTS")) != 0;

  static const char* text(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
  }
};

std::atomic<long> calls{0};

const Plan& plan() {
  static const Plan instance;
  return instance;
}

// Whether it is this call's turn.
bool strikes(std::string_view call, std::string_view path) {
  if (plan().folder.empty() || call != plan().call || !path.starts_with(plan().folder))
    return false;
  const long number = ++calls;
  return number == plan().number || (plan().lasts && number > plan().number);
}

bool strikes(std::string_view call, int descriptor) {
  if (plan().folder.empty() || call != plan().call) return false;
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
  const ssize_t size = ::readlink(link.data(), path.data(), path.size());
  return size > 0 && strikes(call, std::string_view(path.data(), static_cast<std::size_t>(size)));
}

int failure() {
  errno = plan().error;
  return -1;
}

bool takes_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

int open_at(const char* path, int flags, mode_t mode) {
  if (strikes("open", path)) return failure();
  return ::openat(AT_FDCWD, path, flags, mode);
}

// Does `transfer` with as many bytes as the plan lets through.
template <typename Transfer>
ssize_t moved(const char* call, int descriptor, std::size_t size, const Transfer& transfer) {
  if (!strikes(call, descriptor)) return transfer(size);
  if (plan().error != 0) return failure();
  return transfer(size > 1 ? size / 2 : size);
}

ssize_t read_at(int descriptor, void* to, std::size_t size, off64_t offset) {
  return moved("read", descriptor, size, [&](std::size_t bytes) {
    const iovec into = {to, bytes};
    return ::preadv64(descriptor, &into, 1, offset);
  });
}

ssize_t write_at(int descriptor, const void* from, std::size_t size, off64_t offset) {
  return moved("write", descriptor, size, [&](std::size_t bytes) {
    const iovec out = {const_cast<void*>(from), bytes};
    return ::pwritev64(descriptor, &out, 1, offset);
  });
}

[[gnu::destructor]] void write_count() {
  const char* const name = Plan::text("HOLDFAST_FAIL_COUNT");
  if (*name == '\0') return;
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%ld\n", calls.load());
  const int file = ::openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return;  // The test sees that there is no count.
  static_cast<void>(::syscall(SYS_write, file, text.data(), size));
  ::close(file);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(path, flags | O_LARGEFILE, mode);
}

ssize_t read(int descriptor, void* to, std::size_t size) {
  return moved("read", descriptor, size, [&](std::size_t bytes) {
    return static_cast<ssize_t>(::syscall(SYS_read, descriptor, to, bytes));
  });
}

ssize_t write(int descriptor, const void* from, std::size_t size) {
  return moved("write", descriptor, size, [&](std::size_t bytes) {
    return static_cast<ssize_t>(::syscall(SYS_write, descriptor, from, bytes));
  });
}

ssize_t pread(int descriptor, void* to, std::size_t size, off_t offset) {
  return read_at(descriptor, to, size, offset);
}
ssize_t pread64(int descriptor, void* to, std::size_t size, off64_t offset) {
  return read_at(descriptor, to, size, offset);
}
ssize_t pwrite(int descriptor, const void* from, std::size_t size, off_t offset) {
  return write_at(descriptor, from, size, offset);
}
ssize_t pwrite64(int descriptor, const void* from, std::size_t size, off64_t offset) {
  return write_at(descriptor, from, size, offset);
}

// Nothing is synced: these tests lose no power.
int fsync(int descriptor) { return strikes("sync", descriptor) ? failure() : 0; }
int fdatasync(int descriptor) { return strikes("sync", descriptor) ? failure() : 0; }

int ftruncate(int descriptor, off_t size) noexcept {
  if (strikes("truncate", descriptor)) return failure();
  return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}
int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

int rename(const char* from, const char* to) noexcept {
  if (strikes("rename", to)) return failure();
  return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  if (strikes("rename", to)) return failure();
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

int unlink(const char* path) noexcept {
  if (strikes("unlink", path)) return failure();
  return ::unlinkat(AT_FDCWD, path, 0);
}

}  // extern "C"
