// Erasing somebody for good: no byte of theirs is left in any file of the store.
#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

#include "sqlite_fixture.hpp"

namespace holdfast::sqlite_tests {
namespace {

// Stands in everything that belongs to the subject, and nowhere else.
constexpr const char* marker = "M4RK3R-of-Alice";
constexpr const char* other_marker = "M4RK3R-of-Bob";
// How a search index has it, where its words are stems.
constexpr const char* marker_term = "alic";

class SqliteSubjectErasure : public SqliteTest {
 protected:
  // Everything that ever lay anywhere: keys, namespaces, small and large values, overwritten ones,
  // what was erased or expired, and what was reclaimed.
  void live(Memory& memory, const std::string& of) const {
    const Namespace home = Namespace("users") / of;
    WriteBatch first;
    WriteBatch overwriting;
    WriteBatch erasing;
    for (int i = 0; i < 60; ++i) {
      const std::string key = of + " key " + std::to_string(i);
      first.set(home, key, of + " first");
      overwriting.set(home, key, of + std::string(i % 2 == 0 ? 400 : 4000, 'v'));
      overwriting.set(home / (of + " chat"), key, of + std::string(3000, 'w'));
      if (i % 3 == 0) erasing.erase(home, key);
    }
    for (const WriteBatch* batch : {&first, &overwriting, &erasing}) memory.write(*batch);
    memory.set(home, of + " reclaimed", of, {.ttl = Ttl(std::chrono::milliseconds(5))});
    clock_->advance(std::chrono::milliseconds(5));
    memory.sweep();
    memory.set(home, of + " expires", of, {.ttl = Ttl(std::chrono::milliseconds(5))});
    memory.set(home / (of + " gone"), of, of);
    memory.clear({home / (of + " gone"), true});
    clock_->advance(std::chrono::milliseconds(5));
  }
  // How many of the store's files hold the text.
  [[nodiscard]] std::vector<std::string> files_with(const std::string& text) const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(folder_)) {
      const std::string bytes = bytes_of(file.path());
      if (bytes.find(text) != std::string::npos) names.push_back(file.path().filename().string());
    }
    return names;
  }
  void expect_no_trace(const SqliteOptions& wanted) const {
    Memory memory = open_sqlite(wanted);
    memory.configure_search("users", SearchConfig::texts({""}));
    live(memory, marker);
    live(memory, other_marker);
    const std::uint64_t before = memory.count(Scope{"users", true});
    EXPECT_FALSE(files_with(marker).empty());
    EXPECT_FALSE(files_with(marker_term).empty());
    const SubjectErasure erasure = memory.erase_subject(Namespace("users") / marker);
    EXPECT_EQ(erasure.entries, before / 2);
    EXPECT_EQ(files_with(marker), std::vector<std::string>{});
    EXPECT_EQ(files_with(marker_term), std::vector<std::string>{});
    EXPECT_EQ(memory.count(Scope{"users", true}), before / 2);
    EXPECT_EQ(memory.get(Namespace("users") / other_marker, std::string(other_marker) + " key 1"),
              MemoryValue(other_marker + std::string(4000, 'v')));
    EXPECT_TRUE(memory.maintenance().check_integrity({}).ok);
    memory.close();
    EXPECT_EQ(files_with(marker), std::vector<std::string>{});
    EXPECT_FALSE(files_with(other_marker).empty());
  }
};

TEST_F(SqliteSubjectErasure, NoByteIsLeftInAnyFile) { expect_no_trace(options()); }

TEST_F(SqliteSubjectErasure, NoByteIsLeftWithTheChangeLog) {
  SqliteOptions wanted = options();
  wanted.change_log = true;
  expect_no_trace(wanted);
}

TEST_F(SqliteSubjectErasure, NoByteIsLeftWhereEverythingErasedIsOverwritten) {
  SqliteOptions wanted = options();
  wanted.secure_erase = true;
  wanted.durability = SqliteDurability::normal;
  expect_no_trace(wanted);
}

TEST_F(SqliteSubjectErasure, NoWordIsLeftInAnIndexThatIsMadeNoMore) {
  Memory memory = open();
  memory.configure_search("users", SearchConfig::texts({""}));
  live(memory, marker);
  memory.remove_search("users");
  EXPECT_FALSE(files_with(marker_term).empty());
  memory.erase_subject(Namespace("users") / marker);
  EXPECT_EQ(files_with(marker), std::vector<std::string>{});
  EXPECT_EQ(files_with(marker_term), std::vector<std::string>{});
}

TEST_F(SqliteSubjectErasure, AConfigurationThatNamesTheSubjectIsMentioned) {
  Memory memory = open();
  const auto tells = [&] {
    const auto places = memory.erase_subject("users/1").may_remain;
    return std::any_of(places.begin(), places.end(), [](const std::string& place) {
      return place.find("remove_search") != std::string::npos;
    });
  };
  memory.configure_search("users", SearchConfig::texts({""}));
  EXPECT_FALSE(tells());
  memory.configure_search("users/1/chat", SearchConfig::texts({""}));
  EXPECT_TRUE(tells());
  memory.remove_search("users/1/chat");
  EXPECT_FALSE(tells());
}

TEST_F(SqliteSubjectErasure, WhatOnlyEarlierWritesLeftGoesToo) {
  SqliteOptions wanted = options();
  wanted.change_log = true;
  Memory memory = open_sqlite(wanted);
  live(memory, marker);
  memory.clear({Namespace("users"), true});
  EXPECT_FALSE(files_with(marker).empty());
  EXPECT_EQ(memory.erase_subject(Namespace("users") / marker).entries, 0U);
  EXPECT_EQ(files_with(marker), std::vector<std::string>{});
  EXPECT_TRUE(memory.changes(0).changes.empty());
}

TEST_F(SqliteSubjectErasure, AReadThatKeepsTheLogIsReported) {
  SqliteOptions wanted = options();
  wanted.busy_timeout = std::chrono::milliseconds(1);
  Memory memory = open_sqlite(wanted);
  live(memory, marker);
  SubjectErasure erasure;
  {
    SQLite::Database other(path());
    SQLite::Statement read(other, "SELECT key FROM entry");
    ASSERT_TRUE(read.executeStep());
    erasure = memory.erase_subject(Namespace("users") / marker);
  }
  EXPECT_GT(erasure.entries, 0U);
  const auto tells = [](const SubjectErasure& of) {
    return std::any_of(of.may_remain.begin(), of.may_remain.end(), [](const std::string& place) {
      return place.find("a read that has not ended") != std::string::npos;
    });
  };
  EXPECT_TRUE(tells(erasure));
  erasure = memory.erase_subject(Namespace("users") / marker);
  EXPECT_FALSE(tells(erasure));
  EXPECT_EQ(files_with(marker), std::vector<std::string>{});
}

TEST_F(SqliteSubjectErasure, NotesThatMayNameTheSubjectAreMentioned) {
  Memory memory = open();
  const auto tells = [&] {
    const auto places = memory.erase_subject("users/1").may_remain;
    return std::any_of(places.begin(), places.end(), [](const std::string& place) {
      return place.find("notes") != std::string::npos;
    });
  };
  EXPECT_FALSE(tells());
  const Note note{"how/far", "users/1"};
  memory.restore(RestoreBatch{.note = &note});
  EXPECT_TRUE(tells());
}

TEST_F(SqliteSubjectErasure, OrdinaryErasingIsAsTheOptionsSayAfterwards) {
  // The engine's overwriting is left as the options have it: erased text stays in the file.
  Memory memory = open();
  memory.set("users/1", "k", 1);
  memory.erase_subject("users/1");
  memory.set("users/2", "k", marker);
  memory.erase("users/2", "k");
  memory.maintenance().checkpoint({});
  EXPECT_FALSE(files_with(marker).empty());
}

}  // namespace
}  // namespace holdfast::sqlite_tests
