// Chat messages: what is taken, what is refused, and that JSON comes out as it went in.
#include "holdfast/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(std::string_view json) {
  try {
    static_cast<void>(Message::parse(json));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
  ADD_FAILURE() << "taken: " << json;
  return "";
}

TEST(Message, TextMessageHasRoleAndText) {
  const Message message = Message::parse(R"({"role":"user","content":"Hello"})");
  EXPECT_EQ(message.role(), Role::user);
  EXPECT_EQ(message.text(), "Hello");
  EXPECT_EQ(message.id(), "");
  EXPECT_FALSE(message.name());
  EXPECT_FALSE(message.tokens());
  EXPECT_TRUE(message.metadata().is_null());
  EXPECT_THAT(message.tool_calls(), ElementsAre());
}

TEST(Message, EveryRoleIsKnownByItsName) {
  for (const char* role : {"system", "developer", "user", "assistant", "tool", "function"}) {
    const Message message =
        Message::from_json(MemoryValue::map({{"role", role}, {"content", "x"}}));
    EXPECT_EQ(to_string(message.role()), role);
  }
}

TEST(Message, TextOfPartsIsThatOfAllTextParts) {
  const Message message =
      Message::parse(R"({"role":"user","content":[{"type":"text","text":"What is "},)"
                     R"({"type":"image_url","image_url":{"url":"https://x.example/a.png"}},)"
                     R"({"type":"text","text":"this?"}]})");
  EXPECT_EQ(message.text(), "What is this?");
  EXPECT_EQ(message.content().size(), 3U);
}

TEST(Message, ToolCallsAreReadInOrder) {
  const Message message = Message::parse(
      R"({"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},)"
      R"({"id":"b","type":"custom","custom":{"name":"g","input":"free text"}}]})");
  EXPECT_THAT(message.tool_calls(),
              ElementsAre(ToolCall{"a", "f", "{\"x\":1}"}, ToolCall{"b", "g", "free text"}));
}

TEST(Message, FunctionCallIsAToolCallWithoutId) {
  const Message message = Message::parse(
      R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}})");
  EXPECT_THAT(message.tool_calls(), ElementsAre(ToolCall{"", "f", "{}"}));
}

TEST(Message, ArgumentsGivenAsAnObjectAreReadAsJsonText) {
  const Message message =
      Message::parse(R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"f",)"
                     R"("arguments":{"x":1}}}]})");
  EXPECT_THAT(message.tool_calls(), ElementsAre(ToolCall{"", "f", "{\"x\":1}"}));
}

TEST(Message, ConstructorsGiveTheJsonOfTheChatInterface) {
  EXPECT_EQ(Message::tool_result("call_1", "42").json(),
            MemoryValue::parse(R"({"role":"tool","tool_call_id":"call_1","content":"42"})"));
  EXPECT_EQ(Message::calling({{"call_1", "f", "{}"}}).json(),
            MemoryValue::parse(R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1",)"
                               R"("type":"function","function":{"name":"f","arguments":"{}"}}]})"));
}

TEST(Message, AdditionsStandInTheJsonOnlyWhenGiven) {
  const Message plain = Message::user("x");
  EXPECT_EQ(plain.json().size(), 2U);
  const Message rich =
      plain.with_id("m1").with_tokens(7).with_metadata(MemoryValue::map({{"channel", "phone"}}));
  EXPECT_EQ(rich.id(), "m1");
  EXPECT_EQ(rich.tokens(), 7U);
  EXPECT_EQ(rich.metadata()["channel"], MemoryValue("phone"));
  EXPECT_EQ(rich.to_json(), MemoryValue::parse(R"({"role":"user","content":"x","id":"m1",)"
                                               R"("tokens":7,"metadata":{"channel":"phone"}})"));
  EXPECT_EQ(rich.to_openai(), plain.json());
}

TEST(Message, OtherKindsUnderTheNamesOfAdditionsAreKept) {
  const Message message =
      Message::parse(R"({"role":"user","content":"x","id":17,"tokens":"many","metadata":"none"})");
  EXPECT_EQ(message.id(), "");
  EXPECT_FALSE(message.tokens());
  EXPECT_EQ(message.json().size(), 5U);
  EXPECT_FALSE(Message::parse(R"({"role":"user","content":"x","tokens":-1})").tokens());
}

// One of each kind of message that the chat completions interface knows, and some oddities.
class MessageJson : public testing::TestWithParam<const char*> {};

TEST_P(MessageJson, ComesOutAsItWentIn) {
  const MemoryValue json = MemoryValue::parse(GetParam());
  const Message message = Message::from_json(json);
  EXPECT_EQ(message.json(), json);
  EXPECT_EQ(message.to_json(), json);
  EXPECT_EQ(message.to_openai(), json);
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, MessageJson,
    testing::Values(
        R"({"role":"system","content":"Be kind.","name":"rules"})",
        R"({"role":"developer","content":[{"type":"text","text":"Use metric units."}]})",
        R"({"role":"user","content":""})", R"({"role":"user","content":[],"name":"ann"})",
        R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==",)"
        R"("format":"wav"}},{"type":"file","file":{"file_id":"file-1"}}]})",
        R"({"role":"user","content":"nul \u0000, tab \t, emoji 😀, \u2028 and \"quotes\""})",
        R"({"role":"assistant","content":"Hi","refusal":null,"annotations":[]})",
        R"({"role":"assistant","content":null,"refusal":"I can't help with that."})",
        R"({"role":"assistant","content":[{"type":"refusal","refusal":"No."}]})",
        R"({"role":"assistant","content":null,"audio":{"id":"audio_abc"}})",
        R"({"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":)"
        R"({"name":"f","arguments":"{\"a\": [1, 2.50, 1e400]}"}}]})",
        R"({"role":"assistant","content":null,"tool_calls":[]})",
        R"({"role":"assistant","content":null,"tool_calls":null,"function_call":)"
        R"({"name":"f","arguments":""}})",
        R"({"role":"tool","tool_call_id":"c1","content":"{\"ok\": true}"})",
        R"({"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"part"}]})",
        R"({"role":"function","name":"f","content":null})",
        R"({"role":"user","content":"x","vendor":{"deep":[{"n":1.0},{"n":1},{"n":-0.0}]}})",
        R"({"role":"user","content":"x","blob":{"$bytes":"AAEC"}})",
        R"({"role":"user","content":"x","blob":{"$bytes":"not base64!"}})"));

TEST(MessageRefusal, NamesTheRoleAndWhatIsAllowed) {
  EXPECT_THAT(refusal(R"({"role":"robot","content":"x"})"),
              testing::AllOf(HasSubstr("\"robot\""), HasSubstr("assistant")));
  EXPECT_THAT(refusal(R"({"content":"x"})"), HasSubstr("no role"));
  EXPECT_THAT(refusal(R"({"role":1,"content":"x"})"), HasSubstr("role"));
  EXPECT_THAT(refusal(R"({"role":"User","content":"x"})"), HasSubstr("\"User\""));
}

TEST(MessageRefusal, NamesTheContentThatIsNeither) {
  EXPECT_THAT(refusal(R"({"role":"user","content":5})"), HasSubstr("content"));
  EXPECT_THAT(refusal(R"({"role":"user","content":null})"), HasSubstr("content"));
  EXPECT_THAT(refusal(R"({"role":"user"})"), HasSubstr("content"));
  EXPECT_THAT(refusal(R"({"role":"assistant","content":{}})"), HasSubstr("content"));
  EXPECT_THAT(refusal(R"({"role":"user","content":[{"type":"text"},"x"]})"),
              HasSubstr("content[1]"));
  EXPECT_THAT(refusal(R"({"role":"user","content":[{"text":"x"}]})"),
              HasSubstr("content[0] has no type"));
  EXPECT_THAT(refusal(R"({"role":"user","content":[{"type":1}]})"), HasSubstr("content[0].type"));
}

TEST(MessageRefusal, NamesTheMemberOfAnotherKind) {
  EXPECT_THAT(refusal(R"({"role":"user","content":"x","name":1})"), HasSubstr("name"));
  EXPECT_THAT(refusal(R"({"role":"tool","content":"x","tool_call_id":1})"),
              HasSubstr("tool_call_id"));
  EXPECT_THAT(refusal(R"({"role":"assistant","tool_calls":{}})"), HasSubstr("tool_calls"));
  EXPECT_THAT(refusal(R"({"role":"assistant","tool_calls":[1]})"), HasSubstr("tool_calls[0]"));
  EXPECT_THAT(refusal(R"({"role":"assistant","tool_calls":[{"id":1}]})"),
              HasSubstr("tool_calls[0].id"));
  EXPECT_THAT(refusal(R"({"role":"assistant","function_call":"f"})"), HasSubstr("function_call"));
  EXPECT_THROW(static_cast<void>(Message::user("x").with_metadata("text")), Error);
}

TEST(MessageRefusal, RefusesIdsThatAreNoKeys) {
  const std::string longest(max_key_bytes, 'k');
  EXPECT_EQ(Message::user("x").with_id(longest).id(), longest);
  EXPECT_THROW(static_cast<void>(Message::user("x").with_id(longest + "k")), Error);
  EXPECT_THAT(refusal(R"({"role":"user","content":"x","id":"a\u0000b"})"), HasSubstr("id"));
}

TEST(MessageRefusal, RefusesWhatIsNoMessageAtAll) {
  for (const char* json : {"", "null", "[]", "\"user\"", "{", "{\"role\":\"user\"",
                           "{\"role\":\"user\",\"role\":\"user\",\"content\":\"x\"}"}) {
    refusal(json);
  }
  refusal(std::string(1'000'000, '['));
  refusal("{\"role\":\"user\",\"content\":" + std::string(1'000'000, '['));
  refusal("{\"role\":\"user\",\"content\":\"\xC3\x28\"}");
}

TEST(Message, ResultAnswersTheCallOfItsId) {
  const Message call = Message::calling({{"a", "f", "{}"}, {"b", "g", "{}"}});
  EXPECT_TRUE(answers(Message::tool_result("a", "x"), call));
  EXPECT_TRUE(answers(Message::tool_result("b", "x"), call));
  EXPECT_FALSE(answers(Message::tool_result("c", "x"), call));
  EXPECT_FALSE(answers(Message::user("x"), call));
  EXPECT_FALSE(answers(Message::tool_result("a", "x"), Message::assistant("no call")));
}

TEST(Message, ResultWithAnIdDoesNotAnswerACallWithoutOne) {
  const Message call =
      Message::parse(R"({"role":"assistant","function_call":{"name":"f","arguments":"{}"}})");
  EXPECT_FALSE(answers(Message::tool_result("a", "x"), call));
  EXPECT_TRUE(answers(Message::parse(R"({"role":"tool","content":"x"})"), call));
}

TEST(Message, FunctionMessageAnswersTheCallOfItsName) {
  const Message call =
      Message::parse(R"({"role":"assistant","function_call":{"name":"f","arguments":"{}"}})");
  EXPECT_TRUE(answers(Message::parse(R"({"role":"function","name":"f","content":"1"})"), call));
  EXPECT_FALSE(answers(Message::parse(R"({"role":"function","name":"g","content":"1"})"), call));
}

}  // namespace
}  // namespace holdfast
