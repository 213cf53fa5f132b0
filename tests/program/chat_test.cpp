// chat import, show, list.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class ChatCommands : public ProgramTest {
 protected:
  const std::vector<std::string> messages_{
      R"({"role":"system","content":"Be brief."})",
      R"({"role":"user","content":[{"type":"text","text":"Weather in Oslo?"}],"name":"ada"})",
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
      R"("function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]})",
      R"({"role":"tool","tool_call_id":"c1","content":"rain"})",
      R"({"role":"assistant","content":"Rain, 7 °C.","metadata":{"model":"m"}})"};

  [[nodiscard]] std::string as_lines() const {
    std::string text;
    for (const std::string& message : messages_) text += message + "\n";
    return text;
  }
  [[nodiscard]] std::string as_array() const {
    json array = json::array();
    for (const std::string& message : messages_) array.push_back(json::parse(message));
    return array.dump(2);
  }
  [[nodiscard]] std::vector<json> expected(std::size_t from = 0) const {
    std::vector<json> result;
    for (std::size_t i = from; i < messages_.size(); ++i) {
      result.push_back(json::parse(messages_[i]));
    }
    return result;
  }
};

TEST_F(ChatCommands, JsonLinesComeBackUnchangedAndInOrder) {
  const std::string file = write_file("chat.jsonl", as_lines());
  EXPECT_EQ(done({"chat", "import", "users/42/chats/1", file}), "5 messages imported\n");
  EXPECT_EQ(json_lines(done({"chat", "show", "users/42/chats/1", "--json"})), expected());
}

TEST_F(ChatCommands, AnArrayComesBackUnchangedAndInOrder) {
  const std::string file = write_file("chat.json", as_array());
  EXPECT_EQ(done({"chat", "import", "c", file, "--json"}),
            "{\"imported\":5,\"there_already\":0}\n");
  EXPECT_EQ(json_lines(done({"chat", "show", "c", "--json"})), expected());
}

TEST_F(ChatCommands, StandardInputIsReadForADash) {
  EXPECT_EQ(done({"chat", "import", "c", "-"}, as_lines()), "5 messages imported\n");
  EXPECT_EQ(done({"count", "c"}), "5\n");
}

TEST_F(ChatCommands, LastGivesTheNewestOldestFirst) {
  done({"chat", "import", "c", "-"}, as_lines());
  EXPECT_EQ(json_lines(done({"chat", "show", "c", "--last", "2", "--json"})), expected(3));
  EXPECT_EQ(json_lines(done({"chat", "show", "c", "--last", "99", "--json"})), expected());
  EXPECT_EQ(done({"chat", "show", "c", "--last", "0"}), "");
}

TEST_F(ChatCommands, LongConversationsAreShownWhole) {
  std::string text;
  for (int i = 0; i < 1234; ++i) {
    text += R"({"role":"user","content":"message )" + std::to_string(i) + "\"}\n";
  }
  done({"chat", "import", "c", "-"}, text);
  const auto shown = json_lines(done({"chat", "show", "c", "--json"}));
  ASSERT_EQ(shown.size(), 1234U);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    ASSERT_EQ(shown[i]["content"], "message " + std::to_string(i));
  }
}

TEST_F(ChatCommands, PeopleSeeRolesTextAndCalls) {
  done({"chat", "import", "c", "-"}, as_lines());
  const std::string shown = done({"chat", "show", "c"});
  EXPECT_NE(shown.find("  user (ada)\n  Weather in Oslo?\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("  calls weather({\"city\":\"Oslo\"}) as c1\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("  tool for c1\n  rain\n"), std::string::npos) << shown;
}

TEST_F(ChatCommands, MessagesWithAnIdAreImportedOnce) {
  const std::string text = R"({"role":"user","content":"x","id":"m1"})"
                           "\n";
  EXPECT_EQ(done({"chat", "import", "c", "-"}, text), "1 message imported\n");
  EXPECT_EQ(done({"chat", "import", "c", "-"}, text), "0 messages imported, 1 was there already\n");
  EXPECT_EQ(done({"count", "c"}), "1\n");
}

TEST_F(ChatCommands, ListNamesConversationsAndTheirLength) {
  done({"chat", "import", "users/42/chats/1", "-"}, as_lines());
  done({"chat", "import", "users/42/chats/2", "-"}, messages_[0]);
  done({"set", "facts", "k", "1"});
  const auto all = json_lines(done({"chat", "list", "--json"}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["namespace"], "users/42/chats/1");
  EXPECT_EQ(all[0]["messages"], 5);
  EXPECT_LE(all[0]["first_at"].get<std::int64_t>(), all[0]["last_at"].get<std::int64_t>());
  EXPECT_EQ(json_lines(done({"chat", "list", "users/42/chats/2", "--json"})).size(), 1U);
  EXPECT_TRUE(done({"chat", "list"}).starts_with("CONVERSATION      MESSAGES  FIRST"));
}

TEST_F(ChatCommands, WrongFilesAreRefusedWithTheirLineAndNothingIsWritten) {
  const auto check = [&](const std::string& text) {
    const std::string file = write_file("bad.jsonl", messages_[0] + "\n" + text + "\n");
    const std::string why = refused(2, {"chat", "import", "c", file});
    EXPECT_NE(why.find("line 2"), std::string::npos) << why;
    EXPECT_FALSE(std::filesystem::exists(path("m.db")));
  };
  check("{\"role\":\"user\"");
  check("{\"role\":\"nobody\",\"content\":\"x\"}");
  check("{\"content\":\"x\"}");
  check("17");
  check(std::string(1000, '['));
  check("{\"role\":\"user\",\"content\":\"\xff\"}");
  EXPECT_EQ(run({"chat", "import", "c", "-"}, as_array().substr(0, 200)).exit_code, 2);
  refused(2, {"chat", "import", "c", path("nothing.jsonl")});
}

TEST_F(ChatCommands, ShowingANamespaceThatHoldsNoMessagesSaysSo) {
  done({"set", "facts", "k", "1"});
  refused(3, {"chat", "show", "facts", "--json"});
  EXPECT_EQ(done({"chat", "show", "empty", "--json"}), "");
}

}  // namespace
}  // namespace holdfast::test
