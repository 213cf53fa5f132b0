// Windows by a budget of tokens.
#include <gmock/gmock.h>

#include "holdfast/error.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WindowTest : public OnEachStore {
 protected:
  void append(const std::vector<Message>& messages) { chat_.append(messages); }
  [[nodiscard]] std::vector<std::string> window(std::size_t max_tokens,
                                                KeepSystem keep = KeepSystem::all) const {
    return texts(chat_.window({.max_tokens = max_tokens, .keep_system = keep}).messages);
  }

  Conversation chat_{memory_, "chat"};
};
INSTANTIATE_TEST_SUITE_P(Stores, WindowTest, stores, name_of_store);

TEST_P(WindowTest, OfAnEmptyConversationIsEmpty) {
  const Window window = chat_.window({.max_tokens = 10});
  EXPECT_THAT(window.messages, IsEmpty());
  EXPECT_EQ(window.tokens, 0U);
  EXPECT_EQ(window.left_out, 0U);
}

TEST_P(WindowTest, HoldsEverythingThatFits) {
  append({system_message("s"), user("1"), assistant("2")});
  const Window window = chat_.window({.max_tokens = 3});
  EXPECT_THAT(texts(window.messages), ElementsAre("s", "1", "2"));
  EXPECT_EQ(window.tokens, 3U);
  EXPECT_EQ(window.left_out, 0U);
}

TEST_P(WindowTest, BeginsAtAUserMessage) {
  append({user("1"), assistant("2"), assistant("3"), user("4"), assistant("5")});
  EXPECT_THAT(window(5), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(window(4), ElementsAre("4", "5"));
  EXPECT_THAT(window(2), ElementsAre("4", "5"));
}

TEST_P(WindowTest, SaysWhatItCostsAndWhatItLeavesOut) {
  append({system_message("s"), user("1"), assistant("2"), user("3"), assistant("4")});
  const Window window = chat_.window({.max_tokens = 4});
  EXPECT_THAT(texts(window.messages), ElementsAre("s", "3", "4"));
  EXPECT_EQ(window.tokens, 3U);
  EXPECT_EQ(window.left_out, 2U);
  EXPECT_EQ(window.system_left_out, 0U);
}

TEST_P(WindowTest, UsesStoredTokensAndTheCounterForTheRest) {
  append({user("stored").with_tokens(10)});
  chat_.append(Message::assistant("counted"));
  std::vector<std::string> counted;
  const Window window = chat_.window({.max_tokens = 100, .count_tokens = [&](const Message& m) {
                                        counted.push_back(m.text());
                                        return m.text().size();
                                      }});
  EXPECT_EQ(window.tokens, 17U);
  EXPECT_THAT(counted, ElementsAre("counted"));
}

TEST_P(WindowTest, MessageWithoutTokensNeedsACounter) {
  chat_.append(Message::user("x"));
  EXPECT_THROW(static_cast<void>(chat_.window({.max_tokens = 100})), Error);
}

TEST_P(WindowTest, ExceptionsOfTheCounterPassThrough) {
  chat_.append(Message::user("x"));
  EXPECT_THROW(static_cast<void>(chat_.window({.max_tokens = 1,
                                               .count_tokens = [](const Message&) -> std::size_t {
                                                 throw std::length_error("no tokenizer");
                                               }})),
               std::length_error);
}

TEST_P(WindowTest, KeepsSystemMessagesInTheirPlaces) {
  append({system_message("s1"), user("1"), system_message("s2"), assistant("2"), user("3"),
          Message::of(Role::developer, "s3").with_tokens(1), assistant("4")});
  EXPECT_THAT(window(5), ElementsAre("s1", "s2", "3", "s3", "4"));
  EXPECT_THAT(window(3, KeepSystem::leading), ElementsAre("s1", "3", "4"));
  EXPECT_THAT(window(4, KeepSystem::leading), ElementsAre("s1", "3", "s3", "4"));
  EXPECT_THAT(window(2, KeepSystem::none), ElementsAre("3", "4"));
}

TEST_P(WindowTest, SystemMessagesAloneOverTheBudgetLeaveNothingElse) {
  append(
      {system_message("s1"), system_message("s2").with_tokens(5), system_message("s3"), user("1")});
  const Window window = chat_.window({.max_tokens = 4});
  EXPECT_THAT(texts(window.messages), ElementsAre("s1"));
  EXPECT_EQ(window.tokens, 1U);
  EXPECT_EQ(window.left_out, 3U);
  EXPECT_EQ(window.system_left_out, 2U);
}

TEST_P(WindowTest, NewestMessageOverTheBudgetLeavesTheSystemMessages) {
  append({system_message("s"), user("1"), assistant("2"), user("3").with_tokens(50)});
  EXPECT_THAT(window(10), ElementsAre("s"));
  EXPECT_THAT(window(0), IsEmpty());
}

TEST_P(WindowTest, NeverHoldsResultsWithoutTheirCall) {
  append({user("1"), calling("2", {"a", "b"}), result_of("a", "3"), result_of("b", "4"),
          assistant("5"), user("6"), assistant("7")});
  for (std::size_t budget = 2; budget < 7; ++budget) {
    EXPECT_THAT(window(budget), ElementsAre("6", "7")) << budget;
  }
  EXPECT_EQ(window(7).size(), 7U);
}

TEST_P(WindowTest, TurnOverTheBudgetKeepsItsQuestionAndItsNewestCalls) {
  append({user("0"), user("1"), calling("2", {"a"}), result_of("a", "3"), calling("4", {"b"}),
          result_of("b", "5"), assistant("6")});
  EXPECT_THAT(window(6), ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(window(5), ElementsAre("1", "4", "5", "6"));
  EXPECT_THAT(window(4), ElementsAre("1", "4", "5", "6"));
  EXPECT_THAT(window(3), ElementsAre("1", "6"));
  EXPECT_THAT(window(1), ElementsAre("6"));
}

TEST_P(WindowTest, QuestionThatDoesNotFitIsLeftOut) {
  append({user("1").with_tokens(50), calling("2", {"a"}), result_of("a", "3"), assistant("4")});
  EXPECT_THAT(window(10), ElementsAre("2", "3", "4"));
  EXPECT_THAT(window(2), ElementsAre("4"));
}

TEST_P(WindowTest, TurnThatWaitsForResultsIsCutBeforeItsCall) {
  append({user("1"), assistant("2"), calling("3", {"a", "b"}), result_of("a", "4")});
  EXPECT_THAT(window(3), ElementsAre("1", "3", "4"));
  EXPECT_THAT(window(2), ElementsAre("3", "4"));
  EXPECT_THAT(window(1), IsEmpty());
}

TEST_P(WindowTest, ResultThatComesAfterAnotherQuestionGoesWithItsCall) {
  append({user("1"), calling("2", {"a"}), user("3"), result_of("a", "4"), assistant("5")});
  EXPECT_THAT(window(5), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(window(4), ElementsAre("3", "5"));
}

TEST_P(WindowTest, OrphanResultsAreLeftOut) {
  append({result_of("x", "0"), user("1"), result_of("y", "2"), assistant("3")});
  const Window window = chat_.window({.max_tokens = 10});
  EXPECT_THAT(texts(window.messages), ElementsAre("1", "3"));
  EXPECT_EQ(window.tokens, 2U);
  EXPECT_EQ(window.left_out, 2U);
}

TEST_P(WindowTest, CallIdsUsedAgainBelongToTheNewestCall) {
  append({user("1"), calling("2", {"a"}), result_of("a", "3"), user("4"), calling("5", {"a"}),
          result_of("a", "6")});
  EXPECT_THAT(window(3), ElementsAre("4", "5", "6"));
}

TEST_P(WindowTest, FunctionMessagesStayWithTheirCall) {
  append({user("1"),
          Message::parse(R"({"role":"assistant","content":"2","tokens":1,)"
                         R"("function_call":{"name":"f","arguments":"{}"}})"),
          Message::parse(R"({"role":"function","name":"f","content":"3","tokens":1})"),
          assistant("4")});
  EXPECT_THAT(window(3), ElementsAre("1", "4"));
  EXPECT_THAT(window(4), ElementsAre("1", "2", "3", "4"));
}

TEST_P(WindowTest, GreetingBeforeTheFirstQuestionIsPartOfTheWhole) {
  append({system_message("s"), assistant("welcome"), user("1"), assistant("2")});
  EXPECT_THAT(window(4), ElementsAre("s", "welcome", "1", "2"));
  EXPECT_THAT(window(3), ElementsAre("s", "1", "2"));
}

TEST_P(WindowTest, ConversationWithoutUserMessagesIsOneTurn) {
  append({assistant("1"), calling("2", {"a"}), result_of("a", "3"), assistant("4")});
  EXPECT_THAT(window(4), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(window(3), ElementsAre("2", "3", "4"));
  EXPECT_THAT(window(2), ElementsAre("4"));
}

TEST_P(WindowTest, HugeCountsDoNotOverflow) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  append({user("1").with_tokens(most), assistant("2").with_tokens(most),
          user("3").with_tokens(most), assistant("4").with_tokens(most)});
  chat_.append(Message::user("5"));
  const auto most_of_all = [](const Message&) { return std::numeric_limits<std::size_t>::max(); };
  EXPECT_THAT(chat_.window({.max_tokens = most, .count_tokens = most_of_all}).messages, IsEmpty());
}

TEST_P(WindowTest, MessageOfNoTokensFitsAnEmptyBudget) {
  append({user("1"), user("2").with_tokens(0)});
  EXPECT_THAT(window(0), ElementsAre("2"));
}

}  // namespace
}  // namespace holdfast
