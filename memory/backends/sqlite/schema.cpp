#include "schema.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "errors.hpp"
#include "support/log.hpp"

namespace holdfast::sqlite {

namespace {

// A step leads from the version that is its index to the next one. A released step never changes.
constexpr std::array<const char*, format_version> steps = {
    // 0 to 1.
    R"sql(
CREATE TABLE counter (            -- one row: the state of the whole store
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last_revision INTEGER NOT NULL,     -- the greatest given
  reserved_revision INTEGER NOT NULL, -- after a crash, revisions go on above it
  entries INTEGER NOT NULL,           -- expired ones that were not reclaimed included
  bytes INTEGER NOT NULL,             -- of namespace, key and value of them
  commit_nonce INTEGER NOT NULL,      -- another one with every commit
  change_log INTEGER NOT NULL,        -- whether removals leave tombstones
  restored_only INTEGER NOT NULL      -- whether nothing but restore has written
) STRICT;
INSERT INTO counter VALUES (1, 0, 0, 0, 0, 0, 0, 1);
CREATE TABLE namespace (          -- those that hold entries
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  entries INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE entry (
  namespace_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,        -- milliseconds since 1970-01-01T00:00:00Z, as all times
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  size INTEGER NOT NULL,              -- bytes of namespace, key and value
  large_value_id INTEGER,             -- of a value that lies in large_value
  value TEXT,                         -- JSON
  PRIMARY KEY (namespace_id, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entry_by_created ON entry (namespace_id, created_revision);
CREATE UNIQUE INDEX entry_by_revision ON entry (namespace_id, revision);
CREATE INDEX entry_by_expiry ON entry (expires_at, namespace_id, size)
  WHERE expires_at IS NOT NULL;
CREATE TABLE large_value (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE tombstone (          -- where entries went, with the change log on
  revision INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  UNIQUE (path, key)
) STRICT;
CREATE VIEW entries AS            -- for people
SELECT n.path AS namespace, e.key AS key, coalesce(e.value, l.value) AS value,
  e.revision AS revision, e.created_revision AS created_revision,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.updated_at / 1000.0, 'unixepoch') AS updated_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.expires_at / 1000.0, 'unixepoch') AS expires_at
FROM namespace n
JOIN entry e ON e.namespace_id = n.id
LEFT JOIN large_value l ON l.id = e.large_value_id;
)sql",
    // 1 to 2.
    R"sql(
CREATE TABLE note (               -- what the library keeps beside the entries
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;
)sql",
    // 2 to 3.
    R"sql(
ALTER TABLE counter ADD COLUMN       -- grows with each change of search_configuration
  search_generation INTEGER NOT NULL DEFAULT 0;
CREATE TABLE search_configuration (  -- namespaces that have one of their own
  path TEXT PRIMARY KEY,
  config TEXT NOT NULL,              -- JSON
  version TEXT NOT NULL,             -- of what made the index
  stale INTEGER NOT NULL             -- whether another version has written since
) STRICT, WITHOUT ROWID;
CREATE TABLE search_block (          -- postings; under the term '' the documents
  namespace_id INTEGER NOT NULL,
  term TEXT NOT NULL,
  first INTEGER NOT NULL,            -- the created_revision that the block begins with
  data BLOB NOT NULL,
  PRIMARY KEY (namespace_id, term, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_vector (         -- entries that have a vector, or that one is awaited for
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- another one with each vector; never given again
  namespace_id INTEGER NOT NULL,
  created_revision INTEGER NOT NULL,
  vector BLOB                        -- floats of 4 bytes, of unit length; NULL: awaited
) STRICT;
CREATE UNIQUE INDEX search_vector_by_created ON search_vector (namespace_id, created_revision);
CREATE INDEX search_vector_made ON search_vector (namespace_id, id) WHERE vector IS NOT NULL;
CREATE INDEX search_vector_awaited ON search_vector (namespace_id, created_revision)
  WHERE vector IS NULL;
)sql",
};

constexpr std::size_t header_bytes = 100;
constexpr std::string_view magic("SQLite format 3\0", 16);

using Header = std::array<unsigned char, header_bytes>;

std::uint32_t big_endian(const Header& header, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | header[offset + i];
  return number;
}

Header read_header(const OpenFile& file) {
  Header header{};
  std::size_t count = 0;
  while (count < header.size()) {
    const ssize_t more = ::pread(file.descriptor(), header.data() + count, header.size() - count,
                                 static_cast<off_t>(count));
    if (more < 0) fail_system("cannot read '" + file.path() + "'", errno);
    if (more == 0) break;
    count += static_cast<std::size_t>(more);
  }
  const bool is_sqlite =
      std::string_view(reinterpret_cast<const char*>(header.data()), magic.size()) == magic;
  if (count < header.size() || !is_sqlite) {
    fail(ErrorCode::corruption, "'" + file.path() +
                                    "' is not a Holdfast store: it does not begin as a SQLite "
                                    "database does; it was left as it is");
  }
  return header;
}

void refuse_newer(const std::string& path, std::int64_t version) {
  if (version <= format_version) return;
  fail(ErrorCode::failed_precondition,
       "'" + path + "' has format version " + std::to_string(version) +
           ", this Holdfast knows versions up to " + std::to_string(format_version) +
           "; open it with a newer Holdfast");
}

[[noreturn]] void fail_without_tables(Connection& connection, std::string cause = {}) {
  const std::string path = sqlite3_db_filename(connection.handle(), "main");
  fail(ErrorCode::corruption, "'" + path + "' lacks tables of a Holdfast store", std::move(cause));
}

void run_step(Connection& connection, const char* step) try {
  connection.execute(step);
} catch (const EngineError& error) {
  // What the step needs is not there.
  if (error.engine_code() == SQLITE_ERROR) fail_without_tables(connection, error.cause());
  throw;
}

}  // namespace

bool is_half_made(const OpenFile& file) {
  // The format of a journal: a mark, the number of records, a random number, and how many pages the
  // file had.
  constexpr std::string_view mark("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  constexpr std::string_view no_pages("\0\0\0\0", 4);
  std::array<char, 20> begin{};
  std::ifstream journal(file.path() + "-journal", std::ios::binary);
  if (!journal.read(begin.data(), begin.size())) return false;
  const std::string_view header(begin.data(), begin.size());
  return header.starts_with(mark) && header.ends_with(no_pages);
}

FileState inspect(const OpenFile& file) {
  const std::uint64_t size = file.size();
  if (size == 0) return FileState::empty;
  const Header header = read_header(file);
  if (big_endian(header, 68) != static_cast<std::uint32_t>(application_id)) {
    fail(ErrorCode::corruption, "'" + file.path() +
                                    "' is a SQLite database of another application, not a "
                                    "Holdfast store; it was left as it is");
  }
  refuse_newer(file.path(), big_endian(header, 60));
  // With a log beside it the missing pages may lie there: a checkpoint was cut short.
  const bool may_be_short =
      file.size_beside("-wal").value_or(0) > 0 || file.size_beside("-journal").has_value();
  const std::uint32_t page = std::uint32_t{header[16]} << 8 | header[17];
  const std::uint64_t expected = std::uint64_t{big_endian(header, 28)} * (page == 1 ? 65536 : page);
  if (!may_be_short && size < expected) {
    fail(ErrorCode::corruption, "'" + file.path() + "' is truncated: " + std::to_string(size) +
                                    " bytes of " + std::to_string(expected) +
                                    "; it was left as it is");
  }
  return FileState::ours;
}

void create_format(const std::string& path) {
  ConnectionOptions options;
  options.checkpoints = true;
  Connection connection(path, options);
  connection.execute("PRAGMA page_size=" + std::to_string(page_bytes));
  connection.execute("PRAGMA auto_vacuum=NONE");
  connection.execute("PRAGMA journal_mode=DELETE");
  connection.execute("BEGIN EXCLUSIVE");
  connection.execute("PRAGMA application_id=" + std::to_string(application_id));
  for (const char* step : steps) connection.execute(step);
  connection.execute("PRAGMA user_version=" + std::to_string(format_version));
  connection.execute("COMMIT");
}

bool needs_migration(Connection& connection) {
  return connection.query_integer("PRAGMA user_version") != format_version;
}

void migrate(Connection& connection) {
  const std::string path = sqlite3_db_filename(connection.handle(), "main");
  connection.execute("BEGIN IMMEDIATE");
  try {
    const std::int64_t version = connection.query_integer("PRAGMA user_version");
    refuse_newer(path, version);
    if (version < 0) {
      fail(ErrorCode::corruption,
           "'" + path + "' has the impossible format version " + std::to_string(version));
    }
    const auto missing = std::span(steps).subspan(static_cast<std::size_t>(version));
    for (const char* step : missing) run_step(connection, step);
    connection.execute("PRAGMA user_version=" + std::to_string(format_version));
    check_format(connection);
    connection.execute("COMMIT");
    if (!missing.empty()) {
      support::log_info("sqlite: brought '" + path + "' from format version " +
                        std::to_string(version) + " to " + std::to_string(format_version));
    }
  } catch (...) {
    // The first failure is the one to report.
    if (sqlite3_get_autocommit(connection.handle()) == 0) {
      sqlite3_exec(connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    throw;
  }
}

void check_format(Connection& connection) {
  const std::int64_t tables = connection.query_integer(
      "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'index') AND name IN "
      "('counter', 'namespace', 'entry', 'large_value', 'tombstone', 'note', "
      "'search_configuration', 'search_block', 'search_vector', 'search_vector_by_created', "
      "'search_vector_made', 'search_vector_awaited', "
      "'entry_by_created', 'entry_by_revision', 'entry_by_expiry')");
  constexpr std::int64_t expected_tables = 15;
  if (tables != expected_tables || connection.query_integer("SELECT count(*) FROM counter") != 1) {
    fail_without_tables(connection);
  }
}

}  // namespace holdfast::sqlite
