#include "watching_vfs.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "file_watcher.hpp"

namespace holdfast::fault_tests {
namespace {

sqlite3_vfs* real_vfs = nullptr;

// Behind it lies the file of the real VFS.
struct WatchedFile {
  sqlite3_file base;
  const char* path;  // Null: a temporary file.
};

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<WatchedFile*>(file) + 1);
}

std::string_view path_of(sqlite3_file* file) {
  const char* const path = reinterpret_cast<WatchedFile*>(file)->path;
  return path == nullptr ? std::string_view() : std::string_view(path);
}

FileWatcher::Verdict ask(FileCall call, std::string_view path) {
  if (path.empty() || watcher() == nullptr) return {};
  return watcher()->before(call, path);
}

// Calls `tell` where somebody watches a call that went well on a file with a name.
template <typename Tell>
int told(int code, std::string_view path, Tell&& tell) {
  if (code == SQLITE_OK && !path.empty() && watcher() != nullptr) tell(*watcher());
  return code;
}

template <typename Call>
int run(FileCall call, sqlite3_file* file, Call&& do_call) {
  const FileWatcher::Verdict verdict = ask(call, path_of(file));
  if (verdict.error != 0) return verdict.error;
  const InEngine here;
  return do_call(real(file));
}

int close(sqlite3_file* file) {
  const InEngine here;
  return real(file)->pMethods->xClose(real(file));
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return run(FileCall::read, file,
             [&](sqlite3_file* f) { return f->pMethods->xRead(f, to, size, offset); });
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const FileWatcher::Verdict verdict = ask(FileCall::write, path_of(file));
  if (verdict.error != 0 && !verdict.half) return verdict.error;
  const int count = verdict.half ? size / 2 : size;
  const InEngine here;
  const int code = real(file)->pMethods->xWrite(real(file), from, count, offset);
  told(code, path_of(file), [&](FileWatcher& watcher) {
    watcher.wrote(path_of(file), static_cast<std::uint64_t>(offset),
                  {static_cast<const char*>(from), static_cast<std::size_t>(count)});
  });
  return verdict.error != 0 ? verdict.error : code;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int code = run(FileCall::truncate, file,
                       [&](sqlite3_file* f) { return f->pMethods->xTruncate(f, size); });
  return told(code, path_of(file), [&](FileWatcher& watcher) {
    watcher.truncated(path_of(file), static_cast<std::uint64_t>(size));
  });
}

int sync(sqlite3_file* file, int flags) {
  const int code =
      run(FileCall::sync, file, [&](sqlite3_file* f) { return f->pMethods->xSync(f, flags); });
  return told(code, path_of(file), [&](FileWatcher& watcher) { watcher.synced(path_of(file)); });
}

int size(sqlite3_file* file, sqlite3_int64* bytes) {
  return run(FileCall::size, file,
             [&](sqlite3_file* f) { return f->pMethods->xFileSize(f, bytes); });
}

int lock(sqlite3_file* file, int level) {
  return run(FileCall::lock, file, [&](sqlite3_file* f) { return f->pMethods->xLock(f, level); });
}

int unlock(sqlite3_file* file, int level) {
  const InEngine here;
  return real(file)->pMethods->xUnlock(real(file), level);
}

int check_reserved(sqlite3_file* file, int* held) {
  return run(FileCall::lock, file,
             [&](sqlite3_file* f) { return f->pMethods->xCheckReservedLock(f, held); });
}

int control(sqlite3_file* file, int operation, void* argument) {
  const InEngine here;
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }

// What every disk of today does, and nothing that only some do.
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file)) &
         SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_shared(sqlite3_file* file, int page, int page_size, int extend, void volatile** to) {
  return run(FileCall::map_shared, file,
             [&](sqlite3_file* f) { return f->pMethods->xShmMap(f, page, page_size, extend, to); });
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  const InEngine here;
  // Giving a lock back cannot fail.
  if ((flags & SQLITE_SHM_UNLOCK) == 0) {
    const FileWatcher::Verdict verdict = ask(FileCall::lock_shared, path_of(file));
    if (verdict.error != 0) return verdict.error;
  }
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

int unmap_shared(sqlite3_file* file, int remove) {
  const InEngine here;
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2 ends before the memory mapping of the database.
const sqlite3_io_methods methods = {2,
                                    close,
                                    read,
                                    write,
                                    truncate,
                                    sync,
                                    size,
                                    lock,
                                    unlock,
                                    check_reserved,
                                    control,
                                    sector_size,
                                    characteristics,
                                    map_shared,
                                    lock_shared,
                                    barrier,
                                    unmap_shared,
                                    nullptr,
                                    nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  reinterpret_cast<WatchedFile*>(file)->path = name;
  const FileWatcher::Verdict verdict = ask(FileCall::open, path_of(file));
  if (verdict.error != 0) return verdict.error;
  const InEngine here;
  const int code = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
  if (real(file)->pMethods != nullptr) file->pMethods = &methods;
  return told(code, path_of(file), [&](FileWatcher& watcher) { watcher.opened(path_of(file)); });
}

int remove(sqlite3_vfs*, const char* name, int sync_folder) {
  const FileWatcher::Verdict verdict = ask(FileCall::remove, name);
  if (verdict.error != 0) return verdict.error;
  const InEngine here;
  // Told before it is done, as the system's VFS also syncs the folder in this call, which is told
  // by itself.
  if (watcher() != nullptr && ::access(name, F_OK) == 0) watcher()->removed(name);
  return real_vfs->xDelete(real_vfs, name, sync_folder);
}

int access(sqlite3_vfs*, const char* name, int flags, int* result) {
  const FileWatcher::Verdict verdict = ask(FileCall::access, name);
  if (verdict.error != 0) return verdict.error;
  const InEngine here;
  return real_vfs->xAccess(real_vfs, name, flags, result);
}

// Of the file of a descriptor.
bool system_read_fails(int descriptor) {
  if (watcher() == nullptr) return false;
  const FileWatcher::Verdict verdict = ask(FileCall::system_read, path_of_descriptor(descriptor));
  if (verdict.error != 0) errno = verdict.error;
  return verdict.error != 0;
}

ssize_t system_read(int descriptor, void* to, std::size_t size) {
  return system_read_fails(descriptor) ? -1 : ::read(descriptor, to, size);
}

ssize_t system_pread(int descriptor, void* to, std::size_t size, off_t offset) {
  if (system_read_fails(descriptor)) return -1;
  const struct iovec into = {to, size};
  return ::preadv(descriptor, &into, 1, offset);
}

int system_open(const char* path, int flags, int mode) {
  const FileWatcher::Verdict verdict = ask(FileCall::system_open, path);
  if (verdict.error == 0) return ::open(path, flags, mode);
  errno = verdict.error;
  return -1;
}

// With which of them SQLite reads is decided where it is built.
void set_system_calls(bool ours) {
  const auto set = [ours](const char* name, sqlite3_syscall_ptr function) {
    real_vfs->xSetSystemCall(real_vfs, name, ours ? function : nullptr);
  };
  set("open", reinterpret_cast<sqlite3_syscall_ptr>(system_open));
  set("read", reinterpret_cast<sqlite3_syscall_ptr>(system_read));
  set("pread", reinterpret_cast<sqlite3_syscall_ptr>(system_pread));
  set("pread64", reinterpret_cast<sqlite3_syscall_ptr>(system_pread));
}

}  // namespace

WatchingVfs::WatchingVfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  vfs_ = *real_vfs;
  vfs_.pNext = nullptr;
  vfs_.zName = "watching";
  vfs_.szOsFile = static_cast<int>(sizeof(WatchedFile)) + real_vfs->szOsFile;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  set_system_calls(true);
  sqlite3_vfs_register(&vfs_, 1);
}

WatchingVfs::~WatchingVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_vfs, 1);
  set_system_calls(false);
}

}  // namespace holdfast::fault_tests
