// The files of a SQLite store: the owner's alone, and never another's through a link
// (memory/backends/sqlite/README.md, "Its files").
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "../support/temporary_folder.hpp"
#include "../support/tries.hpp"
#include "holdfast/sqlite.hpp"

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* owners_alone = "SQLite: the store's files are the owner's alone";
constexpr const char* not_through_links = "SQLite: no other file is written through a link";

class SqliteFiles : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] Memory open(const std::string& name = "store.db") const {
    return open_sqlite({.path = path(name)});
  }
  static void fill(Memory& memory) {
    WriteBatch batch;
    for (int i = 0; i < 200; ++i) batch.set("a", std::to_string(i), std::string(1000, 'x'));
    memory.write(batch);
  }
  // What is not ours, and has to stay as it is.
  [[nodiscard]] std::string foreign(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  static std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The code of what `call` throws; empty where it returns.
  static std::optional<ErrorCode> refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }

  const TemporaryFolder folder_;
};

// With a umask that takes nothing away.
class OpenUmask {
 public:
  OpenUmask() : before_(::umask(0)) {}
  ~OpenUmask() { ::umask(before_); }
  OpenUmask(const OpenUmask&) = delete;
  OpenUmask& operator=(const OpenUmask&) = delete;

 private:
  mode_t before_;
};

TEST_F(SqliteFiles, HaveMode0600WhateverTheUmask) {
  const OpenUmask umask;
  Memory memory = open();
  fill(memory);
  memory.maintenance().backup(path("backup.db"), {}, {});
  memory.maintenance().compact({});
  std::size_t files = 0;
  for (const auto& file : fs::directory_iterator(folder_.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U) << file.path();
    ++files;
  }
  EXPECT_EQ(files, 4U) << "the store, its log, the log's index, the backup";
  count_tries(owners_alone, files);
}

TEST_F(SqliteFiles, OfAStoreThatWasMadeTighterStayTight) {
  const OpenUmask umask;
  open().set("a", "k", 1);
  ASSERT_EQ(::chmod(path("store.db").c_str(), 0400), 0);
  // Root may write all the same; the log takes the file's mode either way.
  static_cast<void>(refusal([&] { open().set("a", "k", 2); }));
  struct stat status {};
  ASSERT_EQ(::stat(path("store.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0400U);
  count_tries(owners_alone, 1);
}

TEST_F(SqliteFiles, ALinkBesideTheStoreIsNotFollowed) {
  std::size_t tries = 0;
  for (const bool store_is_there : {false, true}) {
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
      for (const bool target_is_there : {false, true}) {
        const std::string name = "store" + std::to_string(tries++) + ".db";
        if (store_is_there) {
          Memory memory = open(name);
          fill(memory);
        }
        const std::string target = path("target" + std::to_string(tries));
        const std::string content = target_is_there ? "not yours" : "";
        if (target_is_there) static_cast<void>(foreign(fs::path(target).filename(), content));
        fs::create_symlink(target, path(name + suffix));
        // Whether it opens is not the point.
        static_cast<void>(refusal([&] {
          Memory memory = open(name);
          fill(memory);
        }));
        EXPECT_EQ(fs::exists(target), target_is_there) << suffix;
        EXPECT_EQ(content_of(target), content) << suffix;
      }
    }
  }
  count_tries(not_through_links, tries);
}

TEST_F(SqliteFiles, ALinkedStoreIsTheOneThatTheLinkLeadsTo) {
  fs::create_directory(path("data"));
  fs::create_symlink("data/real.db", path("link.db"));
  {
    Memory memory = open("link.db");
    fill(memory);
    // What lies beside the store lies beside its target.
    EXPECT_TRUE(fs::exists(path("data/real.db-wal")));
    EXPECT_FALSE(fs::exists(path("link.db-wal")));
  }
  EXPECT_TRUE(fs::is_symlink(path("link.db")));
  EXPECT_EQ(open("data/real.db").count({"a", false}), 200U);
  count_tries(not_through_links, 1);
}

TEST_F(SqliteFiles, ALinkToWhatIsNoStoreLeavesItAsItWas) {
  const std::string target = foreign("letter.txt", std::string(10'000, 'x'));
  fs::create_symlink(target, path("link.db"));
  EXPECT_EQ(refusal([&] { static_cast<void>(open("link.db")); }), ErrorCode::corruption);
  EXPECT_EQ(content_of(target), std::string(10'000, 'x'));
  EXPECT_FALSE(fs::exists(target + "-wal"));
  EXPECT_FALSE(fs::exists(target + "-shm"));
  count_tries(not_through_links, 1);
}

// Opens as somebody who has no rights to the file; the child's exit code is 0 where that is refused
// as it has to be.
int open_as_nobody(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    // Whoever is not root has no rights to root's file either.
    if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(2);
    try {
      Memory memory = open_sqlite({.path = path});
      ::_exit(3);
    } catch (const Error& error) {
      ::_exit(error.code() == ErrorCode::permission_denied ? 0 : 4);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

TEST_F(SqliteFiles, ALinkToAnotherUsersStoreIsDenied) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  std::string target = "/etc/passwd";  // Root's, and writable for root alone.
  if (::geteuid() == 0) {
    open("theirs.db").set("a", "k", 1);
    target = path("theirs.db");
  }
  fs::create_symlink(target, path("link.db"));
  EXPECT_EQ(open_as_nobody(path("link.db")), 0);
  EXPECT_FALSE(fs::exists(target + "-wal"));
  count_tries(not_through_links, 1);
}

TEST_F(SqliteFiles, WhatIsNoOrdinaryFileIsRefusedWithoutWaiting) {
  ASSERT_EQ(::mkfifo(path("pipe.db").c_str(), 0600), 0);
  fs::create_symlink("/dev/null", path("null.db"));
  fs::create_symlink("/proc/self/mem", path("mem.db"));
  for (const char* name : {"pipe.db", "null.db"}) {
    EXPECT_EQ(refusal([&] { static_cast<void>(open(name)); }), ErrorCode::failed_precondition)
        << name;
  }
  EXPECT_TRUE(refusal([&] { static_cast<void>(open("mem.db")); }).has_value());
  count_tries(not_through_links, 3);
}

TEST_F(SqliteFiles, ABackupReplacesNothingAndFollowsNoLink) {
  Memory memory = open();
  fill(memory);
  const std::string there = foreign("there", "mine");
  fs::create_symlink(there, path("link"));
  fs::create_symlink(path("nothing"), path("dangling"));
  fs::create_symlink("loop", path("loop"));
  fs::create_directory(path("folder"));
  for (const char* name : {"there", "link", "dangling", "loop", "folder", "store.db"}) {
    EXPECT_EQ(refusal([&] { memory.maintenance().backup(path(name), {}, {}); }),
              ErrorCode::failed_precondition)
        << name;
  }
  EXPECT_EQ(content_of(there), "mine");
  EXPECT_FALSE(fs::exists(path("nothing")));
  EXPECT_TRUE(fs::is_symlink(path("dangling")));
  EXPECT_EQ(memory.count({"a", false}), 200U);
  for (const auto& file : fs::directory_iterator(folder_.path())) {
    EXPECT_EQ(file.path().string().find(".partial"), std::string::npos) << file.path();
  }
  count_tries(not_through_links, 6);
}

}  // namespace
}  // namespace holdfast::fault_tests
