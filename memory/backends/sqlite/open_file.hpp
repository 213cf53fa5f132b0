// The file under a store: found and checked without SQLite, known to the whole process, and locked
// against other processes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "holdfast/context.hpp"

namespace holdfast::sqlite {

// How often this process came about by fork: grows in every child.
[[nodiscard]] std::uint64_t fork_generation() noexcept;

// What handles of this process share about one file (by device and inode).
struct FileNode {
  dev_t device = 0;
  ino_t inode = 0;
  // Open as long as any handle is: closing any descriptor of a file drops all locks that SQLite
  // holds on it for this process.
  int descriptor = -1;
  bool has_writer = false;
  int handles = 0;
  std::uint64_t generation = 0;
};

struct FileRequest {
  std::string path;
  bool read_only = false;
  bool create = true;
};

// A handle's claim on a file. Throws for a missing file or folder, a directory, missing rights,
// and for a file that this process has open as a writer already.
class OpenFile {
 public:
  explicit OpenFile(const FileRequest& request);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // Absolute and without symbolic links, so that the files beside it have one name only.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return node_->descriptor; }
  [[nodiscard]] std::uint64_t size() const;
  // Whether this claim made the file.
  [[nodiscard]] bool created() const noexcept { return created_; }
  // Of the file that has this name with `suffix` added; empty: there is none.
  [[nodiscard]] std::optional<std::uint64_t> size_beside(const char* suffix) const;
  // Reads all of that file. Throws Unavailable where it cannot be read.
  void check_readable_beside(const char* suffix) const;
  // Throws Unavailable where the name has come to mean another file since.
  void check_still_there() const;
  // Throws FailedPrecondition in a process that was forked off since.
  void check_not_forked() const;
  [[nodiscard]] bool is_forked() const noexcept { return generation_ != fork_generation(); }
  // Takes back a file that was made for this claim and is still empty.
  void discard_if_empty() noexcept;

 private:
  void claim(const FileRequest& request);
  void adopt(const FileRequest& request, dev_t device, ino_t inode, int descriptor);

  std::string path_;
  std::shared_ptr<FileNode> node_;
  bool is_writer_ = false;
  bool created_ = false;
  std::uint64_t generation_ = fork_generation();
};

// Excludes other processes' writers and checkpoints of a file, from opening to closing them.
// Within the process the caller excludes others.
class FileLock {
 public:
  explicit FileLock(const OpenFile& file) noexcept : file_(file) {}
  ~FileLock() { release(); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // Waits up to `timeout`, or the context's deadline; then throws.
  void acquire(std::chrono::milliseconds timeout, const Context& context);
  void release() noexcept;
  [[nodiscard]] bool held() const noexcept { return held_; }

 private:
  [[nodiscard]] bool try_acquire();
  [[nodiscard]] bool try_take_turn();

  const OpenFile& file_;
  bool held_ = false;
  std::chrono::steady_clock::time_point had_turn_at_{};
};

}  // namespace holdfast::sqlite
