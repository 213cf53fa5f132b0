// stats, health, backup, compact, check, checkpoint, sweep.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;
using StoreCommands = ProgramTest;

TEST_F(StoreCommands, StatsCountEntriesBytesAndNamespaces) {
  done({"set", "a", "k", "1"});
  done({"set", "b", "k", "22"});
  const json stats = json::parse(done({"stats", "--json"}));
  EXPECT_EQ(stats["backend"], "sqlite");
  EXPECT_EQ(stats["entries"], 2);
  EXPECT_EQ(stats["bytes"], 7);
  EXPECT_EQ(stats["namespaces"], 2);
  EXPECT_EQ(stats["last_revision"], 2);
  const std::string table = done({"stats"});
  EXPECT_NE(table.find("\nentries"), std::string::npos) << table;
}

TEST_F(StoreCommands, HealthSaysOk) {
  done({"set", "a", "k", "1"});
  EXPECT_TRUE(done({"health"}).starts_with("ok, "));
  EXPECT_EQ(json::parse(done({"health", "--json"}))["ok"], true);
}

TEST_F(StoreCommands, BackupIsAStoreOfItsOwnAndOverwritesNothing) {
  done({"set", "a", "k", "1"});
  const std::string copy = path("copy.db");
  EXPECT_EQ(done({"backup", copy}), "copied to " + copy + "\n");
  done({"set", "a", "k", "2"});
  const std::string before = read_file(copy);
  refused(3, {"backup", copy});
  EXPECT_EQ(read_file(copy), before);
  store_ = "sqlite:" + copy;
  EXPECT_EQ(done({"get", "a", "k"}), "1\n");
}

TEST_F(StoreCommands, UpkeepLeavesTheStoreWhole) {
  done({"set", "a", "k", "1"});
  EXPECT_EQ(done({"check"}), "ok\n");
  EXPECT_EQ(done({"check", "--json"}), "{\"ok\":true,\"problems\":[],\"search\":[]}\n");
  EXPECT_EQ(done({"compact"}), "compacted\n");
  EXPECT_EQ(done({"checkpoint"}), "write-ahead log moved into the main file\n");
  EXPECT_EQ(done({"sweep"}), "0 expired entries reclaimed\n");
  EXPECT_EQ(done({"sweep", "--json"}), "0\n");
  EXPECT_EQ(done({"get", "a", "k"}), "1\n");
}

TEST_F(StoreCommands, ResolveSaysWhatBecameOfAWrite) {
  done({"set", "a", "k", "1"});
  // What the file says of its last commit, which a lost one would be asked about.
  const RunResult token = shell(
      "sqlite3 \"${HOLDFAST_STORE#sqlite:}\" "
      "\"SELECT 'sqlite-1-' || commit_nonce || '-' || last_revision FROM counter\"");
  ASSERT_EQ(token.exit_code, 0) << token.err;
  const std::string last = lines_of(token.out).at(0);
  EXPECT_EQ(done({"resolve", last}), "applied\n");
  EXPECT_EQ(done({"resolve", "--json", last}), "{\"applied\":true}\n");
  const RunResult later = run({"resolve", "sqlite-1-1-1000000"});
  EXPECT_EQ(later.exit_code, 1);
  EXPECT_EQ(later.out, "not applied\n");
  done({"set", "a", "k", "2"});
  const RunResult earlier = run({"resolve", last});
  EXPECT_EQ(earlier.exit_code, 3);
  EXPECT_EQ(earlier.out, "unknown\n");
  refused(2, {"resolve", "no token"});
}

TEST_F(StoreCommands, UpkeepOfAStoreWithoutFilesIsRefused) {
  store_ = "memory:";
  refused(3, {"backup", path("copy.db")});
  refused(3, {"check"});
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace holdfast::test
