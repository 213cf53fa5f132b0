#include "support/conversation_contests.hpp"

#include <memory>
#include <vector>

#include "holdfast/conversation.hpp"
#include "support/contest.hpp"
#include "support/synthetic_chat.hpp"

namespace holdfast::bench {
namespace {

constexpr std::int64_t appends = 2'000;
constexpr std::int64_t appends_to_one = 40;
constexpr std::size_t long_conversation = 100'000;
constexpr std::size_t short_conversation = 10;
constexpr std::size_t searched_turns = 200;
constexpr std::size_t searched_conversations = 1'000;

Message message(synthetic_chat::Chat& chat) {
  const synthetic_chat::Turn turn = chat.next();
  return turn.speaker == "Melanie" ? Message::user(turn.text) : Message::assistant(turn.text);
}

void fill(Memory& memory, const Namespace& ns, std::size_t messages) {
  synthetic_chat::Chat chat;
  Conversation conversation(memory, ns);
  std::vector<Message> batch;
  while (messages > 0) {
    batch.push_back(message(chat));
    --messages;
    if (batch.size() < 1'000 && messages > 0) continue;
    conversation.append(batch);
    batch.clear();
  }
}

// A store with one long conversation, and short ones that are made anew as they get longer.
class Appending {
 public:
  explicit Appending(const OpenEmpty& open_empty) : memory_(open_empty()) {
    fill(memory_, "long", long_conversation);
    synthetic_chat::Chat chat;
    for (int i = 0; i < 500; ++i) messages_.push_back(message(chat));
  }

  void to_long(benchmark::State& state) { run(state, {Namespace("long")}); }
  void to_short(benchmark::State& state) {
    std::vector<Namespace> conversations;
    for (std::int64_t i = 0; i < appends / appends_to_one; ++i) {
      conversations.push_back(Namespace("short") / std::to_string(++short_ones_));
      fill(memory_, conversations.back(), short_conversation);
    }
    run(state, conversations);
  }

 private:
  void run(benchmark::State& state, const std::vector<Namespace>& namespaces) {
    std::vector<Conversation> conversations;
    for (const Namespace& ns : namespaces) conversations.emplace_back(memory_, ns);
    std::size_t done = 0;
    for (auto _ : state) {
      Conversation& to = conversations[done / appends_to_one % conversations.size()];
      to.append(messages_[done % messages_.size()]);
      ++done;
    }
    state.SetItemsProcessed(state.iterations());
  }

  Memory memory_;
  std::vector<Message> messages_;
  int short_ones_ = 0;
};

// Stores with one conversation, and with many of which the same one is asked.
class Searching {
 public:
  Searching(const OpenEmpty& open_empty, std::size_t conversations) : memory_(open_empty()) {
    for (std::size_t i = 0; i < conversations; ++i) {
      fill(memory_, Namespace("talk") / std::to_string(i), searched_turns);
    }
    memory_.configure_search("talk", SearchConfig::conversation());
  }

  void run(benchmark::State& state) {
    const std::vector<std::string> questions = synthetic_chat::questions(6);
    SearchQuery query{.scope = {Namespace("talk/0"), false}};
    std::size_t next = 0;
    std::size_t hits = 0;
    for (auto _ : state) {
      query.text = questions[next];
      hits += memory_.search(query).hits.size();
      next = (next + 1) % questions.size();
    }
    if (hits == 0) state.SkipWithError("nothing was found");
    state.SetItemsProcessed(state.iterations());
  }

 private:
  Memory memory_;
};

// Made when it is first asked for.
template <typename Made>
class Lazy {
 public:
  explicit Lazy(std::function<std::unique_ptr<Made>()> make) : make_(std::move(make)) {}
  Made& get() {
    if (made_ == nullptr) made_ = make_();
    return *made_;
  }

 private:
  std::function<std::unique_ptr<Made>()> make_;
  std::unique_ptr<Made> made_;
};

void register_searching(const std::string& store, const OpenEmpty& open_empty) {
  const auto add = [&](const char* name, std::size_t conversations) {
    const auto searching = std::make_shared<Lazy<Searching>>(
        [=] { return std::make_unique<Searching>(open_empty, conversations); });
    register_contestant(store + "/search", name,
                        [searching](benchmark::State& state) { searching->get().run(state); });
  };
  add("alone", 1);
  add("among_1000", searched_conversations);
}

void register_appending(const std::string& store, const OpenEmpty& open_empty) {
  const auto appending = std::make_shared<Lazy<Appending>>(
      [open_empty] { return std::make_unique<Appending>(open_empty); });
  register_contestant(store + "/append", "in_100000", [appending](benchmark::State& state) {
    appending->get().to_long(state);
  })->Iterations(appends);
  register_contestant(store + "/append", "in_10", [appending](benchmark::State& state) {
    appending->get().to_short(state);
  })->Iterations(appends);
}

}  // namespace

void register_conversation_contests(const std::string& store, const OpenEmpty& open_empty) {
  register_appending(store, open_empty);
  register_searching(store, open_empty);
}

}  // namespace holdfast::bench
