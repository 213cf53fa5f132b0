// The C library's functions with which the store itself handles files, in the place of the
// library's own: an executable's definition comes first for everything that it is linked with.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <filesystem>
#include <string>

#include "file_watcher.hpp"

namespace holdfast::fault_tests {
namespace {

std::atomic<FileWatcher*> watching{nullptr};
std::atomic<int> without_syncing{0};
thread_local int in_engine = 0;

// Whether the call is to fail; errno is set then. SQLite's own calls are asked for by its VFS.
bool fails(FileCall call, const std::string& path) {
  if (in_engine != 0 || watcher() == nullptr) return false;
  const FileWatcher::Verdict verdict = watcher()->before(call, path);
  if (verdict.error != 0) errno = verdict.error;
  return verdict.error != 0;
}

bool fails(FileCall call, int descriptor) {
  return in_engine == 0 && watcher() != nullptr && fails(call, path_of_descriptor(descriptor));
}

bool is_folder(int descriptor) {
  struct stat status {};
  return ::fstatat(descriptor, "", &status, AT_EMPTY_PATH) == 0 && S_ISDIR(status.st_mode);
}

int sync_descriptor(int descriptor, long number) {
  if (watcher() == nullptr && without_syncing != 0) return 0;
  const std::string path = path_of_descriptor(descriptor);
  if (fails(FileCall::store_sync, path)) return -1;
  const int result = without_syncing != 0 ? 0 : static_cast<int>(::syscall(number, descriptor));
  if (result != 0 || watcher() == nullptr) return result;
  // SQLite syncs folders within calls of its VFS that are about files.
  if (is_folder(descriptor)) {
    watcher()->synced_folder(path);
  } else if (in_engine == 0) {
    watcher()->synced(path);
  }
  return result;
}

}  // namespace

std::string path_of_descriptor(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(size));
}

void set_watcher(FileWatcher* next) noexcept { watching = next; }
FileWatcher* watcher() noexcept { return watching; }

WithoutSyncing::WithoutSyncing() noexcept { ++without_syncing; }
WithoutSyncing::~WithoutSyncing() { --without_syncing; }
InEngine::InEngine() noexcept { ++in_engine; }
InEngine::~InEngine() { --in_engine; }

}  // namespace holdfast::fault_tests

using namespace holdfast::fault_tests;

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  if (fails(FileCall::store_open, std::string(path))) return -1;
  return ::openat(AT_FDCWD, path, flags, mode);
}

int stat(const char* path, struct stat* status) noexcept {
  if (fails(FileCall::store_stat, std::string(path))) return -1;
  return ::fstatat(AT_FDCWD, path, status, 0);
}

int fstat(int descriptor, struct stat* status) noexcept {
  if (fails(FileCall::store_stat, descriptor)) return -1;
  return ::fstatat(descriptor, "", status, AT_EMPTY_PATH);
}

ssize_t pread(int descriptor, void* to, std::size_t size, off_t offset) {
  if (fails(FileCall::store_read, descriptor)) return -1;
  if (fails(FileCall::system_read, descriptor)) return -1;
  const struct iovec into = {to, size};
  return ::preadv(descriptor, &into, 1, offset);
}

int fsync(int descriptor) { return sync_descriptor(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_descriptor(descriptor, SYS_fdatasync); }

int flock(int descriptor, int operation) noexcept {
  const bool takes = (operation & LOCK_UN) == 0;
  if (takes && fails(FileCall::store_lock, descriptor)) return -1;
  return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}

int link(const char* from, const char* to) noexcept {
  if (fails(FileCall::store_link, std::string(to))) return -1;
  const int result = ::linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0 && in_engine == 0 && watcher() != nullptr) {
    watcher()->linked(std::filesystem::absolute(from).string(),
                      std::filesystem::absolute(to).string());
  }
  return result;
}

}  // extern "C"
