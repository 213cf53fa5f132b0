// Searching in a conversation, and what stands around the hits.
#include <gmock/gmock.h>

#include <algorithm>

#include "counting_backend.hpp"
#include "holdfast/error.hpp"
#include "holdfast/in_memory.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConversationSearchTest : public OnEachStore {
 protected:
  void append(const std::vector<std::string>& said) {
    std::vector<Message> messages;
    for (const std::string& text : said) {
      messages.push_back((messages.size() % 2 == 0 ? Message::user(text) : Message::assistant(text))
                             .with_id(std::to_string(messages.size())));
    }
    chat_.append(messages);
  }

  std::vector<std::string> found(const MessageSearch& search) {
    std::vector<std::string> result;
    for (const MessageHit& hit : chat_.search(search).hits) result.push_back(hit.message.text());
    return result;
  }

  ErrorCode code_of(const MessageSearch& search) {
    try {
      static_cast<void>(chat_.search(search));
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  }

  Conversation chat_{memory_, "users/7/chats/1"};
};
INSTANTIATE_TEST_SUITE_P(Stores, ConversationSearchTest, stores, name_of_store);

const std::vector<std::string> talk = {"Hello.", "Hi, how are you?", "My canoe is red.",
                                       "A fine colour.", "It has two paddles."};

TEST_P(ConversationSearchTest, FindsWhatWasThereBeforeAndWhatComesLater) {
  append(talk);
  EXPECT_TRUE(chat_.make_searchable());
  EXPECT_EQ(found({.text = "canoes", .limit = 1}), std::vector<std::string>{"My canoe is red."});
  chat_.append(Message::user("I sold the canoe, though it was a good canoe."));
  EXPECT_THAT(found({.text = "canoe", .limit = 2}),
              ElementsAre("I sold the canoe, though it was a good canoe.", "My canoe is red."));
}

TEST_P(ConversationSearchTest, IsMadeSearchableOnce) {
  EXPECT_TRUE(chat_.make_searchable());
  EXPECT_FALSE(chat_.make_searchable());
  ASSERT_EQ(memory_.search_configurations().size(), 1U);
  EXPECT_EQ(memory_.search_configurations()[0].config, SearchConfig::conversation());
}

TEST_P(ConversationSearchTest, StaysUnderTheConfigurationThatGovernsIt) {
  append(talk);
  memory_.configure_search("users/7", SearchConfig::texts({"content"}));
  EXPECT_FALSE(chat_.make_searchable());
  ASSERT_EQ(memory_.search_configurations().size(), 1U);
  EXPECT_THAT(found({.text = "canoe"}), ElementsAre("My canoe is red."));
  Conversation namesake(memory_, "users/71/chats/1");
  EXPECT_TRUE(namesake.make_searchable());
}

TEST_P(ConversationSearchTest, IsRefusedWhereNothingIsSearchable) {
  append(talk);
  EXPECT_EQ(code_of({.text = "canoe"}), ErrorCode::failed_precondition);
}

TEST_P(ConversationSearchTest, FindsNothingOfOtherConversations) {
  memory_.configure_search("users/7", SearchConfig::conversation());
  append(talk);
  Conversation other(memory_, "users/7/chats/2");
  other.append(Message::user("A canoe, a canoe!"));
  Conversation below(memory_, "users/7/chats/1/draft");
  below.append(Message::user("A canoe, a canoe!"));
  EXPECT_THAT(found({.text = "canoe", .limit = 1}), ElementsAre("My canoe is red."));
}

TEST_P(ConversationSearchTest, GivesTheMessagesAroundEachHit) {
  append(talk);
  chat_.make_searchable();
  const auto page = chat_.search({.text = "canoe", .limit = 1, .around = 2});
  ASSERT_EQ(page.hits.size(), 1U);
  EXPECT_THAT(ids(page.hits[0].before), ElementsAre("0", "1"));
  EXPECT_EQ(page.hits[0].message.id(), "2");
  EXPECT_THAT(ids(page.hits[0].after), ElementsAre("3", "4"));
  const auto wide = chat_.search({.text = "paddles", .limit = 1, .around = 3});
  EXPECT_THAT(ids(wide.hits[0].before), ElementsAre("1", "2", "3"));
  EXPECT_THAT(ids(wide.hits[0].after), IsEmpty());
  const auto bare = chat_.search({.text = "canoe", .limit = 1});
  EXPECT_THAT(bare.hits[0].before, IsEmpty());
  EXPECT_THAT(bare.hits[0].after, IsEmpty());
}

TEST_P(ConversationSearchTest, AroundFollowsTheConversationAndNotTheFilter) {
  append(talk);
  chat_.make_searchable();
  const auto page = chat_.search({.text = "canoe colour paddles",
                                  .filter = Filter::parse(R"({"role":"assistant"})"),
                                  .around = 1});
  ASSERT_FALSE(page.hits.empty());
  EXPECT_EQ(page.hits[0].message.id(), "3");
  EXPECT_THAT(ids(page.hits[0].before), ElementsAre("2"));
  EXPECT_THAT(ids(page.hits[0].after), ElementsAre("4"));
  for (const MessageHit& hit : page.hits) EXPECT_EQ(hit.message.role(), Role::assistant);
}

TEST_P(ConversationSearchTest, PagesMeetEveryHitOnce) {
  append({"a canoe", "one canoe", "two canoes", "the canoe", "no canoe", "canoe"});
  chat_.make_searchable();
  const std::vector<std::string> all = found({.text = "canoe"});
  EXPECT_EQ(all.size(), 6U);
  std::vector<std::string> seen;
  MessageSearch search{.text = "canoe", .limit = 1};
  do {
    const MessageSearchPage page = chat_.search(search);
    for (const MessageHit& hit : page.hits) seen.push_back(hit.message.text());
    search.cursor = page.cursor;
    search.limit = 2;
    search.around = 1;
  } while (!search.cursor.empty());
  EXPECT_EQ(seen, all);
}

TEST_P(ConversationSearchTest, ExplainsAScoreOnRequest) {
  append(talk);
  chat_.make_searchable();
  EXPECT_FALSE(chat_.search({.text = "canoe", .limit = 1}).hits[0].explanation);
  const MessageHit hit = chat_.search({.text = "canoe", .limit = 1, .explain = true}).hits[0];
  ASSERT_TRUE(hit.explanation);
  EXPECT_EQ(hit.explanation->score, hit.score);
  EXPECT_EQ(hit.explanation->terms[0].term, "cano");
}

TEST_P(ConversationSearchTest, EditedAndErasedMessagesAreFoundAsTheyAre) {
  append(talk);
  chat_.make_searchable();
  chat_.edit("2", Message::user("My kayak is red."));
  chat_.erase("4");
  EXPECT_THAT(found({.text = "canoe"}), IsEmpty());
  EXPECT_THAT(found({.text = "kayak", .limit = 1}), ElementsAre("My kayak is red."));
  EXPECT_THAT(found({.text = "paddles"}), IsEmpty());
}

TEST_P(ConversationSearchTest, WrongSearchesAreRefused) {
  append(talk);
  chat_.make_searchable();
  EXPECT_EQ(code_of({.text = "a", .limit = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.text = "a", .around = MessageSearch::max_around + 1}),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.text = "a", .cursor = "nonsense"}), ErrorCode::invalid_argument);
  const std::string cursor = chat_.search({.text = "red", .limit = 1}).cursor;
  EXPECT_EQ(code_of({.text = "canoe", .cursor = cursor}), ErrorCode::invalid_argument);
}

TEST(ConversationSearchCost, ReadsWhatStandsAroundAndNoOthers) {
  auto counters = std::make_shared<RowCounter>();
  Memory memory(std::make_unique<CountingBackend>(make_in_memory_backend(), counters));
  Conversation chat(memory, "chat");
  std::vector<Message> messages;
  for (int i = 0; i < 5000; ++i) {
    messages.push_back(user(i % 1000 == 500 ? "canoe" : "word").with_id(std::to_string(i)));
  }
  chat.append(messages);
  chat.make_searchable();
  counters->rows = 0;
  const auto page = chat.search({.text = "canoe", .limit = 3, .around = 4});
  EXPECT_EQ(page.hits.size(), 3U);
  EXPECT_LE(counters->rows, 3U * 2U * 5U);  // Of each side one more, to know whether it goes on.
}

}  // namespace
}  // namespace holdfast
