// What import does where entries lie there already.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class ImportConflicts : public ProgramTest {
 protected:
  static std::string line(const std::string& key, int value, std::int64_t updated_at) {
    return json{{"namespace", "n"}, {"key", key}, {"value", value}, {"created_at", 1000},
                {"updated_at", updated_at}}
               .dump() +
           "\n";
  }
  std::string import_lines(const std::string& lines, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"import", "--format", "plain", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return done(arguments, lines);
  }
  std::string value(const std::string& key) { return done({"get", "n", key}); }
};

TEST_F(ImportConflicts, NewerLeavesTheLaterOneAndTheStoresWhereEqual) {
  import_lines(line("older", 1, 2000) + line("same", 1, 2000) + line("newer", 1, 2000));
  const std::string file = line("older", 2, 1999) + line("same", 2, 2000) + line("newer", 2, 2001) +
                           line("fresh", 2, 1500);
  EXPECT_EQ(import_lines(file, {"--on-conflict", "newer"}),
            "2 entries imported, 1 overwritten, 2 skipped\n");
  EXPECT_EQ(value("older"), "1\n");
  EXPECT_EQ(value("same"), "1\n");
  EXPECT_EQ(value("newer"), "2\n");
  EXPECT_EQ(value("fresh"), "2\n");
}

TEST_F(ImportConflicts, AReportNamesEachOfThem) {
  import_lines(line("a", 1, 2000) + line("b", 1, 2000));
  const std::string report = path("report.jsonl");
  import_lines(line("a", 2, 1500) + line("b", 2, 2500) + line("c", 2, 2500),
               {"--on-conflict", "newer", "--report", report});
  EXPECT_EQ(json_lines(read_file(report)),
            (std::vector<json>{{{"namespace", "n"},
                                {"key", "a"},
                                {"action", "skipped"},
                                {"file_updated_at", 1500},
                                {"store_updated_at", 2000}},
                               {{"namespace", "n"},
                                {"key", "b"},
                                {"action", "overwritten"},
                                {"file_updated_at", 2500},
                                {"store_updated_at", 2000}}}));
  import_lines(line("d", 2, 1), {"--report", report});
  EXPECT_EQ(read_file(report), "");
}

TEST_F(ImportConflicts, ARefusedFileReportsAllOfThemAndWritesNothing) {
  std::string there;
  std::string lines;
  for (int i = 0; i < 2500; ++i) {
    if (i % 1000 == 0) there += line(std::to_string(i), 1, 2000);
    lines += line(std::to_string(i), 2, 2000);
  }
  import_lines(there);
  const std::string file = write_file("all.jsonl", lines);
  const std::string report = path("report.jsonl");
  const std::string why = refused(3, {"import", file, "--format", "plain", "--report", report});
  EXPECT_NE(why.find("line 1: there is an entry \"0\""), std::string::npos) << why;
  EXPECT_NE(why.find("2 more in the report"), std::string::npos) << why;
  const auto reported = json_lines(read_file(report));
  ASSERT_EQ(reported.size(), 3U);
  EXPECT_EQ(reported[2]["key"], "2000");
  EXPECT_EQ(reported[2]["action"], "refused");
  EXPECT_EQ(done({"count", "n"}), "3\n");
}

TEST_F(ImportConflicts, AReportThatCannotBeMadeIsRefusedBeforeAnythingIsWritten) {
  const std::string file = write_file("all.jsonl", line("a", 1, 1));
  refused(2, {"import", file, "--format", "plain", "--report", path("nowhere/report")});
  EXPECT_FALSE(std::filesystem::exists(path("m.db")));
}

TEST_F(ImportConflicts, AnAddressThatStandsTwiceMeetsItself) {
  const std::string twice = line("a", 1, 1000) + line("b", 1, 1000) + line("a", 2, 2000);
  const RunResult failed = run({"import", "--format", "plain", "-"}, twice);
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_NE(failed.err.find("line 3: "), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("2 entries were imported before that"), std::string::npos)
      << failed.err;
  EXPECT_EQ(import_lines(twice, {"--on-conflict", "overwrite"}),
            "3 entries imported, 3 overwritten\n");
  EXPECT_EQ(value("a"), "2\n");
}

TEST_F(ImportConflicts, AssignedRevisionsKeepBothOrders) {
  for (const char* const key : {"a", "b", "c"}) done({"set", "n", key, "1"});
  done({"set", "n", "a", "2"});
  const std::string file = write_file("all.jsonl", done({"export"}));
  ASSERT_EQ(run_on("other.db", {"set", "mine", "k", "1"}).exit_code, 0);
  ASSERT_EQ(run_on("other.db", {"import", file}).exit_code, 0);
  const auto keys = [&](const char* order) {
    std::string text;
    for (const json& entry :
         json_lines(run_on("other.db", {"list", "n", "--order", order, "--json"}).out)) {
      text += entry["key"].get<std::string>();
    }
    return text;
  };
  EXPECT_EQ(keys("created"), "abc");
  EXPECT_EQ(keys("updated"), "bca");
}

TEST_F(ImportConflicts, TheDigestOfARoundTripIsTheSame) {
  for (const char* const key : {"a", "b", "c"}) done({"set", "n", key, "1"});
  const auto digest = [](const std::string& text) { return json_lines(text).back()["digest"]; };
  const std::string file = write_file("all.jsonl", done({"export"}));
  ASSERT_EQ(run_on("other.db", {"import", file, "--revisions", "assign"}).exit_code, 0);
  EXPECT_EQ(digest(run_on("other.db", {"export"}).out), digest(done({"export"})));
  EXPECT_EQ(digest(done({"export"})).get<std::string>().size(), 32U);
}

TEST_F(ImportConflicts, EntriesOutsideTheScopeOfTheExportAreRefused) {
  done({"set", "users/1", "k", "1"});
  std::string text = done({"export", "users"});
  text.replace(text.find("\"scope\":\"users\""), 15, "\"scope\":\"other\"");
  const std::string file = write_file("all.jsonl", text);
  EXPECT_NE(refused(2, {"import", file}).find("line 2: the namespace 'users/1' lies outside"),
            std::string::npos);
}

TEST_F(ImportConflicts, ADamagedRevisionIsFound) {
  done({"set", "n", "k", "1"});
  std::string text = done({"export"});
  text.replace(text.find("\"revision\":1"), 12, "\"revision\":7");
  const std::string file = write_file("all.jsonl", text);
  EXPECT_NE(refused(2, {"import", file}).find("line 3: the check sum does not fit"),
            std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
