// Ctrl-C while export and import run.
#include <csignal>

#include "program_runner.hpp"

namespace holdfast::test {
namespace {

class Interruption : public ProgramTest {
 protected:
  [[nodiscard]] StartedProcess start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "--store", store_});
    return StartedProcess(arguments);
  }
  static std::string plain_lines(int entries) {
    std::string lines;
    for (int i = 0; i < entries; ++i) {
      lines += R"({"namespace":"n","key":")" + std::to_string(i) + R"(","value":1})" + "\n";
    }
    return lines;
  }
  /// Asks again and again until the import, which is waiting for more, has written its first batch.
  void wait_for_entries(const std::string& expected) {
    while (run({"count", "n"}).out != expected + "\n") continue;
  }
};

TEST_F(Interruption, AnImportThatWaitsForInputStopsAndSaysHowToGoOn) {
  for (const auto& [signal, exit_code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    StartedProcess import = start({"import", "--format", "plain", "-"});
    import.write(plain_lines(1500));
    wait_for_entries("1000");
    import.signal(signal);
    const RunResult result = import.finish();
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err,
              "holdfast: stopped; 1000 entries were imported, and the same command with "
              "--on-conflict skip goes on\n");
    EXPECT_EQ(done({"clear", "n", "--yes"}).empty(), false);
  }
}

TEST_F(Interruption, TheCommandThatItNamesGoesOn) {
  done({"import", "--format", "plain", "-"}, plain_lines(1500));
  const std::string exported = done({"export"});
  store_ = "sqlite:" + path("other.db");
  StartedProcess import = start({"import", "-"});
  import.write(exported.substr(0, exported.size() - 50));
  wait_for_entries("1000");
  import.signal(SIGINT);
  const RunResult result = import.finish();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_NE(result.err.find("with --on-conflict skip --revisions keep goes on"), std::string::npos)
      << result.err;
  EXPECT_EQ(done({"import", "-", "--on-conflict", "skip", "--revisions", "keep"}, exported),
            "500 entries imported, 1000 skipped\n");
  EXPECT_EQ(done({"export"}), exported);
}

TEST_F(Interruption, AnExportThatNobodyReadsStops) {
  done({"import", "--format", "plain", "-"}, plain_lines(5000));
  // Its reader takes a line and then waits for the export to end, which only a stop makes.
  const RunResult result = shell(
      "mkfifo $DIR/pipe; exec 3<>$DIR/pipe; "
      "$HF export >&3 2>$DIR/err & export=$!; "
      "read -r line <&3; kill -TERM $export; wait $export; echo $?; cat $DIR/err");
  EXPECT_EQ(lines_of(result.out).front(), "143") << result.out;
  EXPECT_NE(result.out.find("holdfast: stopped; what was written ends without its closing line"),
            std::string::npos)
      << result.out;
}

}  // namespace
}  // namespace holdfast::test
