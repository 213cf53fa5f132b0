// Files made to use up whoever reads them: the program reads them with bounded memory and time, or
// says why it does not (docs/program.md).
#include <gtest/gtest.h>

#include "../../program/program_runner.hpp"
#include "../support/tries.hpp"

namespace holdfast::test {
namespace {

using fault_tests::count_tries;

constexpr const char* promise = "a bomb meets bounded memory and time";

class Bomb : public ProgramTest, public ::testing::WithParamInterface<const char*> {
 protected:
  [[nodiscard]] static bool is_gzip() { return std::string(GetParam()) == ".gz"; }
  // A file of `times` compressed parts, one after the other, each of what the command prints. That
  // is one text (docs/program.md).
  std::string bomb(const std::string& command, int times) {
    const std::string file = path(std::string("bomb") + GetParam());
    const RunResult made = shell(command + (is_gzip() ? " | gzip -9c" : " | zstd -q -9c") +
                                 " > $DIR/part; for i in $(seq " + std::to_string(times) +
                                 "); do cat $DIR/part; done > " + file);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_LT(std::filesystem::file_size(file), std::uintmax_t{20} << 20);
    return file;
  }
  // Runs the program with 700 MiB of address space and 15 seconds of the processor.
  [[nodiscard]] RunResult run_bounded(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"bash", "-c", "ulimit -v 716800 -t 15; exec \"$@\"", "-",
                                         HOLDFAST_PROGRAM, "--store", store_});
    return run_process(arguments);
  }
  void expect_refused(const RunResult& result, const std::string& words) const {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
    EXPECT_FALSE(std::filesystem::exists(path("m.db")));
  }
};

INSTANTIATE_TEST_SUITE_P(Forms, Bomb, ::testing::Values(".gz", ".zst"),
                         [](const auto& form) { return std::string(form.param).substr(1); });

TEST_P(Bomb, OfFourGibibytesInOneLineIsRefused) {
  const std::string file = bomb("head -c 16M /dev/zero | tr '\\0' x", 256);
  expect_refused(run_bounded({"import", file}), "longer than");
  expect_refused(run_bounded({"import", "--format", "plain", file}), "longer than");
  expect_refused(run_bounded({"chat", "import", "c", file}), "longer than");
  count_tries(promise, 3);
}

TEST_P(Bomb, OfManyLinesIsReadAsAStream) {
  const std::string file = bomb(
      "yes '                                                               ' | head -c 16M", 8);
  const RunResult result = run_bounded({"import", "--format", "plain", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "0 entries imported\n");
  count_tries(promise, 1);
}

TEST_P(Bomb, OfAValueOfManyElementsIsRefused) {
  const std::string file =
      bomb(R"({ printf '{"namespace":"n","key":"k","value":[0'; yes ,0 | head -n 20000000 | )"
           R"(tr -d '\n'; echo ']}'; })",
           1);
  expect_refused(run_bounded({"import", "--format", "plain", file}), "at most 16777216");
  count_tries(promise, 1);
}

TEST_P(Bomb, OfManyMembersIsRefused) {
  const std::string file =
      bomb(R"({ printf '{"a":0'; seq 300000 | sed 's/.*/,"&":0/' | tr -d '\n'; echo '}'; })", 1);
  expect_refused(run_bounded({"import", "--format", "plain", file}), "line 1: ");
  expect_refused(run_bounded({"import", "--format", "mcp-memory", "--into", "g", file}),
                 "line 1: ");
  count_tries(promise, 2);
}

TEST_P(Bomb, OfDeepNestingIsRefused) {
  const std::string file = bomb(
      R"({ printf '{"namespace":"n","key":"k","value":'; head -c 30M /dev/zero | tr '\0' '['; })",
      1);
  expect_refused(run_bounded({"import", "--format", "plain", file}), "line 1: ");
  count_tries(promise, 1);
}

class WindowBomb : public Bomb {};

INSTANTIATE_TEST_SUITE_P(Forms, WindowBomb, ::testing::Values(".zst"),
                         [](const auto&) { return "zst"; });

TEST_P(WindowBomb, ThatAsksForGibibytesIsRefused) {
  const std::string file = path("window.zst");
  ASSERT_EQ(shell("head -c 300M /dev/zero | zstd -q --long=31 -c > " + file).exit_code, 0);
  expect_refused(run_bounded({"import", "--format", "plain", file}), "memory");
  count_tries(promise, 1);
}

}  // namespace
}  // namespace holdfast::test
