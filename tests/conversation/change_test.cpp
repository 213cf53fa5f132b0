// Changing what was said: pop, edit, erase, prune, clear.
#include <gmock/gmock.h>

#include <chrono>

#include "holdfast/error.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ChangeTest : public OnEachStore {
 protected:
  void append(const std::vector<Message>& messages) { chat_.append(messages); }
  [[nodiscard]] std::vector<std::string> all() const { return texts(chat_.last(100'000)); }

  Conversation chat_{memory_, "chat"};
};
INSTANTIATE_TEST_SUITE_P(Stores, ChangeTest, stores, name_of_store);

TEST_P(ChangeTest, PopTakesTheNewest) {
  append({user("a"), assistant("b")});
  EXPECT_EQ(chat_.pop()->text(), "b");
  EXPECT_EQ(chat_.pop()->text(), "a");
  EXPECT_FALSE(chat_.pop());
  EXPECT_EQ(chat_.count(), 0U);
}

TEST_P(ChangeTest, PopTakesTheNewestAlsoAfterAnOlderWasEdited) {
  append({user("a"), assistant("b")});
  chat_.edit("a", Message::user("edited"));
  EXPECT_EQ(chat_.pop()->text(), "b");
}

TEST_P(ChangeTest, PopTurnTakesFromTheNewestUserMessageOn) {
  append({user("1"), assistant("2"), user("3"), calling("4", {"c"}), result_of("c", "5"),
          assistant("6")});
  EXPECT_THAT(texts(chat_.pop_turn()), ElementsAre("3", "4", "5", "6"));
  EXPECT_THAT(all(), ElementsAre("1", "2"));
  EXPECT_THAT(texts(chat_.pop_turn()), ElementsAre("1", "2"));
  EXPECT_THAT(chat_.pop_turn(), IsEmpty());
}

TEST_P(ChangeTest, PopTurnWithoutUserMessageTakesNothing) {
  append({system_message("rules"), assistant("hello")});
  EXPECT_THAT(chat_.pop_turn(), IsEmpty());
  EXPECT_EQ(chat_.count(), 2U);
}

TEST_P(ChangeTest, PopTurnGoesOverManyPages) {
  append({user("kept"), user("first")});
  std::vector<Message> rest(500, Message::assistant("x"));
  append(rest);
  EXPECT_EQ(chat_.pop_turn().size(), 501U);
  EXPECT_THAT(all(), ElementsAre("kept"));
}

TEST_P(ChangeTest, EditKeepsIdPlaceAndDeadline) {
  chat_.append(user("a"), {.ttl = 1min});
  append({assistant("b")});
  const Message before = *chat_.get("a");
  EXPECT_TRUE(chat_.edit("a", Message::user("edited")));
  EXPECT_THAT(all(), ElementsAre("edited", "b"));
  const Message after = *chat_.get("a");
  EXPECT_EQ(after.created_revision(), before.created_revision());
  EXPECT_EQ(after.expires_at(), before.expires_at());
  EXPECT_GT(after.revision(), before.revision());
}

TEST_P(ChangeTest, EditOfAMessageReadBeforeWorks) {
  const std::string id = chat_.append(Message::user("draft")).id;
  EXPECT_TRUE(chat_.edit(id, chat_.get(id)->with("content", "final")));
  EXPECT_EQ(chat_.get(id)->json(), Message::user("final").json());
}

TEST_P(ChangeTest, EditOfNothingDoesNothing) {
  EXPECT_FALSE(chat_.edit("a", Message::user("x")));
  EXPECT_EQ(chat_.count(), 0U);
}

TEST_P(ChangeTest, EditIntoAnotherIdIsRefused) {
  append({user("a")});
  EXPECT_THROW(chat_.edit("a", user("b")), Error);
  EXPECT_THAT(all(), ElementsAre("a"));
}

TEST_P(ChangeTest, EraseSaysWhetherThereWasOne) {
  append({user("a"), user("b")});
  EXPECT_TRUE(chat_.erase("a"));
  EXPECT_FALSE(chat_.erase("a"));
  EXPECT_THAT(all(), ElementsAre("b"));
}

TEST_P(ChangeTest, ClearErasesThisConversationAlone) {
  append({user("a"), user("b")});
  Conversation(memory_, "chat/below").append(user("c"));
  EXPECT_EQ(chat_.clear(), 2U);
  EXPECT_EQ(chat_.count(), 0U);
  EXPECT_EQ(memory_.count(Scope{"", true}), 1U);
}

TEST_P(ChangeTest, PruneKeepsTheNewest) {
  append({user("1"), assistant("2"), user("3"), assistant("4"), user("5")});
  EXPECT_EQ(chat_.prune({.keep_last = 2}), 3U);
  EXPECT_THAT(all(), ElementsAre("4", "5"));
  EXPECT_EQ(chat_.prune({.keep_last = 2}), 0U);
  EXPECT_EQ(chat_.prune({.keep_last = 0}), 2U);
  EXPECT_EQ(chat_.count(), 0U);
}

TEST_P(ChangeTest, PruneKeepsSystemMessagesAsTold) {
  const std::vector messages{system_message("s1"), user("1"), system_message("s2"), user("2"),
                             user("3")};
  append(messages);
  EXPECT_EQ(chat_.prune({.keep_last = 1}), 2U);
  EXPECT_THAT(all(), ElementsAre("s1", "s2", "3"));
  chat_.clear();
  append(messages);
  EXPECT_EQ(chat_.prune({.keep_last = 2, .keep_system = KeepSystem::leading}), 2U);
  EXPECT_THAT(all(), ElementsAre("s1", "2", "3"));
  chat_.clear();
  append(messages);
  EXPECT_EQ(chat_.prune({.keep_last = 1, .keep_system = KeepSystem::none}), 4U);
  EXPECT_THAT(all(), ElementsAre("3"));
}

TEST_P(ChangeTest, PruneDoesNotPartCallsFromResults) {
  const std::vector messages{user("1"), calling("2", {"a", "b"}), result_of("a", "3"),
                             result_of("b", "4"), assistant("5")};
  append(messages);
  EXPECT_EQ(chat_.prune({.keep_last = 2}), 1U);
  EXPECT_THAT(all(), ElementsAre("2", "3", "4", "5"));
  EXPECT_EQ(chat_.prune({.keep_last = 1}), 3U);
  chat_.clear();
  append(messages);
  EXPECT_EQ(chat_.prune({.keep_last = 2, .keep_calls_with_results = false}), 3U);
  EXPECT_THAT(all(), ElementsAre("4", "5"));
}

TEST_P(ChangeTest, PruneFollowsCallsThroughInterleavedMessages) {
  append({user("1"), calling("2", {"a"}), user("3"), calling("4", {"b"}), result_of("a", "5"),
          user("6"), result_of("b", "7")});
  EXPECT_EQ(chat_.prune({.keep_last = 2}), 1U);
  EXPECT_THAT(all(), ElementsAre("2", "3", "4", "5", "6", "7"));
}

TEST_P(ChangeTest, PruneGoesOverCallsThatWereNeverAnswered) {
  append({user("1"), calling("2", {"a", "b"}), result_of("a", "3"), user("4"), user("5")});
  EXPECT_EQ(chat_.prune({.keep_last = 1}), 4U);
  EXPECT_THAT(all(), ElementsAre("5"));
}

TEST_P(ChangeTest, PruneBeforeAMessage) {
  append({user("1"), assistant("2"), user("3")});
  EXPECT_EQ(chat_.prune({.before_id = "3"}), 2U);
  EXPECT_THAT(all(), ElementsAre("3"));
  EXPECT_EQ(chat_.prune({.before_id = "3"}), 0U);
  EXPECT_THROW(chat_.prune({.before_id = "gone"}), Error);
}

TEST_P(ChangeTest, PruneByAgeStopsAtTheFirstMessageThatIsYoungEnough) {
  append({user("1")});
  clock_->advance(1h);
  append({user("2")});
  clock_->advance(1h);
  append({user("3")});
  const Timestamp two = *chat_.get("2")->created_at();
  EXPECT_EQ(chat_.prune({.older_than = two}), 1U);
  EXPECT_THAT(all(), ElementsAre("2", "3"));
  EXPECT_EQ(chat_.prune({.older_than = clock_->now() + 1h}), 2U);
}

TEST_P(ChangeTest, PruneByTwoRulesErasesWhatAnyOfThemNames) {
  append({user("1"), user("2"), user("3"), user("4")});
  EXPECT_EQ(chat_.prune({.keep_last = 3, .before_id = "3"}), 2U);
  EXPECT_THAT(all(), ElementsAre("3", "4"));
}

TEST_P(ChangeTest, PruneWithoutARuleIsRefused) {
  append({user("1")});
  EXPECT_THROW(chat_.prune({}), Error);
  EXPECT_EQ(chat_.count(), 1U);
}

TEST_P(ChangeTest, PruneOfALongConversationGoesInSteps) {
  std::vector<Message> messages(25'000, Message::user("x"));
  append(messages);
  append({user("kept")});
  EXPECT_EQ(chat_.prune({.keep_last = 1}), 25'000U);
  EXPECT_THAT(all(), ElementsAre("kept"));
}

}  // namespace
}  // namespace holdfast
