// A VFS over that of the system, as SQLite's default one, which tells the watcher of every call.
#pragma once

#include <sqlite3.h>

namespace holdfast::fault_tests {

// Registered while it lives. Offers no memory mapping of the database, which nobody could watch.
class WatchingVfs {
 public:
  WatchingVfs();
  ~WatchingVfs();
  WatchingVfs(const WatchingVfs&) = delete;
  WatchingVfs& operator=(const WatchingVfs&) = delete;

 private:
  sqlite3_vfs vfs_{};
};

}  // namespace holdfast::fault_tests
