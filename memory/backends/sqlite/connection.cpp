#include "connection.hpp"

#include <algorithm>
#include <array>
#include <limits>

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

SQLite::Database open_once(const std::string& path, const ConnectionOptions& options) {
  int flags =
      SQLITE_OPEN_NOMUTEX | (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  if (options.immutable) flags |= SQLITE_OPEN_URI;
  return SQLite::Database(options.immutable ? immutable_uri(path) : path, flags,
                          static_cast<int>(options.busy_timeout.count()));
}

// Where SQLite has opened the file for reading only, the next try may succeed.
SQLite::Database open_database(const std::string& path, const ConnectionOptions& options) try {
  for (int tries = 0; tries < 2; ++tries) {
    SQLite::Database database = open_once(path, options);
    if (options.read_only || sqlite3_db_readonly(database.getHandle(), "main") == 0) {
      return database;
    }
  }
  throw_engine_error(nullptr, EngineError::opened_for_reading_only, "opening '" + path + "'");
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
  sqlite3_wal_autocheckpoint(handle(), 0);
  if (options.checkpoints) {
    checkpoint_by_itself();
    execute("PRAGMA journal_size_limit=" +
            std::to_string(std::int64_t{checkpoint_pages} * page_bytes));
  }
}

void Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw_engine_error(handle(), code, "running " + sql.substr(0, 60));
}

// To its end, where a pragma that changes something commits it, and may fail to.
std::string Connection::query_text(const std::string& sql) {
  Statement statement = prepare(sql);
  if (!statement.step()) return {};
  std::string text(statement.text(0));
  while (statement.step()) continue;
  return text;
}

std::int64_t Connection::query_integer(const std::string& sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Connection::set_busy_timeout(std::chrono::milliseconds timeout) noexcept {
  const auto count = std::clamp<std::int64_t>(timeout.count(), 0, std::numeric_limits<int>::max());
  sqlite3_busy_timeout(handle(), static_cast<int>(count));
}

int Connection::rewrite_log() noexcept {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return SQLITE_OK;
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  std::array<char, std::size_t{1} << 14> piece;
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const sqlite3_int64 bytes = std::min(size - at, static_cast<sqlite3_int64>(piece.size()));
    code = log->pMethods->xRead(log, piece.data(), static_cast<int>(bytes), at);
    if (code == SQLITE_OK) {
      code = log->pMethods->xWrite(log, piece.data(), static_cast<int>(bytes), at);
    }
    at += bytes;
  }
  if (code == SQLITE_OK) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  log_is_suspect_ = code != SQLITE_OK;
  return code;
}

void Connection::mend_log(bool always) {
  if (!always && !log_is_suspect_) return;
  const int code = rewrite_log();
  if (code != SQLITE_OK) throw_engine_error(nullptr, code, "writing the log once more");
}

int Connection::checkpoint(int mode, int* frames, int* moved) noexcept {
  int code = log_is_suspect_ ? rewrite_log() : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  code = sqlite3_wal_checkpoint_v2(handle(), nullptr, mode, frames, moved);
  log_is_suspect_ = code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY;
  return code;
}

// In the place of SQLite's own automatic checkpoint, which tells nobody that it failed.
void Connection::checkpoint_by_itself() {
  const auto after_commit = [](void* self, sqlite3*, const char*, int pages) {
    if (pages >= checkpoint_pages) {
      static_cast<void>(static_cast<Connection*>(self)->checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    }
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle(), after_commit, this);
}

void Connection::keep_log_on_close() {
  const int code = sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (code != SQLITE_OK) throw_engine_error(handle(), code, "configuring a connection");
}

}  // namespace holdfast::sqlite
