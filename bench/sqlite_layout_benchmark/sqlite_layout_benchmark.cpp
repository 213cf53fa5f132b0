// Which table layout serves small and large values best? Results and choice:
// docs/design/0004-the-sqlite-store.md.
//
//   sqlite_layout_benchmark FOLDER [ROWS]
//
// Each layout keeps entries of 20 namespaces by (namespace, key), the order of creation and the
// order of the last write, as the store has to. Prints one line for each layout and size of value.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr int namespaces = 20;
constexpr std::size_t side_table_from = 1500;

struct Layout {
  std::string_view name;
  int page_bytes;
  bool has_rowid;
  bool has_side_table;
};

constexpr Layout layouts[] = {
    {"without rowid, 4 KB pages", 4096, false, false},
    {"without rowid, 4 KB pages, side table", 4096, false, true},
    {"without rowid, 8 KB pages", 8192, false, false},
    {"without rowid, 8 KB pages, side table", 8192, false, true},
    {"rowid and unique index, 4 KB pages", 4096, true, false},
    {"rowid and unique index, 8 KB pages", 8192, true, false},
};

class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql) {
    const int size = static_cast<int>(sql.size());
    if (sqlite3_prepare_v3(db, sql.data(), size, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) !=
        SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db));
    }
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int index, std::int64_t number) { sqlite3_bind_int64(statement_, index, number); }
  void bind(int index, std::string_view text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void bind_null(int index) { sqlite3_bind_null(statement_, index); }
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
      throw std::runtime_error(sqlite3_errmsg(sqlite3_db_handle(statement_)));
    }
    return code == SQLITE_ROW;
  }
  void run() {
    while (step()) continue;
    reset();
  }
  void reset() { sqlite3_reset(statement_); }
  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::size_t text_size(int column) const {
    static_cast<void>(sqlite3_column_text(statement_, column));
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

void execute(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(db));
  }
}

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Database make_database(const std::string& path, const Layout& layout) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open(path.c_str(), &raw);
  Database db(raw);
  if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  execute(raw, "PRAGMA page_size=" + std::to_string(layout.page_bytes));
  execute(raw,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=OFF; "
          "PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=0");
  const std::string columns =
      "namespace_id INTEGER NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL, "
      "created_revision INTEGER NOT NULL, created_at INTEGER NOT NULL, "
      "updated_at INTEGER NOT NULL, large_value_id INTEGER, value TEXT";
  if (layout.has_rowid) {
    execute(raw, "CREATE TABLE entry (id INTEGER PRIMARY KEY, " + columns +
                     ", UNIQUE (namespace_id, key)) STRICT");
  } else {
    execute(raw, "CREATE TABLE entry (" + columns +
                     ", PRIMARY KEY (namespace_id, key)) STRICT, WITHOUT ROWID");
  }
  execute(raw,
          "CREATE UNIQUE INDEX by_created ON entry (namespace_id, created_revision); "
          "CREATE UNIQUE INDEX by_revision ON entry (namespace_id, revision); "
          "CREATE TABLE large_value (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT");
  return db;
}

// Calls a second, as a median of rounds.
template <typename Body>
double rate(int calls, Body&& body) {
  constexpr int rounds = 5;
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) body();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    rates.push_back(calls / took.count());
  }
  std::sort(rates.begin(), rates.end());
  return rates[rounds / 2];
}

class Trial {
 public:
  Trial(const std::string& path, const Layout& layout, int rows, std::size_t value_bytes)
      : path_(path),
        layout_(layout),
        rows_(rows),
        value_(value_bytes, 'v'),
        db_(make_database(path, layout)) {
    order_.resize(static_cast<std::size_t>(rows));
    for (int i = 0; i < rows; ++i) order_[static_cast<std::size_t>(i)] = i;
    std::shuffle(order_.begin(), order_.end(), random_);
  }

  void run() {
    const double fill = fill_in_batches();
    execute(db_.get(), "PRAGMA wal_checkpoint(TRUNCATE)");
    const auto bytes = std::filesystem::file_size(path_);
    const double reads = rate(20'000, [&] { read_one(); });
    const double pages = rate(1'000, [&] { read_page(); });
    const double batches = overwrite_in_batches();
    std::cout << layout_.name << " | " << value_.size() << " | " << static_cast<long>(reads)
              << " | " << static_cast<long>(pages) << " | " << static_cast<long>(fill) << " | "
              << static_cast<long>(batches) << " | " << bytes / static_cast<unsigned>(rows_)
              << "\n";
  }

 private:
  // Keys in no order, as users' keys are.
  static std::string key_of(int row) {
    const auto scattered = static_cast<std::uint32_t>(row) * 2654435761U;
    return "message-" + std::to_string(scattered) + "-of-a-conversation";
  }
  [[nodiscard]] bool is_beside() const {
    return layout_.has_side_table && value_.size() > side_table_from;
  }
  int any_row() { return std::uniform_int_distribution<int>(0, rows_ - 1)(random_); }

  void insert(Statement& entry, Statement& beside, int row) {
    const std::string key = key_of(row);
    // Varied, as SQLite writes nothing for the same bytes again.
    value_[static_cast<std::size_t>(row) % value_.size()] ^= 1;
    entry.bind(1, row % namespaces);
    entry.bind(2, key);
    entry.bind(3, ++revision_);
    entry.bind(4, revision_);
    if (is_beside()) {
      beside.bind(1, value_);
      beside.run();
      entry.bind(5, sqlite3_last_insert_rowid(db_.get()));
      entry.bind_null(6);
    } else {
      entry.bind_null(5);
      entry.bind(6, value_);
    }
    entry.run();
  }

  // Rows a second.
  double fill_in_batches() {
    Statement entry(db_.get(),
                    "INSERT INTO entry (namespace_id, key, revision, created_revision, created_at, "
                    "updated_at, large_value_id, value) VALUES (?1, ?2, ?3, ?4, 1, 1, ?5, ?6)");
    Statement beside(db_.get(), "INSERT INTO large_value (value) VALUES (?1)");
    const auto begin = std::chrono::steady_clock::now();
    for (int first = 0; first < rows_; first += 1000) {
      execute(db_.get(), "BEGIN IMMEDIATE");
      for (int i = first; i < std::min(first + 1000, rows_); ++i) {
        insert(entry, beside, order_[static_cast<std::size_t>(i)]);
      }
      execute(db_.get(), "COMMIT");
    }
    execute(db_.get(), "PRAGMA wal_checkpoint(TRUNCATE)");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return rows_ / took.count();
  }

  // Rows a second; a checkpoint included.
  double overwrite_in_batches() {
    Statement entry(db_.get(),
                    "UPDATE entry SET revision = ?3, updated_at = 2, value = ?4 "
                    "WHERE namespace_id = ?1 AND key = ?2");
    Statement beside(db_.get(),
                     "UPDATE large_value SET value = ?3 WHERE id = (SELECT large_value_id FROM "
                     "entry WHERE namespace_id = ?1 AND key = ?2)");
    constexpr int batches = 5;
    const auto begin = std::chrono::steady_clock::now();
    for (int batch = 0; batch < batches; ++batch) {
      execute(db_.get(), "BEGIN IMMEDIATE");
      for (int i = 0; i < 1000; ++i) overwrite(entry, beside, any_row());
      execute(db_.get(), "COMMIT");
    }
    execute(db_.get(), "PRAGMA wal_checkpoint(TRUNCATE)");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return batches * 1000 / took.count();
  }

  void overwrite(Statement& entry, Statement& beside, int row) {
    const std::string key = key_of(row);
    value_[static_cast<std::size_t>(revision_) % value_.size()] ^= 1;
    if (is_beside()) {
      beside.bind(1, row % namespaces);
      beside.bind(2, key);
      beside.bind(3, value_);
      beside.run();
    }
    entry.bind(1, row % namespaces);
    entry.bind(2, key);
    entry.bind(3, ++revision_);
    if (is_beside()) {
      entry.bind_null(4);
    } else {
      entry.bind(4, value_);
    }
    entry.run();
  }

  void read_value(Statement& rows) {
    if (!rows.is_null(1)) {
      seen_ += rows.text_size(1);
      return;
    }
    find_beside_.bind(1, rows.integer(0));
    if (find_beside_.step()) seen_ += find_beside_.text_size(0);
    find_beside_.reset();
  }
  void read_one() {
    const int row = any_row();
    const std::string key = key_of(row);
    find_.bind(1, row % namespaces);
    find_.bind(2, key);
    if (!find_.step()) throw std::runtime_error("a row is missing");
    read_value(find_);
    find_.reset();
  }
  void read_page() {
    const int row = any_row();
    const std::string key = key_of(row);
    page_.bind(1, row % namespaces);
    page_.bind(2, key);
    while (page_.step()) read_value(page_);
    page_.reset();
  }

  const std::string path_;
  const Layout layout_;
  const int rows_;
  std::string value_;
  std::int64_t revision_ = 0;
  std::size_t seen_ = 0;
  std::mt19937 random_{42};
  std::vector<int> order_;
  Database db_;
  Statement find_{db_.get(),
                  "SELECT large_value_id, value FROM entry "
                  "WHERE namespace_id = ?1 AND key = ?2"};
  Statement page_{db_.get(),
                  "SELECT large_value_id, value FROM entry "
                  "WHERE namespace_id = ?1 AND key > ?2 ORDER BY key LIMIT 50"};
  Statement find_beside_{db_.get(), "SELECT value FROM large_value WHERE id = ?1"};
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::cerr << "usage: sqlite_layout_benchmark FOLDER [ROWS]\n";
    return 2;
  }
  const int rows = argc > 2 ? std::atoi(argv[2]) : 100'000;
  std::cout << "layout | value bytes | reads/s | pages of 50/s | new rows/s | overwrites/s | "
               "file bytes a row\n";
  for (const std::size_t value_bytes : {std::size_t{200}, std::size_t{1024}, std::size_t{8192}}) {
    for (const Layout& layout : layouts) {
      const std::filesystem::path path = std::filesystem::path(argv[1]) / "layout.db";
      for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(path.string() + suffix);
      }
      // The same number of bytes for large values, not of rows.
      const int count = value_bytes > 4000 ? rows / 4 : rows;
      Trial(path.string(), layout, count, value_bytes).run();
      for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(path.string() + suffix);
      }
    }
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
