// search, search-config, reindex, and what check says of search indexes.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class SearchCommands : public ProgramTest {
 protected:
  using Keys = std::vector<std::string>;

  void fill() {
    done({"search-config", "users/42", "--conversation"});
    done({"chat", "import", "users/42/chats/1", "-"},
         R"({"id":"a","role":"user","name":"Ada","content":"My canoe is red."}
{"id":"b","role":"assistant","content":"A fine colour for a boat!"}
{"id":"c","role":"user","name":"Ada","content":"I paddled to the island."}
)");
    done({"chat", "import", "users/42/chats/2", "-"},
         R"({"id":"d","role":"user","content":"Two canoes for rent, red canoes."}
)");
  }

  Keys found(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"search", "--json"});
    Keys keys;
    for (const json& hit : json_lines(done(std::move(arguments)))) keys.push_back(hit["key"]);
    return keys;
  }

  /// Changes what the file itself says.
  void damage(const std::string& sql) {
    const RunResult result = shell("sqlite3 \"${HOLDFAST_STORE#sqlite:}\" \"" + sql + "\"");
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  RunResult on_terminal(const std::string& command, const std::string& environment = "TERM=xterm") {
    return shell("script -qec \"stty cols 60; " + environment + " $HF " + command +
                 "\" /dev/null < /dev/null");
  }

  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

TEST_F(SearchCommands, TheBestEntriesComeFirst) {
  fill();
  EXPECT_EQ(found({"users/42/chats/1", "canoes", "--limit", "1"}), Keys{"a"});
  EXPECT_EQ(found({"users/42", "canoes", "--recursive", "--limit", "2"}), (Keys{"d", "a"}));
  EXPECT_EQ(found({"users/42", "canoes"}), Keys{});
  EXPECT_EQ(found({"users/42", "nothing like it", "-r"}), Keys{});
}

TEST_F(SearchCommands, TextMayBeSeveralArguments) {
  fill();
  EXPECT_EQ(found({"users/42/chats/1", "island", "paddle", "--limit", "1"}), Keys{"c"});
  EXPECT_EQ(found({"users/42/chats/1", "[island]", "--limit", "1"}), Keys{"c"});
  EXPECT_EQ(found({"users/42/chats/1", "--limit", "1", "--", "-island"}), Keys{"c"});
}

TEST_F(SearchCommands, JsonHasTheEntryAndItsScore) {
  fill();
  const json hit = json_lines(done({"search", "users/42/chats/1", "canoe", "--json"})).at(0);
  EXPECT_EQ(hit["namespace"], "users/42/chats/1");
  EXPECT_EQ(hit["value"]["content"], "My canoe is red.");
  EXPECT_GT(hit["score"].get<double>(), 0);
  EXPECT_TRUE(hit.contains("created_revision"));
  EXPECT_FALSE(hit.contains("explanation"));
}

TEST_F(SearchCommands, PeopleSeeWhoSaidWhatAndWhere) {
  fill();
  const auto lines = lines_of(done({"search", "users/42/chats/1", "canoe", "--limit", "1"}));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].ends_with("Z  users/42/chats/1  a  Ada")) << lines[0];
  EXPECT_EQ(lines[1], "  My canoe is red.");
}

TEST_F(SearchCommands, FiltersAndTimesLeaveHitsOutAndMoveNoScore) {
  fill();
  const json all = json_lines(done({"search", "users/42/chats/1", "canoe boat", "--json"}));
  const json some = json_lines(done({"search", "users/42/chats/1", "canoe boat", "--json",
                                     "--filter", R"({"role":"assistant"})"}));
  ASSERT_EQ(some.size(), 1U);
  for (const json& hit : all) {
    if (hit["key"] != "b") continue;
    EXPECT_EQ(hit["score"], some[0]["score"]);
  }
  EXPECT_EQ(found({"users/42/chats/1", "canoe", "--created-until", "2020-01-01"}), Keys{});
  EXPECT_EQ(found({"users/42/chats/1", "canoe", "--updated-from", "2020-01-01", "--limit", "1"}),
            Keys{"a"});
  EXPECT_TRUE(contains(refused(2, {"search", "users/42", "x", "--filter", "{"}), "--filter"));
}

TEST_F(SearchCommands, ACursorOnStandardErrorGoesOn) {
  fill();
  const RunResult first =
      run({"search", "users/42", "canoe", "--recursive", "--limit", "1", "--json"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string lead = "next cursor: ";
  ASSERT_TRUE(first.err.starts_with(lead)) << first.err;
  const std::string cursor = lines_of(first.err)[0].substr(lead.size());
  EXPECT_EQ(json_lines(first.out).at(0)["key"], "d");
  const Keys rest = found({"users/42", "canoe", "--recursive", "--cursor", cursor});
  ASSERT_FALSE(rest.empty());
  EXPECT_EQ(rest[0], "a");
  refused(2, {"search", "users/42", "boat", "--recursive", "--cursor", cursor});
  refused(2, {"search", "users/42", "canoe", "--limit", "0"});
  refused(2, {"search", "users/42", "canoe", "--limit", "1001"});
}

TEST_F(SearchCommands, ExplainSaysWhatEachWordAdded) {
  fill();
  const json hit = json_lines(
      done({"search", "users/42/chats/1", "canoe", "--limit", "1", "--explain", "--json"}))[0];
  EXPECT_EQ(hit["explanation"]["score"], hit["score"]);
  const json part = hit["explanation"]["terms"][0]["parts"][0];
  EXPECT_EQ(hit["explanation"]["terms"][0]["term"], "cano");
  EXPECT_EQ(part["path"], "content");
  EXPECT_EQ(part["offset"], 0);
  EXPECT_EQ(part["asked"], false);
  const auto lines =
      lines_of(done({"search", "users/42/chats/1", "canoe", "--limit", "2", "--explain"}));
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_TRUE(contains(lines[2], "  cano (rarity ")) << lines[2];
  EXPECT_TRUE(lines[2].ends_with(" content")) << lines[2];
  // Of equal scores the newest first.
  EXPECT_TRUE(lines[5].ends_with(" content, 2 before")) << lines[5];
}

TEST_F(SearchCommands, WhatIsNotSearchableSaysHowToMakeItSo) {
  done({"set", "notes", "k", R"("text")"});
  const std::string error = refused(3, {"search", "notes", "text"});
  EXPECT_TRUE(contains(error, "`holdfast search-config 'notes' --conversation`")) << error;
  refused(2, {"search", "notes"});
  store_ = "sqlite:" + path("absent.db");
  refused(3, {"search", "notes", "text"});
  EXPECT_FALSE(std::filesystem::exists(path("absent.db")));
}

TEST_F(SearchCommands, OnATerminalTheWordsFoundStandOut) {
  fill();
  const RunResult shown = on_terminal("search users/42/chats/1 'the red canoes' --limit 1");
  ASSERT_EQ(shown.exit_code, 0) << shown.out;
  EXPECT_TRUE(contains(shown.out, "  My \x1b[1mcanoe\x1b[0m is \x1b[1mred\x1b[0m.")) << shown.out;
  for (const char* const environment : {"NO_COLOR=1", "TERM=dumb"}) {
    const RunResult plain = on_terminal("search users/42/chats/1 canoe --limit 1", environment);
    EXPECT_FALSE(contains(plain.out, "\x1b")) << plain.out;
    EXPECT_TRUE(contains(plain.out, "  My canoe is red."));
  }
  EXPECT_FALSE(contains(done({"search", "users/42/chats/1", "canoe"}), "\x1b"));
}

TEST_F(SearchCommands, OnATerminalALongTextIsShownAboutTheFirstWordFound) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "ü" + std::to_string(i) + " ";
  done({"search-config", "notes", "--text", ""});
  done({"set", "notes", "k", "--string", text + "canoe " + text});
  const std::string shown = on_terminal("search notes canoe").out;
  EXPECT_TRUE(contains(shown, "ü399 \x1b[1mcanoe\x1b[0m ü0 ")) << shown;
  EXPECT_TRUE(contains(shown, "  …ü")) << shown;
  EXPECT_TRUE(contains(shown, "…\r\n")) << shown;
  EXPECT_LT(shown.size(), 500U);
  EXPECT_TRUE(contains(done({"search", "notes", "canoe"}), "  " + text + "canoe " + text));
}

TEST_F(SearchCommands, ControlCharactersDoNotReachTheTerminal) {
  done({"search-config", "notes", "--text", "a", "--text", "b[*]"});
  done({"set", "notes", "k", R"({"a":"canoe \u001b[2J\ntwo","b":["x","y"]})"});
  const auto lines = lines_of(done({"search", "notes", "canoe"}));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[1], "  canoe \\u001b[2J");
  EXPECT_EQ(lines[2], "  two");
  EXPECT_EQ(lines[4], "  y");
}

class SearchConfigCommands : public SearchCommands {};

TEST_F(SearchConfigCommands, WhatWasThereIsIndexedAndWhatComesIsToo) {
  done({"set", "notes/a", "1", R"({"title":"Red canoe"})"});
  done({"search-config", "notes", "--text", "title"});
  done({"set", "notes/b", "2", R"({"title":"Blue canoe"})"});
  EXPECT_EQ(found({"notes", "canoe", "-r"}), (Keys{"2", "1"}));
  EXPECT_EQ(done({"search-config", "notes", "--remove"}), "");
  refused(3, {"search", "notes", "canoe", "-r"});
  EXPECT_TRUE(contains(refused(1, {"search-config", "notes", "--remove"}), "'notes'"));
}

TEST_F(SearchConfigCommands, IsShownInTheFormInWhichItIsSet) {
  done({"search-config", "chats", "--conversation", "--language", "german"});
  const json shown = json::parse(done({"search-config", "chats/1", "--json"}));
  EXPECT_EQ(shown["namespace"], "chats");
  EXPECT_EQ(shown["config"]["language"], "german");
  EXPECT_EQ(shown["needs_reindex"], false);
  const std::string config = shown["config"].dump();
  for (const auto& source : std::vector<std::vector<std::string>>{
           {"--set", config}, {"--file", write_file("config.json", config)}}) {
    std::vector<std::string> arguments{"search-config", "copy", "--json"};
    arguments.insert(arguments.end(), source.begin(), source.end());
    EXPECT_EQ(json::parse(done(arguments))["config"], shown["config"]);
  }
  done({"search-config", "piped", "--set", "-"}, config);
  EXPECT_EQ(json::parse(done({"search-config", "piped", "--json"}))["config"], shown["config"]);
  const std::string table = done({"search-config", "chats"});
  EXPECT_TRUE(contains(table, "\nnamespace      chats\n")) << table;
  EXPECT_TRUE(contains(table, "\nindex          ready\n")) << table;
}

TEST_F(SearchConfigCommands, AreListedWithoutANamespace) {
  EXPECT_EQ(done({"search-config", "b", "--text", "title", "--text", "[*]"}).substr(0, 4), "FACT");
  done({"search-config", "", "--conversation"});
  const auto lines = json_lines(done({"search-config", "--json"}));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["namespace"], "");
  EXPECT_EQ(lines[1]["namespace"], "b");
  EXPECT_EQ(lines[1]["config"]["fields"][1]["path"], "[*]");
  const auto table = lines_of(done({"search-config"}));
  ASSERT_EQ(table.size(), 3U);
  EXPECT_TRUE(table[2].ends_with("english   ready  title, [*]")) << table[2];
  EXPECT_EQ(json::parse(done({"search-config", "b/c", "--json"}))["namespace"], "b");
  EXPECT_EQ(json::parse(done({"search-config", "bc", "--json"}))["namespace"], "");
}

TEST_F(SearchConfigCommands, AbsenceIsExitCodeOne) {
  done({"set", "notes", "k", "1"});
  EXPECT_EQ(done({"search-config"}), "");
  EXPECT_TRUE(contains(refused(1, {"search-config", "notes"}), "search-config 'notes'"));
}

TEST_F(SearchConfigCommands, WrongOnesAreRefusedBeforeAStoreIsMade) {
  EXPECT_TRUE(
      contains(refused(2, {"search-config", "n", "--set", R"({"saturation":0})"}), "saturation"));
  EXPECT_TRUE(contains(refused(2, {"search-config", "n", "--text", "a[x]"}), "a[x]"));
  EXPECT_TRUE(contains(refused(2, {"search-config", "n", "--text", "a", "--language", "klingon"}),
                       "klingon"));
  refused(2, {"search-config", "n", "--text", "a", "--conversation"});
  refused(2, {"search-config", "n", "--remove", "--conversation"});
  refused(2, {"search-config", "n", "--language", "german"});
  refused(2, {"search-config", "--conversation"});
  refused(2, {"search-config", "--remove"});
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SearchConfigCommands, ReindexSaysHowManyEntriesItIndexed) {
  fill();
  EXPECT_EQ(done({"reindex", "users/42"}), "4 entries indexed\n");
  EXPECT_EQ(done({"reindex", "users/42", "--json"}), "4\n");
  EXPECT_TRUE(contains(refused(3, {"reindex", "users/42/chats"}), "users/42"));
}

TEST_F(SearchConfigCommands, AnIndexOfAnotherVersionAsksToBeMadeAnew) {
  fill();
  damage("UPDATE search_configuration SET version = 'another'");
  EXPECT_TRUE(
      contains(refused(3, {"search", "users/42", "canoe"}), "`holdfast reindex 'users/42'`"));
  EXPECT_TRUE(contains(done({"search-config", "users/42"}), "has to be made anew"));
  const RunResult check = run({"check"});
  EXPECT_EQ(check.exit_code, 3);
  EXPECT_TRUE(contains(check.out, "has to be made anew (holdfast reindex 'users/42')"))
      << check.out;
  const RunResult as_json = run({"check", "--json"});
  EXPECT_EQ(json::parse(as_json.out)["search"][0]["needs_reindex"], true);
  EXPECT_EQ(json::parse(as_json.out)["ok"], false);
  done({"reindex", "users/42"});
  EXPECT_EQ(found({"users/42", "canoe", "-r", "--limit", "1"}), Keys{"d"});
  EXPECT_EQ(run({"check"}).exit_code, 0);
}

TEST_F(SearchConfigCommands, CheckComparesIndexesWithTheEntries) {
  fill();
  done({"search-config", "notes", "--text", ""});
  EXPECT_EQ(done({"check"}),
            "ok\nsearch index of notes: ok, 0 entries\nsearch index of users/42: ok, 4 entries\n");
  const json report = json::parse(done({"check", "--json"}));
  EXPECT_EQ(report["ok"], true);
  EXPECT_EQ(report["search"][1]["entries"], 4);
  EXPECT_EQ(report["search"][1]["namespace"], "users/42");
  damage("DELETE FROM search_block WHERE term <> ''");
  const RunResult damaged = run({"check"});
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_TRUE(contains(damaged.out, "\nsearch index of users/42: ")) << damaged.out;
  EXPECT_TRUE(damaged.err.starts_with("holdfast: the store is damaged: ")) << damaged.err;
  const json problems = json::parse(run({"check", "--json"}).out)["search"][1];
  EXPECT_EQ(problems["ok"], false);
  EXPECT_FALSE(problems["problems"].empty());
  done({"reindex", "users/42"});
  EXPECT_EQ(run({"check"}).exit_code, 0);
}

}  // namespace
}  // namespace holdfast::test
