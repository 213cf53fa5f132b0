// The commands migrate and erase-subject, as people and scripts run them.
#include <filesystem>

#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class MigrateProgramTest : public ProgramTest {
 protected:
  MigrateProgramTest() : source_("sqlite:" + path("from.db")), other_("sqlite:" + path("to.db")) {
    store_ = source_;
    for (int i = 0; i < 30; ++i) {
      done({"set", "users/" + std::to_string(i % 3), std::to_string(i), std::to_string(i)});
    }
  }
  std::vector<std::string> move(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"migrate", "--from", source_, "--to", other_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // Without --store, which this command does not take.
  RunResult hf(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{HOLDFAST_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_process(all);
  }
  std::string digest_of(const std::string& store) {
    const RunResult result = run_process({HOLDFAST_PROGRAM, "--store", store, "digest"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  std::string source_;
  std::string other_;
};

}  // namespace

TEST_F(MigrateProgramTest, CopiesVerifiesAndCatchesUp) {
  const RunResult first = hf(move());
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_TRUE(first.out.starts_with("30 entries copied")) << first.out;
  EXPECT_NE(first.out.find("verified: both sides have the digest"), std::string::npos) << first.out;
  EXPECT_EQ(digest_of(source_), digest_of(other_));
  EXPECT_EQ(hf({"diff", source_, other_}).exit_code, 0);
  done({"erase", "users/0", "0"});
  done({"set", "users/9", "new", "1"});
  const RunResult again = hf(move({"--json"}));
  const json result = json::parse(again.out);
  EXPECT_TRUE(result["resumed"]);
  EXPECT_TRUE(result["verified"]);
  EXPECT_TRUE(result["revisions_kept"]);
  EXPECT_EQ(result["copied"], 31);
  EXPECT_EQ(result["erased"], 1);
  EXPECT_EQ(result["source_digest"], result["destination_digest"]);
  EXPECT_EQ(result["source_digest"].get<std::string>() + "\n", digest_of(other_));
}

TEST_F(MigrateProgramTest, ADryRunMakesNoStore) {
  const RunResult result = hf(move({"--dry-run"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("30 entries would be copied")) << result.out;
  EXPECT_NE(result.err.find("counted as for a new one"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(path("to.db")));
}

TEST_F(MigrateProgramTest, ADestinationThatIsNoStoreIsRefusedInADryRunToo) {
  write_file("to.db", "no store");
  for (const auto& arguments : {move({"--dry-run"}), move()}) {
    const RunResult result = hf(arguments);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.err.find("is not a Holdfast store"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("goes on"), std::string::npos) << result.err;
  }
}

TEST_F(MigrateProgramTest, AReportIsAddedToByTheNextRun) {
  const std::string file = write_file("conflicts.jsonl", "{\"earlier\":1}\n");
  store_ = other_;
  done({"set", "users/1", "1", "\"theirs\""});
  EXPECT_EQ(hf(move({"--on-conflict", "skip", "--report", file})).exit_code, 0);
  const auto lines = json_lines(read_file(file));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["earlier"], 1);
  EXPECT_EQ(lines[1]["key"], "1");
}

TEST_F(MigrateProgramTest, ConflictsAreRefusedOrReported) {
  store_ = other_;
  done({"set", "users/1", "1", "\"theirs\""});
  const RunResult refused = hf(move());
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.err.find("\"1\" in namespace \"users/1\""), std::string::npos) << refused.err;
  EXPECT_EQ(done({"count", "", "--recursive"}), "1\n");
  const std::string file = path("conflicts.jsonl");
  const RunResult skipped = hf(move({"--on-conflict", "skip", "--report", file, "--restart"}));
  EXPECT_EQ(skipped.exit_code, 0) << skipped.err;
  EXPECT_NE(skipped.out.find("1 skipped"), std::string::npos) << skipped.out;
  const auto lines = json_lines(read_file(file));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["key"], "1");
  EXPECT_EQ(lines[0]["namespace"], "users/1");
  EXPECT_EQ(lines[0]["action"], "skipped");
  EXPECT_EQ(done({"get", "users/1", "1"}), "theirs\n");
}

TEST_F(MigrateProgramTest, ASubtreeGetsAnotherNameWithinOneStore) {
  const RunResult result = hf({"migrate", "--from", source_, "--to", source_, "--namespace",
                               "users/1", "--to-namespace", "archive/1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(done({"count", "archive/1"}), "10\n");
  EXPECT_EQ(
      hf({"diff", source_, source_, "--namespace", "users/1", "--right-namespace", "archive/1"})
          .exit_code,
      0);
}

TEST_F(MigrateProgramTest, WrongUsageSaysWhatIsAllowedAndMakesNothing) {
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string says;
  };
  const std::vector<Case> cases{
      {{"migrate", "--from", source_}, 2, "--to"},
      {{"migrate", "--from", "nothing", "--to", other_}, 2, "scheme"},
      {{"migrate", "--from", source_, "--to", "what:ever"}, 2, "known are"},
      {{"migrate", "--from", "sqlite:" + path("no.db"), "--to", other_}, 3, "no file"},
      {move({"--on-conflict", "perhaps"}), 2, "newer"},
      {move({"--filter", "{"}), 2, "--filter"},
      {move({"--namespace", "a//b"}), 2, "namespace"},
      {move({"--batch", "0"}), 2, "--batch"},
      {move({"--report", path("no/folder")}), 2, "cannot write"},
      {{"--store", source_, "migrate", "--from", source_, "--to", other_}, 2, "--store"}};
  for (const Case& each : cases) {
    const RunResult result = hf(each.arguments);
    EXPECT_EQ(result.exit_code, each.exit_code) << each.says << "\n" << result.err;
    EXPECT_NE(result.err.find(each.says), std::string::npos) << each.says << "\n" << result.err;
    EXPECT_EQ(result.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(path("to.db")));
}

TEST_F(MigrateProgramTest, AnExportEndsWithTheDigestOfItsStore) {
  const json end = json_lines(done({"export"})).back();
  EXPECT_EQ(end["digest"].get<std::string>() + "\n", digest_of(source_));
}

TEST_F(MigrateProgramTest, EraseSubjectErasesForGoodAndSaysWhatMayRemain) {
  refused(2, {"erase-subject", "users/1"});
  refused(2, {"erase-subject", "", "--yes"});
  const std::string text = done({"erase-subject", "users/1", "--yes"});
  EXPECT_TRUE(text.starts_with("10 entries erased\n")) << text;
  EXPECT_NE(text.find("may remain"), std::string::npos);
  EXPECT_EQ(done({"count", "", "--recursive"}), "20\n");
  const json result = json::parse(done({"erase-subject", "users/2", "--yes", "--json"}));
  EXPECT_EQ(result["entries"], 10);
  EXPECT_FALSE(result["may_remain"].empty());
}

}  // namespace holdfast::test
