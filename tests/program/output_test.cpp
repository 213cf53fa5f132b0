// What happens where the output goes: closed pipes, full disks, completion.
#include <algorithm>

#include "program_runner.hpp"

namespace holdfast::test {
namespace {

class OutputTest : public ProgramTest {
 protected:
  /// What bash offers after these words; the last one is being typed.
  std::vector<std::string> completions(const std::string& words) {
    const RunResult result =
        shell("source <($HF completion bash) && COMP_WORDS=(" + words +
              ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _holdfast && printf '%s\\n' "
              "\"${COMPREPLY[@]}\"");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return lines_of(result.out);
  }

  static bool offers(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
};

TEST_F(OutputTest, AReaderWhoGoesAwayEndsTheProgramQuietly) {
  std::string entries;
  for (int i = 0; i < 5000; ++i) {
    entries += R"({"namespace":"n","key":")" + std::to_string(i) + R"(","value":")" +
               std::string(100, 'x') + "\"}\n";
  }
  done({"import", "--format", "plain", "-"}, entries);
  const RunResult result =
      shell("$HF list n --json | head -n 1 | wc -l; echo ${PIPESTATUS[0]}; $HF export | true");
  EXPECT_EQ(result.out, "1\n0\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(OutputTest, AFullDiskIsExitCodeThree) {
  done({"set", "n", "k", "1"});
  const RunResult full = shell("$HF get n k > /dev/full");
  EXPECT_EQ(full.exit_code, 3);
  EXPECT_EQ(full.err, "holdfast: cannot write to standard output: No space left on device\n");
  EXPECT_EQ(shell("$HF export > /dev/full").exit_code, 3);
}

TEST_F(OutputTest, AClosedStandardOutputIsExitCodeThreeAndHarmsNoFile) {
  done({"set", "n", "k", "1"});
  EXPECT_EQ(shell("$HF get n k >&-").exit_code, 3);
  EXPECT_EQ(shell("$HF set n k 2 >&- 2>&- <&-").exit_code, 3);
  EXPECT_EQ(done({"check"}), "ok\n");
}

TEST_F(OutputTest, OnATerminalClearAsksAndTakesNoForAnAnswer) {
  done({"set", "n", "k", "1"});
  const std::string clear = "script -qec \"$HF clear n\" /dev/null";
  const RunResult no = shell("echo no | " + clear);
  EXPECT_EQ(no.exit_code, 1);
  EXPECT_NE(no.out.find("Erase 1 entry of n?"), std::string::npos) << no.out;
  EXPECT_EQ(done({"count", "n"}), "1\n");
  EXPECT_EQ(shell("echo yes | " + clear).exit_code, 0);
  EXPECT_EQ(done({"count", "n"}), "0\n");
}

TEST_F(OutputTest, OnATerminalTablesAreShortenedToItsWidth) {
  done({"set", "n", "k", "\"" + std::string(1000, 'x') + "\""});
  const RunResult table = shell("script -qec \"stty cols 70; $HF list n\" /dev/null < /dev/null");
  ASSERT_EQ(table.exit_code, 0) << table.out;
  const auto lines = lines_of(table.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[1].ends_with("x…\r")) << lines[1];
  EXPECT_EQ(lines[1].size(),
            70U + 2U + 1U);  // The ellipsis takes three bytes; CR from the terminal.
  EXPECT_GT(done({"list", "n"}).size(), 1000U);
}

TEST_F(OutputTest, CompletionOffersCommandsOptionsAndValues) {
  EXPECT_TRUE(offers(completions("holdfast ''"), "namespaces"));
  EXPECT_EQ(completions("holdfast che"), (std::vector<std::string>{"check", "checkpoint"}));
  EXPECT_EQ(completions("holdfast --st"), std::vector<std::string>{"--store"});
  EXPECT_EQ(completions("holdfast chat ''"), (std::vector<std::string>{"import", "show", "list"}));
  EXPECT_EQ(completions("holdfast chat show ns --la"), std::vector<std::string>{"--last"});
  EXPECT_EQ(completions("holdfast --store sqlite : m.db list n --order ''"),
            (std::vector<std::string>{"key", "created", "updated"}));
  EXPECT_EQ(completions("holdfast list n --rec"), std::vector<std::string>{"--recursive"});
  EXPECT_EQ(completions("holdfast import --on-conflict s"), std::vector<std::string>{"skip"});
  EXPECT_EQ(completions("holdfast completion ''"), std::vector<std::string>{"bash"});
  EXPECT_TRUE(offers(completions("holdfast get --"), "--json"));
  EXPECT_FALSE(offers(completions("holdfast get --"), "--recursive"));
}

TEST_F(OutputTest, CompletionOffersFilesWhereAFileIsMeant) {
  const std::string file = write_file("value.json", "1");
  EXPECT_EQ(completions("holdfast set n k --file $DIR/val"), std::vector<std::string>{file});
}

}  // namespace
}  // namespace holdfast::test
