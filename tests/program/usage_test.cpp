// Exit codes, and wrong input at every way in.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

class Usage : public ProgramTest {
 protected:
  static RunResult bare(std::vector<std::string> arguments,
                        const std::vector<std::string>& environment = {}) {
    arguments.insert(arguments.begin(), HOLDFAST_PROGRAM);
    return run_process(arguments, {}, environment);
  }
};

TEST_F(Usage, VersionAndHelpGoToStandardOutput) {
  EXPECT_TRUE(bare({"--version"}).out.starts_with("holdfast "));
  const RunResult help = bare({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("namespaces"), std::string::npos);
}

TEST_F(Usage, EveryCommandHasHelpWithExamples) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"set"},          {"get"},         {"erase"},
                                             {"take"},         {"clear"},       {"increment"},
                                             {"touch"},        {"list"},        {"count"},
                                             {"namespaces"},   {"stats"},       {"health"},
                                             {"backup"},       {"compact"},     {"check"},
                                             {"checkpoint"},   {"sweep"},       {"export"},
                                             {"import"},       {"completion"},  {"chat", "import"},
                                             {"chat", "show"}, {"chat", "list"}}) {
    auto arguments = command;
    arguments.emplace_back("--help");
    const RunResult help = bare(arguments);
    EXPECT_EQ(help.exit_code, 0) << command.front();
    EXPECT_NE(help.out.find("Examples:\n  holdfast "), std::string::npos) << command.front();
    EXPECT_EQ(help.err, "");
  }
}

TEST_F(Usage, WrongCommandLinesAreExitCodeTwo) {
  refused(2, {});
  EXPECT_NE(refused(2, {"fetch"}).find("\"fetch\""), std::string::npos);
  refused(2, {"chat"});
  refused(2, {"chat", "sing"});
  refused(2, {"get"});
  refused(2, {"get", "n"});
  refused(2, {"get", "n", "k", "more"});
  refused(2, {"get", "n", "k", "--colour"});
  refused(2, {"get", "n", "k", "--json", "--raw"});
  refused(2, {"set", "n", "k"});
  refused(2, {"set", "n", "k", "1", "--file", "f"});
  refused(2, {"set", "n", "k", "1", "--if-absent", "--if-present"});
  refused(2, {"set", "n", "k", "1", "--ttl", "1h", "--keep-ttl"});
  refused(2, {"list", "n", "--order", "size"});
  refused(2, {"import", "f", "--on-conflict", "hope"});
  refused(2, {"completion", "fish"});
}

TEST_F(Usage, WrongNumbersAreRefused) {
  for (const std::string number : {"-1", "0", "x", "1.5", "0x10", "99999999999999999999", ""}) {
    refused(2, {"list", "n", "--limit", number});
    refused(2, {"set", "n", "k", "1", "--if-revision", number});
  }
  refused(2, {"chat", "show", "n", "--last", "-1"});
  refused(2, {"increment", "n", "k", "--by", "1.5"});
}

TEST_F(Usage, WrongDurationsAndTimesAreRefused) {
  for (const std::string ttl :
       {"0s", "-5s", "30", "s", "5 s", "1w", "99999999999999d", "9223372036854775807d", "1.5h"}) {
    refused(2, {"set", "n", "k", "1", "--ttl", ttl});
  }
  for (const std::string time : {"yesterday", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z",
                                 "2026-01-01T00:00:00", "1e9"}) {
    refused(2, {"list", "n", "--created-from", time});
  }
}

TEST_F(Usage, WrongUrlsAreRefused) {
  const auto with_store = [](const std::string& url) { return bare({"--store", url, "count"}); };
  EXPECT_EQ(with_store("nonsense").exit_code, 2);
  EXPECT_EQ(with_store("gopher:x").exit_code, 2);
  EXPECT_NE(with_store("gopher:x").err.find("sqlite"), std::string::npos);
  EXPECT_EQ(with_store(store_ + "?colour=blue").exit_code, 2);
  EXPECT_EQ(with_store(store_ + "?durability=maybe").exit_code, 2);
  EXPECT_EQ(with_store("sqlite:%zz").exit_code, 2);
  EXPECT_EQ(with_store("").exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(path("m.db")));
}

TEST_F(Usage, WrongNamespacesKeysAndValuesAreRefused) {
  done({"set", "n", "k", "1"});
  for (const std::string ns : {"/", "a//b", "/a", "a/", "a%41", "$holdfast", "\xff"}) {
    refused(2, {"set", ns, "k", "1"});
    refused(2, {"get", ns, "k"});
    refused(2, {"list", ns});
    refused(2, {"clear", ns, "--yes"});
  }
  refused(2, {"set", std::string(1025, 'n'), "k", "1"});
  refused(2, {"set", "n", std::string(1025, 'k'), "1"});
  refused(2, {"get", "n", "\xc3"});
  for (const std::string value : {"", "{", "nul", "1 2", "{\"a\":1,\"a\":2}", "NaN", "1e999",
                                  "9223372036854775808", "\"\xff\"", "'x'"}) {
    refused(2, {"set", "n", "k", "--", value});
  }
  refused(2, {"set", "n", "k", std::string(129, '[') + std::string(129, ']')});
  refused(2, {"set", "n", "k", "-"}, std::string(1'000'000, '['));
  refused(2, {"set", "n", "k", "-", "--string"}, std::string((16 << 20) + 1, 'x'));
  refused(2, {"set", "n", "k", "-", "--string"}, "\xff\xfe");
  EXPECT_EQ(done({"get", "n", "k"}), "1\n");
}

TEST_F(Usage, WrongQueriesAreRefused) {
  done({"set", "n", "k", "1"});
  for (const std::string filter :
       {"", "{", "[]", "7", R"({"a":{"$near":1}})", R"({"a":{"$in":1}})", R"({"$or":{}})"}) {
    const std::string why = refused(2, {"list", "n", "--filter", filter});
    EXPECT_NE(why.find("--filter"), std::string::npos) << why;
    refused(2, {"count", "n", "--filter", filter});
  }
  refused(2, {"list", "n", "--filter", std::string(100'000, '[')});
  refused(2, {"list", "n", "--pattern", "a\\"});
  refused(2, {"list", "n", "--cursor", "made-up"});
  refused(2, {"list", "n", "--top", "a["});
  refused(2, {"namespaces", "--prefix", "a//b"});
  refused(2, {"namespaces", "--cursor", "made-up"});
}

TEST_F(Usage, TheStoreMayStandBeforeOrAfterTheCommandOrInTheEnvironment) {
  EXPECT_EQ(bare({"set", "n", "k", "1", "--store", store_}).exit_code, 0);
  EXPECT_EQ(bare({"get", "--store", store_, "n", "k"}).out, "1\n");
  EXPECT_EQ(bare({"--store", store_, "get", "n", "k"}).out, "1\n");
  EXPECT_EQ(bare({"get", "n", "k"}, {"HOLDFAST_STORE=" + store_}).out, "1\n");
  EXPECT_EQ(bare({"get", "n", "k", "--store", store_}, {"HOLDFAST_STORE=memory:"}).out, "1\n");
  const RunResult none = bare({"get", "n", "k"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("HOLDFAST_STORE"), std::string::npos);
}

TEST_F(Usage, CommandsThatReadDoNotMakeAFile) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"get", "n", "k"},
                                             {"list", "n", "--json"},
                                             {"count", "n"},
                                             {"namespaces"},
                                             {"stats"},
                                             {"health"},
                                             {"export"},
                                             {"chat", "show", "n"},
                                             {"chat", "list"},
                                             {"erase", "n", "k"},
                                             {"take", "n", "k"},
                                             {"touch", "n", "k", "--never"},
                                             {"clear", "n", "--yes"},
                                             {"check"},
                                             {"compact"},
                                             {"checkpoint"},
                                             {"sweep"},
                                             {"backup", path("b.db")}}) {
    EXPECT_NE(refused(3, command).find("m.db"), std::string::npos) << command.front();
    EXPECT_TRUE(std::filesystem::is_empty(folder_)) << command.front();
  }
}

TEST_F(Usage, AStoreInMemoryIsEmptyAtEachStart) {
  store_ = "memory:";
  EXPECT_EQ(done({"set", "n", "k", "1"}), "created, revision 1\n");
  EXPECT_EQ(done({"count", "n"}), "0\n");
}

TEST_F(Usage, ForeignAndDamagedFilesAreExitCodeThreeAndStayAsTheyWere) {
  const std::string content = "this is no database, whatever its name says";
  write_file("m.db", content);
  refused(3, {"get", "n", "k"});
  refused(3, {"set", "n", "k", "1"});
  EXPECT_EQ(read_file(path("m.db")), content);
}

TEST_F(Usage, ErrorsNeverCarryControlCharacters) {
  const std::string why = refused(2, {"list", "n", "--order", "\x1b[31m\nred"});
  EXPECT_EQ(why.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
