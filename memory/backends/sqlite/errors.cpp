#include "errors.hpp"

#include <SQLiteCpp/Exception.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace holdfast::sqlite {

namespace {

std::string_view explanation(int engine_code) noexcept {
  if (engine_code == EngineError::opened_for_reading_only) {
    return "the file, or one beside it, could be opened for reading only";
  }
  switch (engine_code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "the operating system reported an input/output error";
    case SQLITE_CORRUPT:
      return "the file is damaged";
    case SQLITE_NOTADB:
      return "the file is not a SQLite database";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process keeps the file locked";
    case SQLITE_READONLY:
      return "the file or its folder cannot be written to";
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "access was denied";
    case SQLITE_CANTOPEN:
      return "the file, or one beside it, cannot be opened";
    case SQLITE_TOOBIG:
      return "a value or row is too large";
    default:
      return "an unexpected result";
  }
}

[[noreturn]] void throw_translated(int engine_code, std::string_view doing, std::string cause) {
  if ((engine_code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
  std::string message = "SQLite failed while ";
  message.append(doing).append(": ").append(explanation(engine_code));
  throw EngineError(to_error_code(engine_code), std::move(message),
                    std::move(cause) + " (code " + std::to_string(engine_code) + ")", engine_code);
}

// Whether a read of the database or its log has failed on this connection. SQLite takes one that
// the system calls an input/output error for damage of the file, which it need not be.
bool could_not_read(sqlite3* db) {
  const auto failed = [](sqlite3_file* file) {
    int error_number = 0;
    if (file == nullptr || file->pMethods == nullptr) return false;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error_number);
    return error_number == EIO || error_number == ENXIO || error_number == ERANGE;
  };
  sqlite3_file* database = nullptr;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &database);
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return failed(database) || failed(log);
}

}  // namespace

ErrorCode to_error_code(int engine_code) noexcept {
  if (engine_code == EngineError::opened_for_reading_only) return ErrorCode::unavailable;
  switch (engine_code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
      return ErrorCode::resource_exhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corruption;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::unavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::permission_denied;
    case SQLITE_INTERRUPT:
      return ErrorCode::cancelled;
    default:
      return ErrorCode::internal;
  }
}

void throw_engine_error(sqlite3* db, int code, std::string_view doing) {
  // The connection's message is that of the last call on it, which is the one that failed; a call
  // that failed otherwise (misuse) has the generic text only.
  const bool is_last = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
  const int extended = is_last ? sqlite3_extended_errcode(db) : code;
  std::string cause = is_last ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  if ((extended & 0xff) == SQLITE_CORRUPT && db != nullptr && could_not_read(db)) {
    throw_translated(SQLITE_IOERR_READ, doing, sqlite3_errstr(SQLITE_IOERR_READ));
  }
  throw_translated(extended, doing, std::move(cause));
}

void rethrow_translated(std::string_view doing) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const SQLite::Exception& error) {
    const int extended = error.getExtendedErrorCode();
    throw_translated(extended > 0 ? extended : error.getErrorCode(), doing, error.what());
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal, "an unexpected failure while " + std::string(doing),
                {"sqlite", ""}, error.what());
  }
}

void fail(ErrorCode code, std::string message, std::string cause) {
  throw Error(code, std::move(message), {"sqlite", ""}, std::move(cause));
}

std::string system_message(int error_number) {
  return std::generic_category().message(error_number);
}

void fail_system(std::string message, int error_number) {
  const auto code = [error_number] {
    switch (error_number) {
      case ENOSPC:
      case EDQUOT:
      case EFBIG:
        return ErrorCode::resource_exhausted;
      case EACCES:
      case EPERM:
      case EROFS:
        return ErrorCode::permission_denied;
      default:
        return ErrorCode::unavailable;
    }
  };
  fail(code(), std::move(message), system_message(error_number));
}

}  // namespace holdfast::sqlite
