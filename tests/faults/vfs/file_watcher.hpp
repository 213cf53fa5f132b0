// What a test hears of the files of this process, and where it makes calls on them fail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::fault_tests {

// Those of SQLite come through its VFS, those of the store itself through the C library.
enum class FileCall : std::uint8_t {
  open,
  read,
  write,
  sync,
  truncate,
  remove,
  size,
  lock,
  map_shared,   // A piece of the index of the write-ahead log.
  lock_shared,  // The same.
  access,
  system_read,  // What the system's VFS does for a `read`, and what the store reads itself.
  system_open,  // What it does for an `open`.
  store_open,
  store_stat,
  store_read,
  store_sync,
  store_lock,
  store_link,
};

// Calls of one thread, one after the other. Paths are absolute.
class FileWatcher {
 public:
  struct Verdict {
    int error = 0;      // SQLite's code or, for the store's own calls, errno; 0: goes on.
    bool half = false;  // A failing write writes its first half.
  };

  virtual ~FileWatcher() = default;
  [[nodiscard]] virtual Verdict before(FileCall, std::string_view /*path*/) { return {}; }

  // After a call that succeeded.
  virtual void wrote(std::string_view /*path*/, std::uint64_t /*offset*/,
                     std::string_view /*bytes*/) {}
  virtual void truncated(std::string_view /*path*/, std::uint64_t /*size*/) {}
  virtual void synced(std::string_view /*path*/) {}
  virtual void synced_folder(std::string_view /*path*/) {}
  virtual void opened(std::string_view /*path*/) {}
  virtual void removed(std::string_view /*path*/) {}
  virtual void linked(std::string_view /*from*/, std::string_view /*to*/) {}
};

// The watcher of this process; null: nobody watches.
void set_watcher(FileWatcher* watcher) noexcept;
[[nodiscard]] FileWatcher* watcher() noexcept;

// Of the file that a descriptor is of; empty where that is not known.
[[nodiscard]] std::string path_of_descriptor(int descriptor);

// While it lives, syncing is told to the watcher and not done: a test that loses power by itself,
// or none at all, need not wait for a disk.
class WithoutSyncing {
 public:
  WithoutSyncing() noexcept;
  ~WithoutSyncing();
  WithoutSyncing(const WithoutSyncing&) = delete;
  WithoutSyncing& operator=(const WithoutSyncing&) = delete;
};

// While it lives, calls of this thread are SQLite's.
class InEngine {
 public:
  InEngine() noexcept;
  ~InEngine();
  InEngine(const InEngine&) = delete;
  InEngine& operator=(const InEngine&) = delete;
};

}  // namespace holdfast::fault_tests
