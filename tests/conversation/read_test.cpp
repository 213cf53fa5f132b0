// Reading by place: last, get, pages, ranges, and that no more is read than asked for.
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "counting_backend.hpp"
#include "holdfast/error.hpp"
#include "holdfast/in_memory.hpp"
#include "stores.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReadTest : public OnEachStore {
 protected:
  void append_numbered(int n) {
    std::vector<Message> messages;
    for (int i = 0; i < n; ++i) {
      messages.push_back(i % 2 == 0 ? user(std::to_string(i)) : assistant(std::to_string(i)));
    }
    chat_.append(messages);
  }

  Conversation chat_{memory_, "chat"};
};
INSTANTIATE_TEST_SUITE_P(Stores, ReadTest, stores, name_of_store);

TEST_P(ReadTest, EmptyConversationHasNothing) {
  EXPECT_THAT(chat_.last(5), IsEmpty());
  EXPECT_EQ(chat_.count(), 0U);
  EXPECT_FALSE(chat_.get("x"));
  EXPECT_THAT(chat_.page().messages, IsEmpty());
  EXPECT_EQ(chat_.page().cursor, "");
}

TEST_P(ReadTest, LastGivesTheNewestOldestFirst) {
  append_numbered(10);
  EXPECT_THAT(texts(chat_.last(3)), ElementsAre("7", "8", "9"));
  EXPECT_THAT(chat_.last(0), IsEmpty());
  EXPECT_EQ(chat_.last(std::numeric_limits<std::size_t>::max()).size(), 10U);
}

TEST_P(ReadTest, LastGoesOverMoreThanOnePage) {
  append_numbered(static_cast<int>(MemoryQuery::max_limit) + 20);
  const auto messages = chat_.last(MemoryQuery::max_limit + 10);
  ASSERT_EQ(messages.size(), MemoryQuery::max_limit + 10);
  EXPECT_EQ(messages.front().text(), "10");
  EXPECT_EQ(messages.back().text(), std::to_string(MemoryQuery::max_limit + 19));
}

TEST_P(ReadTest, PagesForwardAndBackwardMeetEveryMessageOnce) {
  append_numbered(25);
  for (const Direction direction : {Direction::ascending, Direction::descending}) {
    std::vector<std::string> seen;
    MessageQuery query{.limit = 4, .direction = direction};
    do {
      const MessagePage page = chat_.page(query);
      for (const Message& message : page.messages) seen.push_back(message.text());
      query.cursor = page.cursor;
    } while (!query.cursor.empty());
    if (direction == Direction::descending) std::reverse(seen.begin(), seen.end());
    EXPECT_EQ(seen, texts(chat_.last(25)));
  }
}

TEST_P(ReadTest, PagesKeepTheirPlaceWhileOthersAppend) {
  append_numbered(4);
  MessageQuery query{.limit = 2, .direction = Direction::descending};
  query.cursor = chat_.page(query).cursor;
  chat_.append(user("new"));
  EXPECT_THAT(texts(chat_.page(query).messages), ElementsAre("1", "0"));
}

TEST_P(ReadTest, PageBeginsAfterAMessage) {
  append_numbered(6);
  EXPECT_THAT(texts(chat_.page({.limit = 2, .after_id = "2"}).messages), ElementsAre("3", "4"));
  MessageQuery query{.limit = 2, .direction = Direction::descending, .after_id = "3"};
  MessagePage page = chat_.page(query);
  EXPECT_THAT(texts(page.messages), ElementsAre("2", "1"));
  query.after_id.clear();
  query.cursor = page.cursor;
  EXPECT_THAT(texts(chat_.page(query).messages), ElementsAre("0"));
}

TEST_P(ReadTest, PageTakesAFilterOnTheJson) {
  append_numbered(5);
  EXPECT_THAT(texts(chat_.page({.filter = Filter::parse(R"({"role":"user"})")}).messages),
              ElementsAre("0", "2", "4"));
}

TEST_P(ReadTest, WrongPagesAreRefused) {
  append_numbered(5);
  const auto code_of = [&](const MessageQuery& query) {
    try {
      static_cast<void>(chat_.page(query));
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  EXPECT_EQ(code_of({.limit = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.limit = MemoryQuery::max_limit + 1}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.cursor = "nonsense"}), ErrorCode::invalid_argument);
  const std::string cursor = chat_.page({.limit = 1}).cursor;
  EXPECT_EQ(code_of({.direction = Direction::descending, .cursor = cursor}),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.after_id = "1", .cursor = cursor}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({.after_id = "none"}), ErrorCode::failed_precondition);
}

TEST_P(ReadTest, RangeHoldsBothEnds) {
  append_numbered(200);
  const auto messages = chat_.range("50", "150");
  ASSERT_EQ(messages.size(), 101U);
  EXPECT_EQ(messages.front().text(), "50");
  EXPECT_EQ(messages.back().text(), "150");
  EXPECT_THAT(texts(chat_.range("198")), ElementsAre("198", "199"));
  EXPECT_THAT(texts(chat_.range("7", "7")), ElementsAre("7"));
  EXPECT_THAT(chat_.range("8", "7"), IsEmpty());
  EXPECT_THROW(static_cast<void>(chat_.range("none")), Error);
  EXPECT_THROW(static_cast<void>(chat_.range("1", "none")), Error);
}

TEST_P(ReadTest, EntryThatIsNoMessageIsNamed) {
  append_numbered(1);
  memory_.set("chat", "stray", MemoryValue::map({{"colour", "red"}}));
  try {
    static_cast<void>(chat_.last(5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
    EXPECT_THAT(error.message(), HasSubstr("'stray' in namespace 'chat' is not a message"));
  }
}

TEST(ReadCost, LastOfManyReadsNoOthers) {
  auto counters = std::make_shared<RowCounter>();
  Memory memory(std::make_unique<CountingBackend>(make_in_memory_backend(), counters));
  Conversation chat(memory, "chat");
  std::vector<Message> messages(10'000, Message::user("text").with_tokens(1));
  for (int i = 0; i < 10; ++i) chat.append(messages);
  ASSERT_EQ(chat.count(), 100'000U);

  counters->rows = 0;
  EXPECT_EQ(chat.last(100).size(), 100U);
  EXPECT_LE(counters->rows, 101U);

  counters->rows = 0;
  EXPECT_EQ(chat.window({.max_tokens = 100, .keep_system = KeepSystem::leading}).messages.size(),
            100U);
  EXPECT_LE(counters->rows, 300U);

  counters->rows = 0;
  EXPECT_TRUE(chat.pop());
  EXPECT_LE(counters->rows, 2U);

  const std::string id = chat.last(1).front().id();
  counters->rows = 0;
  EXPECT_EQ(
      chat.page({.limit = 10, .direction = Direction::descending, .after_id = id}).messages.size(),
      10U);
  EXPECT_LE(counters->rows, 11U);
}

TEST(ReadCost, AppendReadsNothing) {
  auto counters = std::make_shared<RowCounter>();
  Memory memory(std::make_unique<CountingBackend>(make_in_memory_backend(), counters));
  Conversation chat(memory, "chat");
  for (int i = 0; i < 100; ++i) chat.append(Message::user("text"));
  EXPECT_EQ(counters->rows, 0U);
  EXPECT_EQ(counters->reads, 0U);
  EXPECT_EQ(counters->written, 100U);
}

}  // namespace
}  // namespace holdfast
