// set, get, erase, take, increment, touch.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;
using EntryCommands = ProgramTest;

TEST_F(EntryCommands, SetThenGetGivesTheValueBack) {
  EXPECT_EQ(done({"set", "users/42", "profile", R"({"name":"Ada","age":36})"}),
            "created, revision 1\n");
  EXPECT_EQ(done({"get", "users/42", "profile"}), "{\"age\":36,\"name\":\"Ada\"}\n");
  EXPECT_EQ(done({"get", "users/42", "profile", "--json"}), "{\"age\":36,\"name\":\"Ada\"}\n");
}

TEST_F(EntryCommands, StringsArePlainForPeopleAndQuotedForPrograms) {
  done({"set", "n", "k", "\"two\\nlines\""});
  EXPECT_EQ(done({"get", "n", "k"}), "two\nlines\n");
  EXPECT_EQ(done({"get", "n", "k", "--json"}), "\"two\\nlines\"\n");
  EXPECT_EQ(done({"get", "n", "k", "--raw"}), "two\nlines");
}

TEST_F(EntryCommands, EveryKindOfValueComesBackAsItWas) {
  for (const std::string value :
       {"null", "true", "1", "1.0", "-0.0", "-1", "[]", "[1]", "[1,2]", "{}", "{\"a\":{}}", "\"\"",
        "\"{}\"", "\"[a,b]\"", "{\"$bytes\":\"AAEC\"}", "9223372036854775807", "1e+300"}) {
    done({"set", "kinds", "k", "--", value});
    EXPECT_EQ(done({"get", "kinds", "k", "--json"}), value + "\n");
  }
}

TEST_F(EntryCommands, ValuesThatLookLikeOptionsOrContainersNeedNoDashes) {
  for (const std::string value : {"{}", "[]", "[1,2]", "-1", "-2.5"}) {
    done({"set", "n", "k", value});
    EXPECT_EQ(done({"get", "n", "k", "--json"}), value + "\n");
  }
}

TEST_F(EntryCommands, ValueMayComeFromStandardInputOrAFile) {
  done({"set", "n", "stdin", "-"}, " {\"a\" : 1}\n");
  EXPECT_EQ(done({"get", "n", "stdin"}), "{\"a\":1}\n");
  done({"set", "n", "file", "--file", write_file("v.json", "[1, 2]\n")});
  EXPECT_EQ(done({"get", "n", "file"}), "[1,2]\n");
  done({"set", "n", "dash", "--file", "-", "--string"}, "as it is\n");
  EXPECT_EQ(done({"get", "n", "dash", "--json"}), "\"as it is\\n\"\n");
}

TEST_F(EntryCommands, BytesGoInAndComeOutUnchanged) {
  const std::string bytes("\x00\xff\x80\n\x01", 5);
  done({"set", "files", "logo", "--bytes", "--file", write_file("logo", bytes)});
  EXPECT_EQ(done({"get", "files", "logo", "--raw"}), bytes);
  EXPECT_EQ(done({"get", "files", "logo", "--json"}), "{\"$bytes\":\"AP+ACgE=\"}\n");
}

TEST_F(EntryCommands, RawIsRefusedForOtherKinds) {
  done({"set", "n", "k", "1"});
  EXPECT_NE(refused(2, {"get", "n", "k", "--raw"}).find("int64"), std::string::npos);
}

TEST_F(EntryCommands, EntryCarriesRevisionsTimesAndSize) {
  done({"set", "n", "k", "1"});
  done({"set", "n", "k", "22", "--ttl", "30s"});
  const json entry = json::parse(done({"get", "n", "k", "--entry", "--json"}));
  EXPECT_EQ(entry["namespace"], "n");
  EXPECT_EQ(entry["key"], "k");
  EXPECT_EQ(entry["value"], 22);
  EXPECT_EQ(entry["created_revision"], 1);
  EXPECT_EQ(entry["revision"], 2);
  EXPECT_EQ(entry["size"], 4);
  EXPECT_EQ(entry["expires_at"].get<std::int64_t>() - entry["updated_at"].get<std::int64_t>(),
            30'000);
  EXPECT_NE(done({"get", "n", "k", "--entry"}).find("created revision  1\n"), std::string::npos);
}

TEST_F(EntryCommands, AbsentEntryIsExitCodeOneAndNothingOnStandardOutput) {
  done({"set", "n", "k", "1"});
  EXPECT_NE(refused(1, {"get", "n", "other"}).find("no entry \"other\" in namespace 'n'"),
            std::string::npos);
  refused(1, {"get", "n", "other", "--json"});
  refused(1, {"erase", "n", "other"});
  refused(1, {"take", "n", "other"});
  refused(1, {"touch", "n", "other", "--ttl", "1h"});
}

TEST_F(EntryCommands, PreconditionsThatDoNotHoldAreExitCodeOne) {
  EXPECT_EQ(done({"set", "n", "k", "1", "--if-absent", "--json"}),
            "{\"status\":\"created\",\"revision\":1}\n");
  refused(1, {"set", "n", "k", "2", "--if-absent"});
  refused(1, {"set", "n", "other", "2", "--if-present"});
  refused(1, {"set", "n", "k", "2", "--if-revision", "7"});
  EXPECT_EQ(done({"get", "n", "k"}), "1\n");
  EXPECT_EQ(done({"set", "n", "k", "2", "--if-present"}), "updated, revision 2\n");
  EXPECT_EQ(done({"set", "n", "k", "3", "--if-revision", "2"}), "updated, revision 3\n");
  const RunResult unmet = run({"set", "n", "k", "4", "--if-absent", "--json"});
  EXPECT_EQ(unmet.exit_code, 1);
  EXPECT_EQ(unmet.out, "{\"status\":\"unmet\",\"revision\":3}\n");
}

TEST_F(EntryCommands, SetClearsAnEarlierDeadlineUnlessAskedToKeepIt) {
  const auto expires = [&] {
    return json::parse(done({"get", "n", "k", "--entry", "--json"}))["expires_at"];
  };
  done({"set", "n", "k", "1", "--ttl", "1d"});
  const json deadline = expires();
  done({"set", "n", "k", "2", "--keep-ttl"});
  EXPECT_EQ(expires(), deadline);
  done({"set", "n", "k", "3"});
  EXPECT_TRUE(expires().is_null());
}

TEST_F(EntryCommands, TouchMovesTheDeadlineAlone) {
  done({"set", "n", "k", "1"});
  EXPECT_EQ(done({"touch", "n", "k", "--ttl", "5min"}), "");
  EXPECT_TRUE(json::parse(done({"get", "n", "k", "--entry", "--json"}))["expires_at"].is_number());
  done({"touch", "n", "k", "--never"});
  EXPECT_TRUE(json::parse(done({"get", "n", "k", "--entry", "--json"}))["expires_at"].is_null());
  refused(2, {"touch", "n", "k"});
}

TEST_F(EntryCommands, EraseAndTakeRemoveTheEntry) {
  done({"set", "n", "a", "1"});
  done({"set", "n", "b", "\"last words\""});
  EXPECT_EQ(done({"erase", "n", "a"}), "erased, revision 3\n");
  refused(1, {"get", "n", "a"});
  refused(1, {"erase", "n", "b", "--if-revision", "99"});
  EXPECT_EQ(done({"take", "n", "b"}), "last words\n");
  EXPECT_EQ(done({"count", "n"}), "0\n");
  const RunResult absent = run({"erase", "n", "b", "--json"});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_EQ(absent.out, "{\"status\":\"absent\",\"revision\":0}\n");
}

TEST_F(EntryCommands, IncrementCountsFromZeroAndRefusesOtherKinds) {
  EXPECT_EQ(done({"increment", "n", "visits"}), "1\n");
  EXPECT_EQ(done({"increment", "n", "visits", "--by", "-5"}), "-4\n");
  done({"set", "n", "text", "\"x\""});
  refused(3, {"increment", "n", "text"});
  done({"set", "n", "visits", "9223372036854775807"});
  refused(3, {"increment", "n", "visits"});
  EXPECT_EQ(done({"get", "n", "visits"}), "9223372036854775807\n");
}

TEST_F(EntryCommands, TheEmptyNamespaceIsTheRootAndTheEmptyKeyIsAKey) {
  done({"set", "", "k", "1"});
  done({"set", "", "", "2"});
  EXPECT_EQ(done({"get", "", "k"}), "1\n");
  EXPECT_EQ(done({"get", "", ""}), "2\n");
  EXPECT_EQ(done({"count", ""}), "2\n");
}

TEST_F(EntryCommands, KeysMayHoldAnyCharacters) {
  for (const std::string key : {"a/b", "two words", "ключ 鍵 🗝", "*", "%", "a:b", "'", "\"",
                                "get", "list", "{}", "[x]", "%%"}) {
    done({"set", "n", key, "\"" + std::string("v") + "\""});
    EXPECT_EQ(done({"get", "n", key}), "v\n") << key;
    done({"erase", "n", key});
  }
}

TEST_F(EntryCommands, ArgumentsThatBeginWithADashFollowTwoDashes) {
  done({"set", "n", "--", "-key", "\"-v\""});
  done({"set", "--if-absent", "--", "--ns", "--key", "2"});
  EXPECT_EQ(done({"get", "n", "--", "-key"}), "-v\n");
  EXPECT_EQ(done({"get", "--json", "--", "--ns", "--key"}), "2\n");
}

TEST_F(EntryCommands, NamesOfCommandsAreOrdinaryNamespacesAndKeys) {
  done({"set", "list", "stats", "1"});
  EXPECT_EQ(done({"get", "list", "stats"}), "1\n");
  done({"set", "chat", "import", "2"});
  EXPECT_EQ(done({"get", "chat", "import"}), "2\n");
}

}  // namespace
}  // namespace holdfast::test
