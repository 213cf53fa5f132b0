// Appending: order, ids, atomicity, and JSON that comes back unchanged.
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>

#include "holdfast/chat_format.hpp"
#include "holdfast/error.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class AppendTest : public OnEachStore {
 protected:
  Conversation chat_{memory_, "users/ada/chat"};
};
INSTANTIATE_TEST_SUITE_P(Stores, AppendTest, stores, name_of_store);

TEST_P(AppendTest, MessagesComeBackInTheOrderOfAppending) {
  chat_.append(user("one"));
  chat_.append(std::vector{assistant("two"), user("three")});
  chat_.append(assistant("four"));
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("one", "two", "three", "four"));
  EXPECT_EQ(chat_.count(), 4U);
}

TEST_P(AppendTest, ClockSetBackDoesNotChangeTheOrder) {
  chat_.append(Message::user("question"));
  clock_->advance(-1h);
  chat_.append(Message::assistant("answer"));
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("question", "answer"));
}

TEST_P(AppendTest, OrderOfIdsDoesNotChangeTheOrder) {
  chat_.append(std::vector{user("z"), user("a"), user("m")});
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("z", "a", "m"));
}

TEST_P(AppendTest, GeneratedIdIsTheKeyAndNotInTheJson) {
  const Appended appended = chat_.append(Message::user("hello"));
  EXPECT_TRUE(appended.is_new);
  const auto message = chat_.get(appended.id);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id(), appended.id);
  EXPECT_EQ(message->json(), Message::user("hello").json());
  EXPECT_EQ(message->to_json(), message->json().with("id", appended.id));
  EXPECT_EQ(memory_.get("users/ada/chat", appended.id), Message::user("hello").json());
}

TEST_P(AppendTest, MessageCarriesItsPlaceAndTime) {
  const auto message = chat_.get(chat_.append(Message::user("hello"), {.ttl = 1min}).id);
  ASSERT_TRUE(message);
  EXPECT_GT(message->created_revision(), 0);
  EXPECT_EQ(message->revision(), message->created_revision());
  EXPECT_EQ(message->created_at(), clock_->now());
  EXPECT_EQ(message->expires_at(), clock_->now() + 1min);
}

TEST_P(AppendTest, IdThatIsThereAlreadyChangesNothing) {
  chat_.append(user("a"));
  const auto before = memory_.get_entry("users/ada/chat", "a");
  const Appended again = chat_.append(Message::user("other text").with_id("a"));
  EXPECT_EQ(again.id, "a");
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(memory_.get_entry("users/ada/chat", "a"), before);
}

TEST_P(AppendTest, AppendOfManySaysWhichWereNew) {
  chat_.append(user("b"));
  const auto appended = chat_.append(std::vector{user("a"), user("b"), user("c"), user("a")});
  std::vector<bool> is_new;
  for (const Appended& each : appended) is_new.push_back(each.is_new);
  EXPECT_THAT(is_new, ElementsAre(true, false, true, false));
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("b", "a", "c"));
}

TEST_P(AppendTest, AppendOfNothingChangesNothing) {
  EXPECT_TRUE(chat_.append(std::span<const Message>()).empty());
  EXPECT_EQ(chat_.count(), 0U);
}

TEST_P(AppendTest, AppendOfManyIsAllOrNothing) {
  const std::string too_long(max_value_bytes, 'x');
  const std::vector messages{user("a"), Message::user(too_long), user("c")};
  EXPECT_THROW(chat_.append(messages), Error);
  EXPECT_EQ(chat_.count(), 0U);
}

TEST_P(AppendTest, GeneratedIdThatIsTakenIsMadeAgain) {
  std::uint64_t calls = 0;
  // The clock jumps back for each new source, so that only the random bits tell ids apart.
  const auto random = [&calls] { return calls++ / 2; };
  const auto ids = std::make_shared<MessageIdSource>(clock_, random);
  const auto same_ids = std::make_shared<MessageIdSource>(clock_, [] { return 0U; });
  Conversation first(memory_, "c", ids);
  Conversation second(memory_, "c", same_ids);
  const std::string id = first.append(Message::user("one")).id;
  const Appended other = second.append(Message::user("two"));
  EXPECT_TRUE(other.is_new);
  EXPECT_NE(other.id, id);
  EXPECT_THAT(texts(first.last(10)), ElementsAre("one", "two"));
}

TEST_P(AppendTest, ExpiredMessagesAreGone) {
  chat_.append(user("brief"), {.ttl = 10s});
  chat_.append(user("lasting"));
  clock_->advance(10s);
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("lasting"));
  EXPECT_EQ(chat_.count(), 1U);
  EXPECT_FALSE(chat_.get("brief"));
  EXPECT_TRUE(chat_.append(user("brief")).is_new);
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("lasting", "brief"));
}

TEST_P(AppendTest, MessagesCanBeFilteredByTheirJson) {
  chat_.append(std::vector{user("q"), calling("c", {"1"}), result_of("1", "r")});
  MemoryQuery query;
  query.scope.ns = "users/ada/chat";
  query.filter = Filter::parse(R"({"role":"tool"})");
  EXPECT_EQ(memory_.query(query).entries.size(), 1U);
  query.filter = Filter::parse(R"({"tool_calls[0].function.name":"look_up"})");
  EXPECT_EQ(memory_.query(query).entries.size(), 1U);
}

TEST_P(AppendTest, SampleConversationComesBackEqual) {
  std::vector<Message> sample;
  std::ifstream input(HOLDFAST_SAMPLE_CONVERSATION);
  read_chat(input, [&](Message message, ChatPosition) { sample.push_back(std::move(message)); });
  chat_.append(sample);
  EXPECT_EQ(chat_.last(1000), sample);
  for (const Appended& again : chat_.append(sample)) EXPECT_FALSE(again.is_new);
  EXPECT_EQ(chat_.count(), sample.size());
}

TEST_P(AppendTest, OtherNamespacesArePartOfNoConversation) {
  chat_.append(user("mine"));
  Conversation(memory_, "users/ada/chat/deeper").append(user("deeper"));
  Conversation(memory_, "users/ada/chat2").append(user("beside"));
  EXPECT_THAT(texts(chat_.last(10)), ElementsAre("mine"));
  EXPECT_EQ(chat_.count(), 1U);
}

TEST_P(AppendTest, ReservedNamespaceIsRefused) {
  Conversation reserved(memory_, "$holdfast/chat");
  EXPECT_THROW(reserved.append(user("x")), Error);
  EXPECT_THROW(Conversation(memory_, "c", nullptr), Error);
}

}  // namespace
}  // namespace holdfast
