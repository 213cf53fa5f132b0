// The one place where what SQLite and SQLiteCpp report becomes holdfast::Error.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "holdfast/error.hpp"

namespace holdfast::sqlite {

// An Error that the engine caused, as distinct from a refusal of our own.
class EngineError : public Error {
 public:
  EngineError(ErrorCode code, std::string message, std::string cause, int engine_code)
      : Error(code, std::move(message), {"sqlite", ""}, std::move(cause)),
        engine_code_(engine_code) {}
  // SQLite's extended result code.
  [[nodiscard]] int engine_code() const noexcept { return engine_code_; }
  // Whether the connection's view of the file can no longer be trusted, or it can never write.
  [[nodiscard]] bool is_io_error() const noexcept {
    return (engine_code_ & 0xff) == SQLITE_IOERR || engine_code_ == opened_for_reading_only;
  }
  // A file that cannot be opened for writing SQLite opens for reading only, whatever the reason
  // was. That rights are not is known before it opens any.
  static constexpr int opened_for_reading_only = SQLITE_READONLY;

 private:
  int engine_code_;
};

[[nodiscard]] ErrorCode to_error_code(int engine_code) noexcept;

// Throws what `code`, just returned by a call on `db` (may be null), stands for. `doing` completes
// "SQLite failed while ...".
[[noreturn]] void throw_engine_error(sqlite3* db, int code, std::string_view doing);

// To be called in a catch block: throws EngineError for SQLite::Exception, and Internal for a
// standard exception; holdfast::Error and std::bad_alloc pass.
[[noreturn]] void rethrow_translated(std::string_view doing);

[[noreturn]] void fail(ErrorCode code, std::string message, std::string cause = {});

// The text for an errno.
[[nodiscard]] std::string system_message(int error_number);

// Throws what a system call's failure means: a full disk, missing rights, or something else.
[[noreturn]] void fail_system(std::string message, int error_number);

}  // namespace holdfast::sqlite
