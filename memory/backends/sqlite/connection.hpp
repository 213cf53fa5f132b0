// A connection and its prepared statements. SQLiteCpp opens, configures and closes; statements,
// which are the hot path, go to the handle beneath it.
#pragma once

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::sqlite {

// A prepared statement that is kept. Text is bound without a copy and must live until `reset`.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql);

  Statement& bind(int index, std::int64_t number) {
    check(sqlite3_bind_int64(statement_.get(), index, number));
    return *this;
  }
  Statement& bind(int index, std::string_view text) {
    // A null pointer would bind NULL.
    const char* begin = text.data() != nullptr ? text.data() : "";
    check(sqlite3_bind_text64(statement_.get(), index, begin, text.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
    return *this;
  }
  Statement& bind_blob(int index, std::string_view bytes) {
    const char* begin = bytes.data() != nullptr ? bytes.data() : "";
    check(sqlite3_bind_blob64(statement_.get(), index, begin, bytes.size(), SQLITE_STATIC));
    return *this;
  }
  Statement& bind(int index, std::nullptr_t) {
    check(sqlite3_bind_null(statement_.get(), index));
    return *this;
  }
  Statement& bind(int index, const std::optional<std::int64_t>& number) {
    return number ? bind(index, *number) : bind(index, nullptr);
  }

  // Whether there is a row. A failed step leaves the statement reset.
  [[nodiscard]] bool step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw_step_failed(code);
    return false;
  }
  // For statements without rows.
  void run() {
    while (step()) continue;
    reset();
  }
  void reset() noexcept { sqlite3_reset(statement_.get()); }

  [[nodiscard]] std::int64_t integer(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] bool is_null(int column) const noexcept {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
  }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return integer(column);
  }
  // Valid until the next step or reset.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view blob(int column) const;
  [[nodiscard]] const char* sql() const noexcept { return sqlite3_sql(statement_.get()); }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) throw_step_failed(code);
  }
  [[noreturn]] void throw_step_failed(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets a statement when the scope ends, however it ends.
class Using {
 public:
  explicit Using(Statement& statement) noexcept : statement_(statement) {}
  ~Using() { statement_.reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  Statement* operator->() noexcept { return &statement_; }

 private:
  Statement& statement_;
};

struct ConnectionOptions {
  bool read_only = false;  // Opened so by the engine, too.
  bool immutable = false;  // The file cannot change: no locks, no files beside it.
  bool checkpoints = false;
  bool secure_erase = false;
  bool syncs_fully = true;
  std::chrono::milliseconds busy_timeout{5000};
  std::uint64_t page_cache_bytes = std::uint64_t{8} << 20;
  std::uint64_t mmap_bytes = 0;
};

// Pages in the write-ahead log from which the writer moves them into the file.
inline constexpr int checkpoint_pages = 4000;
inline constexpr int page_bytes = 8192;

// One connection; for one thread at a time.
class Connection {
 public:
  // `path` is absolute.
  Connection(const std::string& path, const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] sqlite3* handle() const noexcept { return database_.getHandle(); }
  [[nodiscard]] Statement prepare(std::string_view sql) const { return {handle(), sql}; }
  void execute(const std::string& sql);
  // The first column of the first row; empty where there is none.
  [[nodiscard]] std::string query_text(const std::string& sql);
  [[nodiscard]] std::int64_t query_integer(const std::string& sql);
  void set_busy_timeout(std::chrono::milliseconds timeout) noexcept;
  // Moves the log into the file; SQLite's code. `frames` and `moved` may be null.
  int checkpoint(int mode, int* frames = nullptr, int* moved = nullptr) noexcept;
  // After a sync of the log that failed, the system may count parts of it as written that are not,
  // and no later sync writes them. So all of it is written and synced once more, as it is, where a
  // checkpoint has failed since, or `always`. A statement must have been run, and nobody may write
  // or checkpoint.
  void mend_log(bool always = false);
  // No checkpoint when this connection closes as the last one.
  void keep_log_on_close();

 private:
  void checkpoint_by_itself();
  [[nodiscard]] int rewrite_log() noexcept;

  SQLite::Database database_;
  bool log_is_suspect_ = false;
};

}  // namespace holdfast::sqlite
