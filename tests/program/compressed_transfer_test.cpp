// export and import of compressed files, and exports to files.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

class CompressedTransfer : public ProgramTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void fill(int entries = 2000) {
    std::string lines;
    for (int i = 0; i < entries; ++i) {
      lines += R"({"namespace":"n","key":")" + std::to_string(i) + R"(","value":)" +
               std::to_string(i * 7919LL % 10'007) + "}\n";
    }
    done({"import", "--format", "plain", "-"}, lines);
  }
  [[nodiscard]] std::string name(const std::string& base) const { return path(base + GetParam()); }
  std::string exported_file() {
    const std::string file = name("all.jsonl");
    done({"export", "--output", file});
    return file;
  }
  /// Imports into a store that is not there yet.
  [[nodiscard]] RunResult import_new(const std::string& file, const std::string& input = {}) {
    return run_on("other.db", {"import", file}, input);
  }
  void expect_refused(const std::string& content, const std::string& what) {
    const std::string file = name("bad.jsonl");
    write_file(std::filesystem::path(file).filename().string(), content);
    const RunResult result = import_new(file);
    EXPECT_EQ(result.exit_code, 2) << what;
    EXPECT_TRUE(result.err.starts_with("holdfast: line ")) << what << ": " << result.err;
    EXPECT_FALSE(std::filesystem::exists(path("other.db"))) << what;
  }
};

INSTANTIATE_TEST_SUITE_P(Forms, CompressedTransfer, ::testing::Values(".gz", ".zst"),
                         [](const auto& form) { return std::string(form.param).substr(1); });

TEST_P(CompressedTransfer, AFileNamedSoIsCompressedAndReadsBackTheSame) {
  fill();
  const std::string plain = done({"export"});
  const std::string file = exported_file();
  EXPECT_LT(std::filesystem::file_size(file) * 3, plain.size());
  EXPECT_EQ(import_new(file).out, "2000 entries imported\n");
  EXPECT_EQ(run_on("other.db", {"export"}).out, plain);
}

TEST_P(CompressedTransfer, StandardInputAndOtherNamesAreKnownByTheirContent) {
  fill();
  const std::string content = read_file(exported_file());
  EXPECT_EQ(import_new("-", content).out, "2000 entries imported\n");
  const std::string unnamed = write_file("export", content);
  EXPECT_EQ(done({"import", unnamed, "--on-conflict", "skip"}),
            "0 entries imported, 2000 skipped\n");
}

TEST_P(CompressedTransfer, OneAfterTheOtherIsOneText) {
  fill(3);
  const std::string text = done({"export"});
  const auto compressed = [&](const std::string& part) {
    const std::string raw = write_file("part", part);
    const std::string tool = std::string(GetParam()) == ".gz" ? "gzip -c" : "zstd -qc";
    const RunResult result = shell(tool + " $DIR/part");
    return result.out;
  };
  if (std::string(GetParam()) == ".gz") {
    const std::string file = write_file(
        "two.jsonl.gz", compressed(text.substr(0, 100)) + compressed(text.substr(100)));
    EXPECT_EQ(import_new(file).out, "3 entries imported\n");
  } else {
    // Two whole exports are two texts: the second one begins after the first one's end.
    const std::string once = read_file(exported_file());
    expect_refused(once + once, "two exports");
  }
}

TEST_P(CompressedTransfer, ATruncatedFileIsRefusedBeforeAnythingIsWritten) {
  fill();
  const std::string content = read_file(exported_file());
  for (const std::size_t keep :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{5}, content.size() / 3,
        content.size() / 2, content.size() - 8, content.size() - 1}) {
    expect_refused(content.substr(0, keep), "the first " + std::to_string(keep) + " bytes");
  }
}

TEST_P(CompressedTransfer, AFlippedByteIsFoundBeforeAnythingIsWritten) {
  fill(200);
  const std::string content = read_file(exported_file());
  // Not in gzip's header, whose time and system say nothing.
  for (std::size_t at = 10; at < content.size(); at += content.size() / 16) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    expect_refused(damaged, "byte " + std::to_string(at));
  }
}

TEST_P(CompressedTransfer, TheNameMustTellTheTruth) {
  fill(3);
  expect_refused(done({"export"}), "plain text");
  expect_refused("", "nothing");
  expect_refused(read_file(exported_file()) + "rubbish", "what follows the end");
}

TEST_P(CompressedTransfer, TheLineThatWasReachedIsNamed) {
  fill();
  const std::string content = read_file(exported_file());
  const RunResult result = import_new("-", content.substr(0, content.size() - 4));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("it was cut off"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("entries were imported before that"), std::string::npos) << result.err;
}

TEST_P(CompressedTransfer, ABombIsRefusedAtTheBoundOfALine) {
  const std::string tool = std::string(GetParam()) == ".gz" ? "gzip -c" : "zstd -qc";
  const std::string file = name("bomb.jsonl");
  ASSERT_EQ(shell("head -c 300M /dev/zero | tr '\\0' ' ' | " + tool + " > " + file).exit_code, 0);
  EXPECT_NE(refused(2, {"import", file}).find("longer than 67108864 bytes"), std::string::npos);
}

TEST_P(CompressedTransfer, AConversationCanBeCompressed) {
  const std::string messages = R"([{"role":"user","content":"Hello"}])";
  const std::string tool = std::string(GetParam()) == ".gz" ? "gzip" : "zstd -q";
  write_file("chat.json", messages);
  ASSERT_EQ(shell(tool + " $DIR/chat.json").exit_code, 0);
  EXPECT_EQ(done({"chat", "import", "c", name("chat.json")}), "1 message imported\n");
  const std::string content = read_file(name("chat.json"));
  EXPECT_EQ(done({"chat", "import", "c", "-"}, content), "1 message imported\n");
  const std::string cut = write_file("cut", content.substr(0, content.size() - 2));
  const std::string why = refused(2, {"chat", "import", "c", cut});
  EXPECT_TRUE(why.starts_with("holdfast: line 1: ")) << why;
}

class ExportToFile : public ProgramTest {
 protected:
  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator all(folder_ / "out");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  ExportToFile() { std::filesystem::create_directory(folder_ / "out"); }
};

TEST_F(ExportToFile, SaysHowManyAndHoldsWhatStandardOutputWould) {
  done({"set", "n", "k", "1"});
  const std::string file = path("out/all.jsonl");
  EXPECT_EQ(done({"export", "-o", file}), "1 entry exported to " + file + "\n");
  EXPECT_EQ(read_file(file), done({"export"}));
  EXPECT_EQ(done({"export", "-o", "-"}), done({"export"}));
}

TEST_F(ExportToFile, AFileThatIsThereIsReplacedByForceAlone) {
  done({"set", "n", "k", "1"});
  const std::string file = write_file("out/all.jsonl", "mine");
  EXPECT_NE(refused(2, {"export", "-o", file}).find("--force"), std::string::npos);
  EXPECT_EQ(read_file(file), "mine");
  done({"export", "-o", file, "--force"});
  EXPECT_EQ(read_file(file), done({"export"}));
  EXPECT_EQ(files(), 1U);
}

TEST_F(ExportToFile, NothingIsLeftWhereItFails) {
  done({"set", "n", "k", "1"});
  refused(2, {"export", "-o", path("nowhere/all.jsonl")});
  refused(2, {"export", "-o", path("out"), "--force"});
  refused(2, {"export", "-o", path("out/all.jsonl"), "--filter", "{"});
  EXPECT_EQ(run_on("missing.db", {"export", "-o", path("out/all.jsonl")}).exit_code, 3);
  done({"set", "g/entities", "k", "1"});
  refused(3, {"export", "g", "--format", "mcp-memory", "-o", path("out/graph.jsonl")});
  EXPECT_EQ(files(), 0U);
}

TEST_F(ExportToFile, AFilterStandsInTheHeaderAndChoosesEntries) {
  done({"set", "n", "a", R"({"role":"user"})"});
  done({"set", "n", "b", R"({"role":"tool"})"});
  const std::string text = done({"export", "--filter", R"({"role":"user"})"});
  const auto lines = json_lines(text);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["filter"]["role"], "user");
  EXPECT_EQ(lines[1]["key"], "a");
  const std::string file = write_file("out/some.jsonl", text);
  EXPECT_EQ(run_on("other.db", {"import", file}).out, "1 entry imported\n");
}

}  // namespace
}  // namespace holdfast::test
