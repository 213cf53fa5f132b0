// Which files open, and that a file that does not is left as it was.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

class SqliteOpening : public SqliteTest {
 protected:
  // Opening `name` fails with `code`, changes nothing and leaves nothing behind.
  std::string expect_refused(const SqliteOptions& wanted, ErrorCode code) {
    const std::string before = bytes_of(wanted.path);
    const auto entries_before = count_files();
    std::string message;
    try {
      static_cast<void>(open_sqlite(wanted));
      ADD_FAILURE() << "it was opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_EQ(error.backend(), "sqlite");
      message = error.what();
    }
    EXPECT_EQ(bytes_of(wanted.path), before);
    EXPECT_EQ(count_files(), entries_before);
    return message;
  }
  [[nodiscard]] std::ptrdiff_t count_files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }
  void make_store(const std::string& name = "store.db") {
    Memory memory = open(name);
    WriteBatch batch;
    for (int i = 0; i < 500; ++i) batch.set("users/42", "key" + std::to_string(i), i);
    memory.write(batch);
  }
  // Takes away what the format has had since version 2.
  void take_back_to_version_2() {
    execute(
        "DROP TABLE search_vector; DROP TABLE search_block; DROP TABLE search_configuration; "
        "ALTER TABLE counter DROP COLUMN search_generation; PRAGMA user_version=2");
  }
  void execute(const std::string& sql) {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec(sql);
  }
};

TEST_F(SqliteOpening, MakesAFileForTheOwnerAlone) {
  const mode_t mask = umask(0);
  Memory memory = open();
  memory.set("a", "k", 1);
  umask(mask);
  struct stat status {};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(stat((path() + "-wal").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SqliteOpening, WhatWasWrittenIsThereAfterReopening) {
  make_store();
  EXPECT_FALSE(fs::exists(path() + "-wal"));
  Memory memory = open();
  EXPECT_EQ(memory.count(Scope{"users/42", false}), 500U);
  EXPECT_EQ(memory.get("users/42", "key7"), MemoryValue(7));
}

TEST_F(SqliteOpening, AnEmptyFileBecomesAStore) {
  write_file(path(), "");
  Memory memory = open();
  memory.set("a", "k", 1);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(1));
}

TEST_F(SqliteOpening, OddCharactersInAPathStandForThemselves) {
  for (const std::string name :
       {"a b?c%d#e&f=g.db", "file:x.db", ":memory:", "sp\xC3\xA4t'\".db"}) {
    {
      Memory memory = open(name);
      memory.set("a", "k", name);
    }
    EXPECT_TRUE(fs::exists(path(name))) << name;
    EXPECT_EQ(open(name).get("a", "k"), MemoryValue(name));
  }
}

TEST_F(SqliteOpening, APictureIsRefused) {
  write_file(path(), "\xff\xd8\xff\xe0 JFIF" + std::string(5000, 'x'));
  expect_refused(options(), ErrorCode::corruption);
}

TEST_F(SqliteOpening, AShortTextFileIsRefused) {
  write_file(path(), "hello");
  expect_refused(options(), ErrorCode::corruption);
}

TEST_F(SqliteOpening, ADatabaseOfAnotherApplicationIsRefused) {
  execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  EXPECT_NE(expect_refused(options(), ErrorCode::corruption).find("another application"),
            std::string::npos);
  execute("PRAGMA journal_mode=WAL");
  expect_refused(options(), ErrorCode::corruption);
}

TEST_F(SqliteOpening, ANewerFormatIsRefused) {
  make_store();
  execute("PRAGMA user_version=99");
  const std::string message = expect_refused(options(), ErrorCode::failed_precondition);
  EXPECT_NE(message.find("99"), std::string::npos) << message;
}

TEST_F(SqliteOpening, AnOlderFormatIsBroughtUpToDate) {
  // Version 0: of ours by its mark, without any table.
  execute("PRAGMA application_id=1215063142; PRAGMA user_version=0; VACUUM");
  ASSERT_GT(fs::file_size(path()), 0U);
  Memory memory = open();
  memory.set("a", "k", 1);
  memory.close();
  EXPECT_EQ(open().get("a", "k"), MemoryValue(1));
  SQLite::Database database(path());
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 3);
}

TEST_F(SqliteOpening, TheFormatBeforeNotesIsBroughtUpToDateWithItsEntries) {
  make_store();
  take_back_to_version_2();
  execute("DROP TABLE note; PRAGMA user_version=1");
  Memory memory = open();
  EXPECT_EQ(memory.count(Scope{"users/42", false}), 500U);
  const Note note{"how/far", "half way"};
  memory.restore(RestoreBatch{.note = &note});
  memory.close();
  EXPECT_EQ(open().note("how/far"), "half way");
  SQLite::Database database(path());
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 3);
}

TEST_F(SqliteOpening, TheFormatBeforeSearchIsBroughtUpToDateWithItsEntries) {
  make_store();
  open().set("users/42", "key1", "a red bicycle");
  take_back_to_version_2();
  Memory memory = open();
  EXPECT_EQ(memory.count(Scope{"users/42", false}), 500U);
  EXPECT_TRUE(memory.search_configurations().empty());
  memory.configure_search("users", SearchConfig::texts({""}));
  EXPECT_EQ(memory.search({.scope = {"users", true}, .text = "bicycles"}).hits.size(), 1U);
  EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
}

TEST_F(SqliteOpening, AnOlderFormatIsNotOpenedForReadingOnly) {
  execute("PRAGMA application_id=1215063142; PRAGMA user_version=0; VACUUM");
  SqliteOptions wanted = options();
  wanted.read_only = true;
  expect_refused(wanted, ErrorCode::failed_precondition);
}

TEST_F(SqliteOpening, ATruncatedFileIsRefused) {
  make_store();
  const std::uintmax_t size = fs::file_size(path());
  for (const std::uintmax_t left : {size - 1, size / 2, std::uintmax_t{8192}, std::uintmax_t{99}}) {
    fs::resize_file(path(), left);
    expect_refused(options(), ErrorCode::corruption);
  }
}

TEST_F(SqliteOpening, ADamagedSchemaIsRefused) {
  make_store();
  std::string bytes = bytes_of(path());
  for (std::size_t i = 100; i < 4000; ++i) bytes[i] = static_cast<char>(i * 7);
  write_file(path(), bytes);
  expect_refused(options(), ErrorCode::corruption);
}

TEST_F(SqliteOpening, AStoreWithoutItsTablesIsRefused) {
  execute("PRAGMA application_id=1215063142; PRAGMA user_version=1; CREATE TABLE t (a)");
  expect_refused(options(), ErrorCode::corruption);
  for (const char* version : {"2", "3"}) {
    execute(std::string("PRAGMA user_version=") + version);
    expect_refused(options(), ErrorCode::corruption);
  }
}

TEST_F(SqliteOpening, ADirectoryIsRefused) {
  fs::create_directory(path());
  EXPECT_EQ(code_thrown_by([&] { open(); }), ErrorCode::failed_precondition);
  EXPECT_EQ(code_thrown_by([&] { open("store.db/"); }), ErrorCode::failed_precondition);
}

TEST_F(SqliteOpening, AMissingFolderIsNamed) {
  const std::string message = message_thrown_by([&] { open("no/such/store.db"); });
  EXPECT_NE(message.find("no/such"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(path("no")));
}

TEST_F(SqliteOpening, AMissingFileIsNotMadeAgainstTheWish) {
  SqliteOptions wanted = options();
  wanted.create = false;
  expect_refused(wanted, ErrorCode::failed_precondition);
  wanted.create = true;
  wanted.read_only = true;
  expect_refused(wanted, ErrorCode::failed_precondition);
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(SqliteOpening, ADamagedPageIsReportedWhenItIsRead) {
  make_store();
  std::string bytes = bytes_of(path());
  // Everything but the first page, which holds the schema.
  for (std::size_t i = 8192; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  write_file(path(), bytes);
  EXPECT_EQ(code_thrown_by([&] {
              Memory memory = open();
              static_cast<void>(memory.get("users/42", "key1"));
            }),
            ErrorCode::corruption);
}

TEST_F(SqliteOpening, AFileThatAnotherProgramLocksIsUnavailable) {
  make_store();
  SQLite::Database other(path(), SQLite::OPEN_READWRITE);
  other.exec(
      "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; "
      "UPDATE counter SET commit_nonce = 1");
  SqliteOptions wanted = options();
  wanted.busy_timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(open_sqlite(wanted)); }),
            ErrorCode::unavailable);
}

TEST_F(SqliteOpening, AWriteWaitsForTheLockNoLongerThanItsDeadline) {
  Memory memory = open();
  const int other = ::open(path().c_str(), O_RDWR);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  Context context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(code_thrown_by([&] { memory.set("a", "k", 1, {}, context); }),
            ErrorCode::deadline_exceeded);
  flock(other, LOCK_UN);
  memory.set("a", "k", 2);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(2));
  ::close(other);
}

TEST_F(SqliteOpening, OneProcessHoldsAFileOpenForWritingOnce) {
  Memory memory = open();
  memory.set("a", "k", 1);
  const std::string message = message_thrown_by([&] { open(); });
  EXPECT_NE(message.find("share that Memory"), std::string::npos) << message;
  fs::create_symlink(path(), path("symbolic.db"));
  fs::create_hard_link(path(), path("hard.db"));
  EXPECT_EQ(code_thrown_by([&] { open("symbolic.db"); }), ErrorCode::failed_precondition);
  EXPECT_EQ(code_thrown_by([&] { open("hard.db"); }), ErrorCode::failed_precondition);
  // Refusing must not have dropped the locks of the one that is open.
  memory.set("a", "k", 2);
  memory.close();
  EXPECT_EQ(open("symbolic.db").get("a", "k"), MemoryValue(2));
}

TEST_F(SqliteOpening, ASymbolicLinkToNothingMakesItsTarget) {
  fs::create_symlink("target.db", path("link.db"));
  open("link.db").set("a", "k", 1);
  EXPECT_EQ(open("target.db").get("a", "k"), MemoryValue(1));
  fs::create_symlink("loop.db", path("loop.db"));
  EXPECT_EQ(code_thrown_by([&] { open("loop.db"); }), ErrorCode::failed_precondition);
}

TEST_F(SqliteOpening, ReadersBesideTheWriterSeeWhatItCommits) {
  Memory memory = open();
  memory.set("a", "k", 1);
  SqliteOptions reading = options();
  reading.read_only = true;
  Memory reader = open_sqlite(reading);
  EXPECT_EQ(reader.get("a", "k"), MemoryValue(1));
  memory.set("a", "k", 2);
  EXPECT_EQ(reader.get("a", "k"), MemoryValue(2));
}

TEST_F(SqliteOpening, ReadOnlyRefusesEveryWriteAndLeavesTheFile) {
  make_store();
  const std::string before = bytes_of(path());
  SqliteOptions wanted = options();
  wanted.read_only = true;
  {
    Memory memory = open_sqlite(wanted);
    EXPECT_TRUE(memory.capabilities().read_only);
    EXPECT_EQ(memory.count(Scope{}), 0U);
    EXPECT_EQ(memory.count(Scope{{}, true}), 500U);
    const auto denied = ErrorCode::permission_denied;
    EXPECT_EQ(code_thrown_by([&] { memory.set("a", "k", 1); }), denied);
    EXPECT_EQ(code_thrown_by([&] { memory.erase("users/42", "key1"); }), denied);
    EXPECT_EQ(code_thrown_by([&] { memory.clear(Scope{{}, true}); }), denied);
    EXPECT_EQ(code_thrown_by([&] { memory.sweep(); }), denied);
    EXPECT_EQ(code_thrown_by([&] { memory.maintenance().compact({}); }), denied);
    EXPECT_EQ(code_thrown_by([&] { memory.maintenance().checkpoint({}); }), denied);
    EXPECT_TRUE(memory.health().ok);
    EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
  }
  EXPECT_EQ(bytes_of(path()), before);
  // What reading needed beside the file is no obstacle to writing.
  open().set("a", "k", 1);
}

TEST_F(SqliteOpening, AnEmptyFileIsNoStoreToReadOnly) {
  write_file(path(), "");
  SqliteOptions wanted = options();
  wanted.read_only = true;
  expect_refused(wanted, ErrorCode::failed_precondition);
}

TEST_F(SqliteOpening, OptionsThatNoStoreTakesAreRefused) {
  const auto expect_invalid = [&](auto change) {
    SqliteOptions wanted = options();
    change(wanted);
    EXPECT_EQ(code_thrown_by([&] { static_cast<void>(open_sqlite(wanted)); }),
              ErrorCode::invalid_argument);
    EXPECT_FALSE(fs::exists(path()));
  };
  expect_invalid([](SqliteOptions& o) { o.path.clear(); });
  expect_invalid([](SqliteOptions& o) { o.path += '\0'; });
  expect_invalid([](SqliteOptions& o) { o.readers = 0; });
  expect_invalid([](SqliteOptions& o) { o.readers = 257; });
  expect_invalid([](SqliteOptions& o) { o.busy_timeout = std::chrono::milliseconds(-1); });
  expect_invalid([](SqliteOptions& o) { o.max_value_bytes = 0; });
  expect_invalid([](SqliteOptions& o) { o.max_value_bytes = max_value_bytes + 1; });
}

class SqliteUrl : public SqliteTest {
 protected:
  Memory open_url(const std::string& rest) const {
    BackendRegistry registry;
    register_sqlite(registry);
    return registry.open("sqlite:" + folder_.string() + "/" + rest, {clock_});
  }
};

TEST_F(SqliteUrl, EveryOptionIsTaken) {
  Memory memory = open_url(
      "a%20b.db?durability=normal&readers=2&change_log=on&secure_erase=on&create=on&"
      "read_only=off&busy_timeout=250ms&max_entries=10&max_bytes=64KiB&max_value_bytes=1KiB&"
      "page_cache=1MiB&mmap=16MiB&vector_cache=2MiB");
  const MemoryStats stats = memory.stats();
  EXPECT_TRUE(fs::exists(path("a b.db")));
  EXPECT_EQ(stats.details["durability"], MemoryValue("normal"));
  EXPECT_EQ(stats.details["readers"], MemoryValue(2));
  EXPECT_EQ(stats.details["change_log"], MemoryValue(true));
  EXPECT_EQ(stats.details["secure_erase"], MemoryValue(true));
  EXPECT_EQ(stats.details["busy_timeout_ms"], MemoryValue(250));
  EXPECT_EQ(stats.details["page_cache_bytes"], MemoryValue(1 << 20));
  EXPECT_EQ(stats.details["mmap_bytes"], MemoryValue(16 << 20));
  EXPECT_EQ(stats.details["vector_cache_bytes"], MemoryValue(2 << 20));
  EXPECT_EQ(stats.limits.max_entries, 10U);
  EXPECT_EQ(stats.limits.max_bytes, 65536U);
  EXPECT_EQ(stats.limits.max_value_bytes, 1024U);
  EXPECT_EQ(memory.capabilities().durability, Durability::process);
  EXPECT_TRUE(memory.capabilities().change_log);
}

TEST_F(SqliteUrl, WrongAndUnknownOptionsAreNamed) {
  for (const std::string wrong :
       {"durability=fast", "readers=many", "readers=0", "change_log=maybe", "busy_timeout=5",
        "max_bytes=1KB", "journal=wal", "create="}) {
    const std::string message = message_thrown_by([&] { open_url("x.db?" + wrong); });
    EXPECT_NE(message.find(wrong.substr(0, wrong.find('='))), std::string::npos) << message;
    EXPECT_FALSE(fs::exists(path("x.db"))) << wrong;
  }
  const std::string message = message_thrown_by([&] { open_url("x.db?journal=wal"); });
  EXPECT_NE(message.find("durability"), std::string::npos) << "names those that exist: " << message;
}

}  // namespace
}  // namespace holdfast::sqlite_tests
