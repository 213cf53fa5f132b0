// Several threads and several processes on one conversation.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <map>
#include <set>
#include <thread>

#include "stores.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;

// Each writer's messages are there, each once, in the order in which it appended them.
void expect_all_in_order(const std::vector<Message>& messages, int writers, int each) {
  std::map<std::int64_t, std::vector<std::int64_t>> by_writer;
  for (const Message& message : messages) {
    by_writer[message.metadata()["writer"].get<std::int64_t>()].push_back(
        message.metadata()["n"].get<std::int64_t>());
  }
  ASSERT_EQ(by_writer.size(), static_cast<std::size_t>(writers));
  for (const auto& [writer, numbers] : by_writer) {
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(each)) << "writer " << writer;
    for (int n = 0; n < each; ++n) ASSERT_EQ(numbers[static_cast<std::size_t>(n)], n);
  }
}

void append_numbered(Conversation& chat, int writer, int each) {
  for (int n = 0; n < each; ++n) {
    chat.append(
        Message::user("message").with_metadata(MemoryValue::map({{"writer", writer}, {"n", n}})));
  }
}

class ConversationConcurrency : public OnEachStore {};
INSTANTIATE_TEST_SUITE_P(Stores, ConversationConcurrency, stores, name_of_store);

template <typename Body>
void run_together(int threads, Body body) {
  std::latch start(threads);
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&start, &body, i] {
      start.arrive_and_wait();
      body(i);
    });
  }
  for (std::thread& thread : running) thread.join();
}

TEST_P(ConversationConcurrency, ThreadsThatAppendLoseNothing) {
  Conversation chat(memory_, "chat");
  run_together(4, [&](int writer) { append_numbered(chat, writer, 250); });
  EXPECT_EQ(chat.count(), 1000U);
  expect_all_in_order(chat.last(2000), 4, 250);
}

TEST_P(ConversationConcurrency, ThreadsThatAppendTheSameIdsAppendEachOnce) {
  Conversation chat(memory_, "chat");
  std::atomic<int> new_ones = 0;
  run_together(4, [&](int) {
    for (int n = 0; n < 200; ++n) new_ones += chat.append(user(std::to_string(n))).is_new ? 1 : 0;
  });
  EXPECT_EQ(new_ones, 200);
  EXPECT_EQ(chat.count(), 200U);
}

TEST_P(ConversationConcurrency, BatchesOfThreadsStayTogether) {
  Conversation chat(memory_, "chat");
  run_together(4, [&](int writer) {
    for (int n = 0; n < 50; ++n) {
      const std::string name = std::to_string(writer) + "/" + std::to_string(n) + "/";
      chat.append(std::vector{user(name + "q"), assistant(name + "a")});
    }
  });
  const auto messages = chat.last(1000);
  ASSERT_EQ(messages.size(), 400U);
  for (std::size_t i = 0; i < messages.size(); i += 2) {
    const std::string question = messages[i].text();
    ASSERT_EQ(messages[i + 1].text(), question.substr(0, question.size() - 1) + "a");
  }
}

TEST_P(ConversationConcurrency, ThreadsThatPopGetDifferentMessages) {
  Conversation chat(memory_, "chat");
  for (int n = 0; n < 300; ++n) chat.append(user(std::to_string(n)));
  std::vector<std::vector<std::string>> popped(4);
  run_together(4, [&](int thread) {
    while (const auto message = chat.pop()) {
      popped[static_cast<std::size_t>(thread)].push_back(message->id());
    }
  });
  std::set<std::string> all;
  std::size_t number = 0;
  for (const auto& mine : popped) {
    all.insert(mine.begin(), mine.end());
    number += mine.size();
  }
  EXPECT_EQ(number, 300U);
  EXPECT_EQ(all.size(), 300U);
  EXPECT_EQ(chat.count(), 0U);
}

TEST_P(ConversationConcurrency, ThreadsThatPopTurnsGetWholeOnes) {
  Conversation chat(memory_, "chat");
  for (int n = 0; n < 100; ++n) {
    const std::string name = std::to_string(n);
    chat.append(std::vector{user(name + "q"), calling(name + "c", {name}),
                            result_of(name, name + "r"), assistant(name + "a")});
  }
  std::atomic<std::size_t> turns = 0;
  std::atomic<bool> all_whole = true;
  run_together(4, [&](int) {
    for (;;) {
      const auto turn = chat.pop_turn();
      if (turn.empty()) return;
      ++turns;
      if (turn.size() != 4 || turn.front().role() != Role::user) all_whole = false;
    }
  });
  EXPECT_EQ(turns, 100U);
  EXPECT_TRUE(all_whole);
}

TEST_P(ConversationConcurrency, WindowsStayWithinTheirBudgetWhileOthersAppend) {
  Conversation chat(memory_, "chat");
  chat.append(system_message("s"));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int n = 0; n < 200; ++n) {
      const std::string name = std::to_string(n);
      chat.append(std::vector{user(name + "q"), calling(name + "c", {name}),
                              result_of(name, name + "r"), assistant(name + "a")});
    }
    done = true;
  });
  while (!done) {
    const Window window = chat.window({.max_tokens = 9});
    EXPECT_LE(window.tokens, 9U);
    ASSERT_FALSE(window.messages.empty());
    EXPECT_EQ(window.messages.front().text(), "s");
    EXPECT_EQ(window.messages.size() % 4, 1U);
  }
  writer.join();
}

TEST(ConversationConcurrencyOfProcesses, AppendsLoseNothingAndKeepOneOrder) {
  constexpr int processes = 4;
  constexpr int each = 100;
  const TemporaryFolder folder;
  const std::string url = "sqlite:" + (folder.path() / "store.db").string() + "?durability=normal";
  std::vector<pid_t> children;
  for (int writer = 0; writer < processes; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        Memory memory = open(url);
        Conversation chat(memory, "chat");
        append_numbered(chat, writer, each);
        memory.close();
        ::_exit(0);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "writer %d: %s\n", writer, error.what());
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  std::vector<Message> messages;
  {
    Memory memory = open(url);
    messages = Conversation(memory, "chat").last(1000);
  }
  expect_all_in_order(messages, processes, each);
  Memory memory = open(url);
  EXPECT_EQ(Conversation(memory, "chat").last(1000), messages);
}

}  // namespace
}  // namespace holdfast
