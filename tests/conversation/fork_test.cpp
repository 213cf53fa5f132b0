// Forks, and the list of an owner's conversations.
#include <gmock/gmock.h>

#include <chrono>

#include "holdfast/error.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ForkTest : public OnEachStore {
 protected:
  Conversation chat_{memory_, "agent/chat"};
};
INSTANTIATE_TEST_SUITE_P(Stores, ForkTest, stores, name_of_store);

TEST_P(ForkTest, HoldsAllUpToTheMessageWithIdsAndOrder) {
  chat_.append(std::vector{user("z"), assistant("y"), user("x"), assistant("w")});
  Conversation fork = chat_.fork("x", "agent/fork");
  EXPECT_EQ(fork.ns(), Namespace("agent/fork"));
  EXPECT_EQ(fork.last(10), chat_.range("z", "x"));
}

TEST_P(ForkTest, GoesItsOwnWay) {
  chat_.append(std::vector{user("1"), assistant("2")});
  Conversation fork = chat_.fork("2", "agent/fork");
  fork.append(user("other"));
  chat_.append(user("3"));
  fork.edit("1", Message::user("edited"));
  EXPECT_THAT(texts(fork.last(10)), ElementsAre("edited", "2", "other"));
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("1", "2", "3"));
}

TEST_P(ForkTest, KeepsTheOrderOverSteps) {
  std::vector<Message> messages;
  for (int i = 0; i < 2500; ++i) messages.push_back(user(std::to_string(2500 - i)));
  chat_.append(messages);
  EXPECT_EQ(texts(chat_.fork("1", "agent/fork").last(5000)), texts(messages));
}

TEST_P(ForkTest, KeepsDeadlines) {
  chat_.append(user("brief"), {.ttl = 1min});
  chat_.append(user("lasting"));
  clock_->advance(20s);
  Conversation fork = chat_.fork("lasting", "agent/fork");
  EXPECT_EQ(fork.get("brief")->expires_at(), chat_.get("brief")->expires_at());
  EXPECT_FALSE(fork.get("lasting")->expires_at());
  clock_->advance(40s);
  EXPECT_THAT(texts(fork.last(10)), ElementsAre("lasting"));
}

TEST_P(ForkTest, DestinationThatIsNotEmptyIsRefused) {
  chat_.append(user("1"));
  memory_.set("agent/fork", "anything", 1);
  EXPECT_THROW(static_cast<void>(chat_.fork("1", "agent/fork")), Error);
  EXPECT_EQ(memory_.count(Scope{"agent/fork"}), 1U);
  EXPECT_THROW(static_cast<void>(chat_.fork("1", "agent/chat")), Error);
  EXPECT_EQ(chat_.count(), 1U);
}

TEST_P(ForkTest, UnknownMessageIsRefused) {
  chat_.append(user("1"));
  try {
    static_cast<void>(chat_.fork("2", "agent/fork"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
    EXPECT_EQ(error.operation(), "conversation.fork");
  }
  EXPECT_EQ(memory_.count(Scope{"agent/fork"}), 0U);
}

TEST_P(ForkTest, ListShowsConversationsAtAndBelowAnOwner) {
  Conversation(memory_, "users/ada/monday").append(std::vector{user("1"), assistant("2")});
  const Timestamp first = clock_->now();
  clock_->advance(1h);
  Conversation(memory_, "users/ada/monday").append(user("3"));
  Conversation(memory_, "users/ada").append(user("1"));
  Conversation(memory_, "users/adam/monday").append(user("1"));
  memory_.set("users/ada/facts", "colour", "red");
  memory_.set("users/ada/settings", "theme", MemoryValue::map({{"role", "dark"}}));

  const ConversationPage page = list_conversations(memory_, "users/ada");
  ASSERT_EQ(page.conversations.size(), 2U);
  EXPECT_EQ(page.cursor, "");
  EXPECT_EQ(page.conversations[0].ns, Namespace("users/ada"));
  EXPECT_EQ(page.conversations[1].ns, Namespace("users/ada/monday"));
  EXPECT_EQ(page.conversations[1].messages, 3U);
  EXPECT_EQ(page.conversations[1].first_at, first);
  EXPECT_EQ(page.conversations[1].last_at, clock_->now());
}

TEST_P(ForkTest, ListPagesMeetEveryConversationOnce) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(100 + i);
    if (i % 3 == 0) {
      memory_.set(Namespace("owner") / name, "fact", 1);
    } else {
      Conversation(memory_, Namespace("owner") / name).append(user("1"));
    }
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const ConversationPage page = list_conversations(memory_, "owner", 4, cursor);
    EXPECT_LE(page.conversations.size(), 4U);
    for (const auto& each : page.conversations) seen.emplace_back(each.ns.text());
    cursor = page.cursor;
  } while (!cursor.empty());
  EXPECT_EQ(seen.size(), 13U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_THAT(list_conversations(memory_, "nobody").conversations, IsEmpty());
  EXPECT_EQ(list_conversations(memory_, "").conversations.size(), 13U);
  EXPECT_THROW(static_cast<void>(list_conversations(memory_, "owner", 0)), Error);
}

}  // namespace
}  // namespace holdfast
