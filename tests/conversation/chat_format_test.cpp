// Reading chat files: both forms, their tolerances, and errors that name the line.
#include "holdfast/chat_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

// Text and line of each message.
std::vector<std::pair<std::string, std::size_t>> read(const std::string& text) {
  std::istringstream input(text);
  std::vector<std::pair<std::string, std::size_t>> messages;
  const std::size_t number = read_chat(input, [&](const Message& message, ChatPosition position) {
    messages.emplace_back(message.text(), position.line);
    EXPECT_EQ(position.message, messages.size());
  });
  EXPECT_EQ(number, messages.size());
  return messages;
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
  ADD_FAILURE() << "taken: " << text.substr(0, 200);
  return "";
}

const std::string one = R"({"role":"user","content":"one"})";
const std::string two = R"({"role":"assistant","content":"two"})";

TEST(ChatFormat, ReadsJsonLines) {
  EXPECT_THAT(read(one + "\n" + two + "\n"), ElementsAre(Pair("one", 1), Pair("two", 2)));
}

TEST(ChatFormat, LastLineNeedsNoEnd) {
  EXPECT_THAT(read(one + "\n" + two), ElementsAre(Pair("one", 1), Pair("two", 2)));
}

TEST(ChatFormat, SkipsEmptyLinesAndTakesCarriageReturns) {
  EXPECT_THAT(read("\r\n" + one + "\r\n \t\r\n\n" + two + "\r\n\r\n"),
              ElementsAre(Pair("one", 2), Pair("two", 5)));
}

TEST(ChatFormat, SkipsAByteOrderMark) {
  EXPECT_THAT(read("\xEF\xBB\xBF" + one), ElementsAre(Pair("one", 1)));
  EXPECT_THAT(read("\xEF\xBB\xBF[" + one + "]"), ElementsAre(Pair("one", 1)));
}

TEST(ChatFormat, NothingIsNoMessages) {
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("\xEF\xBB\xBF\r\n \n"), ElementsAre());
  EXPECT_THAT(read("[]"), ElementsAre());
  EXPECT_THAT(read(" [ \n ] \n"), ElementsAre());
}

TEST(ChatFormat, ReadsAnArrayOverManyLines) {
  EXPECT_THAT(
      read("[\n  {\n    \"role\": \"user\",\n    \"content\": \"a,]}\\\"[{\"\n  }\n  ,\n  " + two +
           "\n]\n"),
      ElementsAre(Pair("a,]}\"[{", 2), Pair("two", 7)));
}

TEST(ChatFormat, ReadsMessagesWithNestedListsFromAnArray) {
  const std::string parts =
      R"({"role":"user","content":[{"type":"text","text":"x\\"},{"type":"text","text":"]"}]})";
  EXPECT_THAT(read("[" + parts + "," + one + "]"), ElementsAre(Pair("x\\]", 1), Pair("one", 1)));
}

TEST(ChatFormat, ReadsWhatIsLongerThanAnyBuffer) {
  const std::string long_text(300'000, 'x');
  const std::string message = R"({"role":"user","content":")" + long_text + "\"}";
  EXPECT_THAT(read(message + "\n" + message + "\n"),
              ElementsAre(Pair(long_text, 1), Pair(long_text, 2)));
  EXPECT_THAT(read("[" + message + ",\n" + message + "]"),
              ElementsAre(Pair(long_text, 1), Pair(long_text, 2)));
}

TEST(ChatFormat, ReadsTheMessagesOfARequest) {
  EXPECT_THAT(read(R"({"model":"m","messages":[)" + one + "," + two + R"(],"n":[{}]})"),
              ElementsAre(Pair("one", 1), Pair("two", 1)));
  const std::string tools = R"("tools" : [{"messages":[1]}, "],\"messages\":["])";
  EXPECT_THAT(read("{\n " + tools + ",\n \"messages\" : [\n" + one + "\n,\n" + two + "\n]\n}\n"),
              ElementsAre(Pair("one", 4), Pair("two", 6)));
  EXPECT_THAT(read(R"({"messages":[]})"), ElementsAre());
}

TEST(ChatFormat, RequestsMustBeWholeAndAlone) {
  const std::string request = R"({"messages":[)" + one + "]";
  EXPECT_THAT(refusal(request), StartsWith("line 1: the text ends within the request"));
  EXPECT_THAT(refusal(request + "}\n" + request + "}"),
              StartsWith("line 2: there is text after the request"));
  EXPECT_THAT(refusal("{\n\"role\":\"user\",\"content\":\"one\"}"),
              StartsWith("line 1: the message goes on after the end of the line"));
}

TEST(ChatFormat, ErrorsNameTheLine) {
  EXPECT_THAT(refusal(one + "\n\n{\"role\":\"robot\",\"content\":\"x\"}\n"),
              StartsWith("line 3: "));
  EXPECT_THAT(refusal(one + "\n" + one.substr(0, 20)), StartsWith("line 2: "));
  EXPECT_THAT(refusal(one + "\nnonsense\n"), StartsWith("line 2: "));
  EXPECT_THAT(refusal(one + "\n[" + one + "]\n"), StartsWith("line 2: "));
  EXPECT_THAT(refusal("[\n" + one + ",\n5\n]"), StartsWith("line 3: "));
  EXPECT_THAT(refusal("{\n\"role\":\"user\",\n\"content\":\"x\"}"),
              testing::AllOf(StartsWith("line 1: "), HasSubstr("one line")));
}

TEST(ChatFormat, ArraysMustBeWhole) {
  EXPECT_THAT(refusal("[" + one), StartsWith("line 1: "));
  EXPECT_THAT(refusal("[\n" + one + ",\n"), StartsWith("line 3: "));
  EXPECT_THAT(refusal("[" + one + ",]"), StartsWith("line 1: "));
  EXPECT_THAT(refusal("[," + one + "]"), StartsWith("line 1: "));
  EXPECT_THAT(refusal("[" + one + " " + two + "]"), StartsWith("line 1: "));
  EXPECT_THAT(refusal("[" + one + "]\n" + two), StartsWith("line 2: there is text after"));
  EXPECT_THAT(refusal("[" + one + "}]"), StartsWith("line 1: "));
  EXPECT_THAT(refusal("["), StartsWith("line 1: "));
  EXPECT_THAT(refusal("[\"\\"), StartsWith("line 1: "));
}

TEST(ChatFormat, RefusesHostileText) {
  refusal(std::string(1'000'000, '['));
  refusal("[" + std::string(1'000'000, '{') + "]");
  refusal("[" + std::string(100'000, ']'));
  refusal(std::string("\0\0\0", 3));
  refusal("\xFF\xFE{\0");
  refusal("{\"role\":\"user\",\"content\":\"\xED\xA0\x80\"}");
}

TEST(ChatFormat, RefusesAMessageThatNeverEnds) {
  std::string endless = one + "\n{\"role\":\"user\",\"content\":\"";
  endless.append(6 * max_value_bytes, 'x');
  EXPECT_THAT(refusal(endless), StartsWith("line 2: the message's text is longer than"));
}

TEST(ChatFormat, WhatComesBeforeAnErrorWasGivenAlready) {
  std::istringstream input(one + "\nbad\n");
  int messages = 0;
  EXPECT_THROW(read_chat(input, [&](const Message&, ChatPosition) { ++messages; }), Error);
  EXPECT_EQ(messages, 1);
}

TEST(ChatFormat, ExceptionsOfTheCallbackPassThrough) {
  std::istringstream input(one);
  EXPECT_THROW(
      read_chat(input, [](const Message&, ChatPosition) { throw std::length_error("enough"); }),
      std::length_error);
}

TEST(ChatFormat, AFileThatCannotBeReadIsUnavailable) {
  std::ifstream missing("/nonexistent/chat.jsonl");
  try {
    read_chat(missing, [](const Message&, ChatPosition) {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
  }
}

TEST(ChatFormat, ReadsTheSampleConversation) {
  std::ifstream input(HOLDFAST_SAMPLE_CONVERSATION);
  std::size_t calls = 0;
  std::size_t results = 0;
  const std::size_t messages = read_chat(input, [&](const Message& message, ChatPosition) {
    calls += message.tool_calls().size();
    if (message.is_result()) ++results;
  });
  EXPECT_GE(messages, 240U);
  EXPECT_LE(messages, 320U);
  EXPECT_GE(calls, 50U);
  EXPECT_EQ(calls, results);
}

}  // namespace
}  // namespace holdfast
