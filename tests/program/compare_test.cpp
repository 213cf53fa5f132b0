// digest, diff.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class Comparing : public ProgramTest {
 protected:
  Comparing() {
    done({"set", "users/42", "name", "\"Ada\""});
    done({"set", "users/42/chats", "c", "1"});
    done({"set", "", "root", "0"});
  }

  /// Makes a second store that holds the same, with the same times.
  void copy() { done({"backup", path("copy.db")}); }
  [[nodiscard]] std::string copy_url() const { return "sqlite:" + path("copy.db"); }
  void change_copy(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "--store", copy_url()});
    EXPECT_EQ(run_process(arguments).exit_code, 0);
  }

  /// `holdfast diff STORE COPY arguments...`, without --store.
  [[nodiscard]] RunResult diff(std::vector<std::string> arguments = {},
                               const std::vector<std::string>& environment = {}) const {
    arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "diff", store_, copy_url()});
    return run_process(arguments, {}, environment);
  }
  /// As `refused`, for a command line without --store.
  static std::string refused_bare(int exit_code, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), HOLDFAST_PROGRAM);
    const RunResult result = run_process(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
    return result.err;
  }
};

TEST_F(Comparing, DigestIsOneLineOfHexadecimal) {
  const std::string digest = done({"digest"});
  ASSERT_EQ(digest.size(), 33U);
  EXPECT_EQ(digest.find_first_not_of("0123456789abcdef"), 32U);
  EXPECT_EQ(digest.back(), '\n');
}

TEST_F(Comparing, DigestAsJsonCountsEntriesAndBytes) {
  const json digest = json::parse(done({"digest", "--json"}));
  EXPECT_EQ(digest["digest"].get<std::string>() + "\n", done({"digest"}));
  EXPECT_EQ(digest["entries"], 3);
  EXPECT_EQ(digest["bytes"], json::parse(done({"stats", "--json"}))["bytes"]);
}

TEST_F(Comparing, DigestIsThatOfACopyUntilOneIsWrittenTo) {
  copy();
  const std::string digest = done({"digest"});
  store_ = copy_url();
  EXPECT_EQ(done({"digest"}), digest);
  done({"touch", "users/42", "name", "--never"});
  EXPECT_NE(done({"digest"}), digest);
}

TEST_F(Comparing, DigestOfANamespaceOrFilterSeesNothingElse) {
  const std::string of_user = done({"digest", "users/42"});
  const std::string of_numbers = done({"digest", "--filter", R"({"n":1})"});
  done({"set", "users/421", "other", "1"});
  EXPECT_EQ(done({"digest", "users/42"}), of_user);
  EXPECT_EQ(done({"digest", "--filter", R"({"n":1})"}), of_numbers);
  done({"set", "users/42/chats", "d", R"({"n":1})"});
  EXPECT_NE(done({"digest", "users/42"}), of_user);
  EXPECT_NE(done({"digest", "--filter", R"({"n":1})"}), of_numbers);
}

TEST_F(Comparing, DigestRefusesWrongUsageAndMakesNoFile) {
  refused(2, {"digest", "a//b"});
  refused(2, {"digest", "$holdfast"});
  refused(2, {"digest", "a", "b"});
  EXPECT_NE(refused(2, {"digest", "--filter", "{"}).find("--filter"), std::string::npos);
  store_ = "sqlite:" + path("missing.db");
  EXPECT_NE(refused(3, {"digest"}).find("missing.db"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("missing.db")));
}

TEST_F(Comparing, DiffOfACopyIsExitCodeZero) {
  copy();
  const RunResult same = diff();
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_EQ(same.out, "3 entries are equal, 0 only left, 0 only right, 0 different\n");
  const json summary = json::parse(diff({"--json"}).out);
  EXPECT_EQ(summary, json::parse(R"({"same":true,"equal":3,"only_left":0,"only_right":0,
      "different":0,"same_order":true,"complete":true})"));
}

TEST_F(Comparing, DiffPrintsALineForEachDifferenceAndIsExitCodeOne) {
  copy();
  done({"set", "users/42", "left\n", "1"});
  change_copy({"set", "users/42/chats", "c", "1.0"});
  change_copy({"erase", "", "root"});
  const RunResult differing = diff();
  EXPECT_EQ(differing.exit_code, 1) << differing.err;
  EXPECT_EQ(differing.out,
            "only left: '' \"root\"\n"
            "only left: users/42 \"left\\n\"\n"
            "other value: users/42/chats \"c\"\n"
            "1 entry is equal, 2 only left, 0 only right, 1 different\n");
}

TEST_F(Comparing, DiffAsJsonHoldsBothEntries) {
  copy();
  change_copy({"set", "users/42", "name", "\"Bob\""});
  change_copy({"set", "z", "new", "1"});
  const RunResult differing = diff({"--json"});
  EXPECT_EQ(differing.exit_code, 1);
  const std::vector<json> lines = json_lines(differing.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["difference"], "value");
  EXPECT_EQ(lines[0]["left"], json::parse(done({"get", "users/42", "name", "--entry", "--json"})));
  EXPECT_EQ(lines[0]["right"]["value"], "Bob");
  EXPECT_EQ(lines[1]["difference"], "only_right");
  EXPECT_TRUE(lines[1]["left"].is_null());
  EXPECT_EQ(lines[1]["right"]["key"], "new");
  EXPECT_EQ(lines[2]["same"], false);
  EXPECT_EQ(lines[2]["different"], 1);
  EXPECT_EQ(lines[2]["only_right"], 1);
}

TEST_F(Comparing, DiffEndsAtItsLimit) {
  copy();
  done({"clear", "", "--recursive", "--yes"});
  const std::vector<json> lines = json_lines(diff({"--json", "--limit", "2"}).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.back()["only_right"], 2);
  EXPECT_EQ(lines.back()["complete"], false);
  const RunResult text = diff({"--limit", "1"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_NE(text.out.find("stopped by --limit"), std::string::npos) << text.out;
  EXPECT_EQ(json_lines(diff({"--json", "--limit", "4"}).out).back()["complete"], true);
}

TEST_F(Comparing, DiffComparesTwoSubtreesOfOneStore) {
  done({"set", "a/x", "k", "1"});
  done({"set", "b/x", "l", "1"});
  const RunResult result =
      run_process({HOLDFAST_PROGRAM, "diff", store_, store_, "--namespace", "a",
                   "--right-namespace", "b"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_EQ(result.out,
            "only left: a/x \"k\"\nonly right: b/x \"l\"\n"
            "0 entries are equal, 1 only left, 1 only right, 0 different\n");
}

TEST_F(Comparing, DiffLooksAtTheOrderOfInsertionLast) {
  copy();
  ASSERT_EQ(shell("sqlite3 \"$DIR/copy.db\" \"UPDATE entry SET created_revision = "
                  "4 - created_revision\"")
                .exit_code,
            0);
  const RunResult text = diff();
  EXPECT_EQ(text.exit_code, 1) << text.err;
  EXPECT_EQ(text.out,
            "other order: users/42 \"name\" left, '' \"root\" right\n"
            "3 entries are equal, 0 only left, 0 only right, 0 different; "
            "the order of insertion differs\n");
  const std::vector<json> lines = json_lines(diff({"--json"}).out);
  EXPECT_EQ(lines.front()["difference"], "order");
  EXPECT_FALSE(lines.front()["left"].contains("value"));
  EXPECT_EQ(lines.back()["same_order"], false);
  EXPECT_EQ(diff({"--namespace", "users/42/chats"}).exit_code, 0);
}

TEST_F(Comparing, DiffTakesNoStoreOptionAndPassesOverTheEnvironment) {
  copy();
  const std::string why = refused_bare(2, {"--store", store_, "diff", store_, copy_url()});
  EXPECT_NE(why.find("--store"), std::string::npos) << why;
  refused_bare(2, {"diff", store_, copy_url(), "--store", store_});
  EXPECT_EQ(diff({}, {"HOLDFAST_STORE=sqlite:" + path("none.db")}).exit_code, 0);
  EXPECT_EQ(diff({}, {"HOLDFAST_STORE="}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("none.db")));
}

TEST_F(Comparing, DiffSaysWhichStoreIsMissingAndMakesNone) {
  const std::string missing = "sqlite:" + path("missing.db");
  const std::string left = refused_bare(3, {"diff", missing, store_});
  EXPECT_NE(left.find("the left store"), std::string::npos) << left;
  const std::string right = refused_bare(3, {"diff", store_, missing});
  EXPECT_NE(right.find("the right store"), std::string::npos) << right;
  EXPECT_FALSE(std::filesystem::exists(path("missing.db")));
}

TEST_F(Comparing, DiffRefusesWrongUsage) {
  copy();
  refused_bare(2, {"diff"});
  refused_bare(2, {"diff", store_});
  refused_bare(2, {"diff", store_, copy_url(), "more"});
  refused_bare(2, {"diff", "nonsense", store_});
  refused_bare(2, {"diff", store_, ""});
  const auto refused_with = [&](const std::string& option, const std::string& value) {
    const std::string why = refused_bare(2, {"diff", store_, copy_url(), option, value});
    EXPECT_NE(why.find(option), std::string::npos) << why;
  };
  refused_with("--namespace", "a//b");
  refused_with("--right-namespace", "/");
  refused_with("--filter", "{");
  refused_with("--limit", "0");
}

TEST_F(Comparing, DiffNeverSaysAPassword) {
  const std::string bad_url = "postgresql://u:s3cret%zz@h/d";
  EXPECT_EQ(refused_bare(2, {"diff", store_, bad_url}).find("s3cret"), std::string::npos);
  const std::string nowhere = "postgresql://u:s3cret@/d?host=/nonexistent&retry_for=0ms";
  const RunResult unreachable = run_process({HOLDFAST_PROGRAM, "diff", nowhere, store_});
  EXPECT_NE(unreachable.exit_code, 0);
  EXPECT_EQ((unreachable.out + unreachable.err).find("s3cret"), std::string::npos);
}

TEST_F(Comparing, BothCommandsHaveHelpWithExamples) {
  for (const std::string command : {"digest", "diff"}) {
    const RunResult help = run_process({HOLDFAST_PROGRAM, command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.out.find("Examples:\n  holdfast "), std::string::npos) << help.out;
  }
  const RunResult help = run_process({HOLDFAST_PROGRAM, "diff", "--help"});
  EXPECT_EQ(help.out.find("The store is --store"), std::string::npos) << help.out;
}

}  // namespace
}  // namespace holdfast::test
