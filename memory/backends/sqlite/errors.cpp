#include "errors.hpp"

#include <SQLiteCpp/Exception.h>

#include <new>
#include <system_error>

namespace holdfast::sqlite {

namespace {

std::string_view explanation(int engine_code) noexcept {
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

}  // namespace

ErrorCode to_error_code(int engine_code) noexcept {
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
  throw_translated(extended, doing, is_last ? sqlite3_errmsg(db) : sqlite3_errstr(code));
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

}  // namespace holdfast::sqlite
