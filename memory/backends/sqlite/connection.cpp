#include "connection.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "errors.hpp"

namespace holdfast::sqlite {

namespace {

// As a file: URI, which is the only way to say that a file is immutable.
std::string immutable_uri(const std::string& path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '/' || byte == '.' || byte == '-' ||
                       byte == '_';
    if (plain) {
      uri += c;
    } else {
      uri += '%';
      uri += hex[byte >> 4];
      uri += hex[byte & 15];
    }
  }
  return uri + "?immutable=1";
}

SQLite::Database open_database(const std::string& path, const ConnectionOptions& options) try {
  int flags =
      SQLITE_OPEN_NOMUTEX | (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  if (options.immutable) flags |= SQLITE_OPEN_URI;
  return SQLite::Database(options.immutable ? immutable_uri(path) : path, flags,
                          static_cast<int>(options.busy_timeout.count()));
} catch (...) {
  rethrow_translated("opening '" + path + "'");
}

}  // namespace

Statement::Statement(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw_engine_error(db, code, "preparing a statement");
}

std::string_view Statement::text(int column) const {
  const void* begin = sqlite3_column_text(statement_.get(), column);
  if (begin == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(begin), static_cast<std::size_t>(size)};
}

std::string_view Statement::blob(int column) const {
  const void* begin = sqlite3_column_blob(statement_.get(), column);
  if (begin == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(begin), static_cast<std::size_t>(size)};
}

void Statement::throw_step_failed(int code) const {
  // Resetting repeats the code but keeps the connection's message.
  sqlite3* db = sqlite3_db_handle(statement_.get());
  sqlite3_reset(statement_.get());
  const std::string_view text = sql();
  const bool commits = text.starts_with("COMMIT");
  const bool writes = sqlite3_stmt_readonly(statement_.get()) == 0;
  throw_engine_error(db, code, commits ? "committing" : writes ? "writing" : "reading");
}

Connection::Connection(const std::string& path, const ConnectionOptions& options)
    : database_(open_database(path, options)) {
  sqlite3_extended_result_codes(handle(), 1);
  const auto cache_kib = static_cast<std::int64_t>(
      std::min<std::uint64_t>(options.page_cache_bytes >> 10, std::numeric_limits<int>::max()));
  execute("PRAGMA cache_size=-" + std::to_string(std::max<std::int64_t>(cache_kib, 64)));
  execute("PRAGMA mmap_size=" + std::to_string(options.mmap_bytes));
  // Debian builds SQLite with secure_delete on, which costs writes; it is an option here.
  execute(options.secure_erase ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=OFF");
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA trusted_schema=OFF");
  execute(options.syncs_fully ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (!options.checkpoints) keep_log_on_close();
  const int pages = options.checkpoints ? checkpoint_pages : 0;
  sqlite3_wal_autocheckpoint(handle(), pages);
  if (options.checkpoints) {
    execute("PRAGMA journal_size_limit=" +
            std::to_string(std::int64_t{checkpoint_pages} * page_bytes));
  }
}

void Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw_engine_error(handle(), code, "running " + sql.substr(0, 60));
}

std::string Connection::query_text(const std::string& sql) {
  Statement statement = prepare(sql);
  return statement.step() ? std::string(statement.text(0)) : std::string();
}

std::int64_t Connection::query_integer(const std::string& sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Connection::set_busy_timeout(std::chrono::milliseconds timeout) noexcept {
  const auto count = std::clamp<std::int64_t>(timeout.count(), 0, std::numeric_limits<int>::max());
  sqlite3_busy_timeout(handle(), static_cast<int>(count));
}

void Connection::rewrite_log() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return;
  const auto check = [this](int code) {
    if (code != SQLITE_OK) throw_engine_error(nullptr, code, "writing the log once more");
  };
  sqlite3_int64 size = 0;
  check(log->pMethods->xFileSize(log, &size));
  std::vector<char> piece(std::size_t{1} << 16);
  for (sqlite3_int64 at = 0; at < size;) {
    const auto bytes = static_cast<int>(
        std::min<sqlite3_int64>(size - at, static_cast<sqlite3_int64>(piece.size())));
    check(log->pMethods->xRead(log, piece.data(), bytes, at));
    check(log->pMethods->xWrite(log, piece.data(), bytes, at));
    at += bytes;
  }
  check(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

void Connection::keep_log_on_close() {
  const int code = sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (code != SQLITE_OK) throw_engine_error(handle(), code, "configuring a connection");
}

}  // namespace holdfast::sqlite
