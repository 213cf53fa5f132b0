#include "fault.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace holdfast::fault_tests {
namespace {

constexpr const char* io_words = "disk I/O error|input/output error";
constexpr const char* open_words = "unable to open|for reading only|input/output error";
constexpr const char* full_words = "disk is full|No space left";
constexpr ErrorCode exhausted = ErrorCode::resource_exhausted;
constexpr ErrorCode unavailable = ErrorCode::unavailable;

constexpr std::array kinds{
    FaultKind{"open", FileCall::open, SQLITE_CANTOPEN, false, open_words, unavailable},
    FaultKind{"read", FileCall::read, SQLITE_IOERR_READ, false, io_words, unavailable},
    FaultKind{"write", FileCall::write, SQLITE_IOERR_WRITE, false, io_words, unavailable},
    FaultKind{"write on a full disk", FileCall::write, SQLITE_FULL, false, full_words, exhausted},
    FaultKind{"half a write", FileCall::write, SQLITE_IOERR_WRITE, true, io_words, unavailable},
    FaultKind{"half a write on a full disk", FileCall::write, SQLITE_FULL, true, full_words,
              exhausted},
    FaultKind{"sync", FileCall::sync, SQLITE_IOERR_FSYNC, false, io_words, unavailable},
    FaultKind{"truncate", FileCall::truncate, SQLITE_IOERR_TRUNCATE, false, io_words, unavailable},
    FaultKind{"remove", FileCall::remove, SQLITE_IOERR_DELETE, false, io_words, unavailable},
    FaultKind{"size", FileCall::size, SQLITE_IOERR_FSTAT, false, io_words, unavailable},
    FaultKind{"lock", FileCall::lock, SQLITE_IOERR_LOCK, false, io_words, unavailable},
    FaultKind{"map of the log's index", FileCall::map_shared, SQLITE_IOERR_SHMMAP, false, io_words,
              unavailable},
    FaultKind{"lock of the log's index", FileCall::lock_shared, SQLITE_IOERR_SHMLOCK, false,
              io_words, unavailable},
    FaultKind{"access", FileCall::access, SQLITE_IOERR_ACCESS, false, io_words, unavailable},
    FaultKind{"system call of a read", FileCall::system_read, EIO, false, io_words, unavailable},
    FaultKind{"system call of an open", FileCall::system_open, EIO, false, open_words, unavailable},
    FaultKind{"the store's open", FileCall::store_open, EIO, false, io_words, unavailable},
    FaultKind{"the store's open on a full disk", FileCall::store_open, ENOSPC, false, full_words,
              exhausted},
    FaultKind{"the store's open without descriptors", FileCall::store_open, EMFILE, false,
              "Too many open files", unavailable},
    FaultKind{"the store's stat", FileCall::store_stat, EIO, false, io_words, unavailable},
    FaultKind{"the store's read", FileCall::store_read, EIO, false, io_words, unavailable},
    FaultKind{"the store's sync", FileCall::store_sync, EIO, false, io_words, unavailable},
    FaultKind{"the store's sync on a full disk", FileCall::store_sync, ENOSPC, false, full_words,
              exhausted},
    FaultKind{"the store's lock", FileCall::store_lock, ENOLCK, false, "No locks available",
              unavailable},
    FaultKind{"the store's link", FileCall::store_link, EIO, false, io_words, unavailable},
    FaultKind{"the store's link on a full disk", FileCall::store_link, ENOSPC, false, full_words,
              exhausted},
};

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return small;
}

bool holds_some_of(const std::string& text, std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    if (text.find(lower(words.substr(0, end))) != std::string::npos) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

std::span<const FaultKind> all_fault_kinds() { return kinds; }

FileWatcher::Verdict Fault::before(FileCall call, std::string_view path) {
  if (call != kind_.call || left_ == 0 || !path.starts_with(folder_)) return {};
  if (left_ > 1) {
    --left_;
    return {};
  }
  struck_ = true;
  if (!lasts_) left_ = 0;
  return {kind_.error, kind_.half};
}

std::string problem_of(const Error& error, const FaultKind& kind) {
  const std::string what = error.what();
  if (error.code() != kind.code && error.code() != ErrorCode::commit_unknown) {
    return "the code should be " + std::string(to_string(kind.code)) + ": " + what;
  }
  if (!holds_some_of(lower(what), kind.words)) return "the cause is not named: " + what;
  if (error.code() == ErrorCode::commit_unknown && error.token().text.empty()) {
    return "there is no token: " + what;
  }
  return {};
}

}  // namespace holdfast::fault_tests
