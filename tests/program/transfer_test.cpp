// export and import.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class TransferCommands : public ProgramTest {
 protected:
  void fill() {
    done({"set", "users/42", "b", R"({"n":1.0,"z":-0.0,"big":9007199254740993})"});
    done({"set", "", "root", "\"\\u0000 ünï\""});
    done({"set", "users/42", "a", "{\"$bytes\":\"AAEC\"}", "--ttl", "1d"});
    done({"set", "a b/c", "k/2", "{\"$map\":{\"$bytes\":\"AAEC\"}}"});
    done({"set", "users/42", "b", "2"});
  }
  std::string exported() { return done({"export"}); }

  /// Runs with another store in the same folder.
  template <typename Run>
  auto in_store(const std::string& name, const Run& run) {
    const std::string before = std::exchange(store_, "sqlite:" + path(name));
    auto result = run();
    store_ = before;
    return result;
  }
};

TEST_F(TransferCommands, ExportIsAHeaderEntriesInOrderOfInsertionAndAClosingLine) {
  fill();
  const auto lines = json_lines(exported());
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines.front()["holdfast_export"], 1);
  EXPECT_EQ(lines.back()["holdfast_export_end"], 1);
  EXPECT_EQ(lines.back()["entries"], 4);
  EXPECT_EQ(lines[1]["key"], "b");
  EXPECT_EQ(lines[1]["value"], 2);
  EXPECT_EQ(lines[1]["created_revision"], 1);
  EXPECT_EQ(lines[1]["revision"], 5);
  EXPECT_EQ(lines[2]["key"], "root");
  EXPECT_EQ(lines[3]["value"], (json{{"$bytes", "AAEC"}}));
  EXPECT_TRUE(lines[3]["expires_at"].is_number_integer());
  EXPECT_EQ(lines[4]["namespace"], "a b/c");
  EXPECT_TRUE(lines[4]["expires_at"].is_null());
}

TEST_F(TransferCommands, ExportImportExportIsEqual) {
  fill();
  const std::string first = exported();
  const std::string file = write_file("all.jsonl", first);
  const std::string second = in_store("other.db", [&] {
    EXPECT_EQ(done({"import", file}), "4 entries imported\n");
    EXPECT_EQ(done({"get", "users/42", "a", "--json"}), "{\"$bytes\":\"AAEC\"}\n");
    return exported();
  });
  EXPECT_EQ(second, first);
}

TEST_F(TransferCommands, RevisionsGoOnAfterThoseImported) {
  fill();
  const std::string file = write_file("all.jsonl", exported());
  in_store("other.db", [&] {
    done({"import", file});
    return done({"set", "new", "k", "1"});
  });
  EXPECT_EQ(in_store("other.db",
                     [&] {
                       return done({"get", "new", "k", "--entry", "--json"});
                     })
                .find("\"revision\":6"),
            in_store("other.db", [&] {
              return done({"get", "new", "k", "--entry", "--json"});
            }).find("\"revision\":"));
}

TEST_F(TransferCommands, AssignedRevisionsKeepOrderAndTimes) {
  fill();
  const std::string file = write_file("all.jsonl", exported());
  const auto before = json_lines(exported());
  const auto after = in_store("other.db", [&] {
    done({"set", "mine", "k", "1"});
    done({"import", file});
    return json_lines(done({"export", "users"}));
  });
  ASSERT_EQ(after.size(), 4U);
  EXPECT_EQ(after[1]["key"], "b");
  EXPECT_EQ(after[2]["key"], "a");
  EXPECT_EQ(after[1]["created_revision"], 2);
  EXPECT_EQ(after[1]["created_at"], before[1]["created_at"]);
  EXPECT_EQ(after[1]["updated_at"], before[1]["updated_at"]);
  EXPECT_EQ(after[2]["expires_at"], before[3]["expires_at"]);
}

TEST_F(TransferCommands, ThroughAPipe) {
  fill();
  const RunResult piped = shell(
      "set -o pipefail; $HF export | $HF --store sqlite:$DIR/other.db import - && "
      "diff <($HF export) <($HF export --store sqlite:$DIR/other.db)");
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(piped.out, "4 entries imported\n");
}

TEST_F(TransferCommands, ExportOfANamespaceHoldsItsSubtreeAlone) {
  fill();
  EXPECT_EQ(json_lines(done({"export", "users"})).size(), 4U);
  EXPECT_EQ(json_lines(done({"export", "nobody"})).size(), 2U);
}

TEST_F(TransferCommands, ExistingEntriesAreRefusedSkippedOrOverwritten) {
  fill();
  const std::string file = write_file("all.jsonl", exported());
  in_store("other.db", [&] {
    done({"set", "a b/c", "k/2", "\"mine\""});
    const std::string why = refused(3, {"import", file});
    EXPECT_NE(why.find("line 5: there is an entry \"k/2\" in namespace 'a b/c' already"),
              std::string::npos)
        << why;
    EXPECT_EQ(done({"count", "", "-r"}), "1\n");
    EXPECT_EQ(done({"import", file, "--on-conflict", "skip"}), "3 entries imported, 1 skipped\n");
    EXPECT_EQ(done({"get", "a b/c", "k/2"}), "mine\n");
    EXPECT_EQ(done({"import", file, "--on-conflict", "overwrite", "--json"}),
              "{\"imported\":4,\"overwritten\":4,\"skipped\":0,\"expired\":0}\n");
    return done({"get", "a b/c", "k/2"});
  });
}

TEST_F(TransferCommands, ExpiredEntriesStayBehind) {
  const std::string lines = R"({"namespace":"n","key":"old","value":1,"expires_at":1000})"
                            "\n"
                            R"({"namespace":"n","key":"new","value":2,"expires_at":null})"
                            "\n";
  EXPECT_EQ(done({"import", "--format", "plain", "-"}, lines), "1 entry imported, 1 expired\n");
  EXPECT_EQ(done({"count", "n"}), "1\n");
}

TEST_F(TransferCommands, PlainImportReadsWhatListPrints) {
  fill();
  const std::string listed = done({"list", "", "-r", "--json"});
  in_store("other.db", [&] {
    EXPECT_EQ(done({"import", "--format", "plain", "-"}, listed), "4 entries imported\n");
    return done({"get", "users/42", "b"});
  });
}

TEST_F(TransferCommands, DamagedFilesAreRefusedWithTheirLineAndNothingIsWritten) {
  fill();
  const auto lines = lines_of(exported());
  const auto text_of = [](const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& line : all) text += line + "\n";
    return text;
  };
  const auto check = [&](const std::string& text, const std::string& expected) {
    const std::string file = write_file("bad.jsonl", text);
    in_store("other.db", [&] {
      const std::string why = refused(2, {"import", file});
      EXPECT_NE(why.find(expected), std::string::npos) << why;
      EXPECT_FALSE(std::filesystem::exists(path("other.db")));
      return 0;
    });
  };
  auto cut = lines;
  cut.pop_back();
  check(text_of(cut), "line 5: the file ends here without its closing line");
  check(text_of(lines).substr(0, text_of(lines).size() / 2), "line ");
  auto lost = lines;
  lost.erase(lost.begin() + 2);
  check(text_of(lost), "line 5: the export says that it holds 4 entries, but 3 were read");
  auto swapped = lines;
  std::swap(swapped[2], swapped[3]);
  check(text_of(swapped), "line 6: the check sum does not fit");
  auto trailing = lines;
  trailing.emplace_back("{}");
  check(text_of(trailing), "line 7: there is more after the closing line");
  auto broken = lines;
  broken[2] = "{\"namespace\":\"n\",\"key\":";
  check(text_of(broken), "line 3: ");
  auto unknown = lines;
  unknown[3].insert(1, "\"colour\":1,");
  check(text_of(unknown), "line 4: unknown member \"colour\"");
  auto headless = lines;
  headless.erase(headless.begin());
  check(text_of(headless), "line 1: this is no export");
  auto newer = lines;
  newer[0] = R"({"holdfast_export":2})";
  check(text_of(newer), "line 1: the export is of version 2");
  check("", "line 1: there is nothing to read");
  check(std::string("\x00\x01\xff binary \n", 12), "line 1: ");
}

TEST_F(TransferCommands, WrongMembersAreNamed) {
  const auto check = [&](const std::string& line, const std::string& expected) {
    const std::string good = R"({"namespace":"n","key":"good","value":1})"
                             "\n";
    const std::string file = write_file("plain.jsonl", good + line + "\n");
    const std::string why = refused(2, {"import", "--format", "plain", file});
    EXPECT_NE(why.find("line 2: "), std::string::npos) << why;
    EXPECT_NE(why.find(expected), std::string::npos) << why;
    EXPECT_FALSE(std::filesystem::exists(path("m.db")));
  };
  check(R"({"key":"k","value":1})", "\"namespace\" is missing");
  check(R"({"namespace":"n","value":1})", "\"key\" is missing");
  check(R"({"namespace":"n","key":"k"})", "\"value\" is missing");
  check(R"({"namespace":1,"key":"k","value":1})", "\"namespace\" must be a string");
  check(R"({"namespace":"a//b","key":"k","value":1})", "segment");
  check(R"({"namespace":"$holdfast/x","key":"k","value":1})", "$holdfast");
  check(R"({"namespace":"n","key":"k","key":"l","value":1})", "\"key\" stands twice");
  check(R"({"namespace":"n","key":"k","value":1,"created_at":"x"})", "created_at");
  check(R"({"namespace":"n","key":"k","value":99999999999999999999})", "\"value\": ");
  check(R"({"namespace":"n","key":"k","value":1,"revision":-1})", "revision");
  check("[1]", "expected '{'");
  check("{\"namespace\":\"n\",\"key\":\"k\",\"value\":" + std::string(100'000, '[') + "}", "value");
  check("{\"namespace\":\"n\",\"key\":\"" + std::string(1025, 'k') + "\",\"value\":1}", "1024");
}

TEST_F(TransferCommands, OverlongLinesAreRefusedAtTheirBound) {
  const std::string file =
      write_file("long.jsonl", std::string((std::size_t{64} << 20) + 70'000, ' '));
  const std::string why = refused(2, {"import", "--format", "plain", file});
  EXPECT_NE(why.find("line 1 of "), std::string::npos) << why;
  EXPECT_NE(why.find("longer than 67108864 bytes"), std::string::npos) << why;
}

TEST_F(TransferCommands, DeepestAllowedValueTravels) {
  const std::string deep = std::string(128, '[') + std::string(128, ']');
  done({"set", "n", "k", deep});
  const std::string file = write_file("all.jsonl", exported());
  in_store("other.db", [&] {
    done({"import", file});
    EXPECT_EQ(done({"get", "n", "k"}), deep + "\n");
    return 0;
  });
}

TEST_F(TransferCommands, APipeThatEndsEarlySaysHowFarItCame) {
  std::string entries;
  for (int i = 0; i < 1500; ++i) {
    entries += R"({"namespace":"n","key":")" + std::to_string(i) +
               R"(","value":1})"
               "\n";
  }
  const std::string why = refused(2, {"import", "--format", "plain", "-"}, entries + "nonsense\n");
  EXPECT_NE(why.find("line 1501: "), std::string::npos) << why;
  EXPECT_NE(why.find("1000 entries were imported before that"), std::string::npos) << why;
  EXPECT_EQ(done({"count", "n"}), "1000\n");
}

TEST_F(TransferCommands, MissingFilesAreNamed) {
  EXPECT_NE(refused(2, {"import", path("nothing.jsonl")}).find("nothing.jsonl"), std::string::npos);
  EXPECT_EQ(run({"import", folder_.string()}).exit_code, 3);
}

}  // namespace
}  // namespace holdfast::test
