// Windows and prunes of random conversations, compared with the rules written down plainly.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "stores.hpp"

namespace holdfast {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937 engine_;
};

// Any mixture of questions, calls (in parallel, without results, ids used again), results (late,
// orphaned), system messages and functions of the older kind.
std::vector<Message> random_conversation(Random& random, std::size_t length) {
  std::vector<Message> messages;
  std::vector<std::string> open;
  const auto call_id = [&] { return "c" + std::to_string(random.below(12)); };
  while (messages.size() < length) {
    const std::string name = std::to_string(messages.size());
    Message message = assistant(name);
    switch (random.below(9)) {
      case 0:
        message = random.one_in(3) ? system_message(name) : user(name);
        break;
      case 1:
      case 2:
        message = user(name);
        break;
      case 3: {
        std::vector<std::string> calls;
        for (std::size_t n = 1 + random.below(3); n > 0; --n) calls.push_back(call_id());
        open.insert(open.end(), calls.begin(), calls.end());
        message = calling(name, calls);
        break;
      }
      case 4:
      case 5:
      case 6:
        if (!open.empty()) {
          message = result_of(open.back(), name);
          open.pop_back();
        } else if (random.one_in(4)) {
          message = result_of(call_id(), name);
        }
        break;
      case 7:
        if (random.one_in(3)) {
          message =
              message.with("function_call", MemoryValue::map({{"name", "f"}, {"arguments", "{}"}}));
          messages.push_back(message);
          message =
              Message::parse(R"({"role":"function","name":"f","content":"x"})").with_id(name + "r");
        }
        break;
      default:
        break;
    }
    messages.push_back(message.with_tokens(random.below(8)));
  }
  return messages;
}

// The index of the call that each message answers, or -1.
std::vector<int> calls_answered(const std::vector<Message>& messages) {
  std::vector<int> calls(messages.size(), -1);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    for (std::size_t j = i; messages[i].is_result() && j-- > 0;) {
      if (!answers(messages[i], messages[j])) continue;
      calls[i] = static_cast<int>(j);
      break;
    }
  }
  return calls;
}

std::size_t tokens_of(const std::vector<Message>& messages) {
  std::size_t tokens = 0;
  for (const Message& message : messages) tokens += *message.tokens();
  return tokens;
}

// The rules of `Conversation::window`, without regard to cost.
class PlainWindow {
 public:
  PlainWindow(const std::vector<Message>& messages, KeepSystem keep, std::size_t budget)
      : messages_(messages), calls_(calls_answered(messages)), keep_(keep), budget_(budget) {}

  std::vector<std::string> choose() const {
    const std::size_t n = messages_.size();
    std::set<std::size_t> system;
    for (std::size_t i = 0; i < n; ++i) {
      if (!is_kept_system(i)) continue;
      system.insert(i);
      if (cost(system) > budget_) {
        system.erase(i);
        return ids_of(system);
      }
    }
    std::vector<std::size_t> cuts{0};
    for (std::size_t i = 1; i < n; ++i) {
      if (messages_[i].role() == Role::user) cuts.push_back(i);
    }
    for (const std::size_t cut : cuts) {
      if (const auto all = with_suffix(system, cut); cost(all) <= budget_) return ids_of(all);
    }
    return part_of_newest_turn(system);
  }

 private:
  bool is_kept_system(std::size_t i) const {
    if (!messages_[i].is_system() || keep_ == KeepSystem::none) return false;
    if (keep_ == KeepSystem::all) return true;
    return std::all_of(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(i),
                       [](const Message& m) { return m.is_system(); });
  }
  bool counts_as_any(std::size_t i) const {
    return !messages_[i].is_system() || (keep_ == KeepSystem::leading && !is_kept_system(i));
  }
  std::set<std::size_t> with_suffix(std::set<std::size_t> chosen, std::size_t cut) const {
    for (std::size_t i = cut; i < messages_.size(); ++i) {
      const bool is_orphan =
          messages_[i].is_result() && (calls_[i] < 0 || calls_[i] < static_cast<int>(cut));
      if (counts_as_any(i) && !is_orphan) chosen.insert(i);
    }
    return chosen;
  }
  std::vector<std::string> part_of_newest_turn(const std::set<std::size_t>& system) const {
    const std::size_t n = messages_.size();
    std::size_t opening = n;
    for (std::size_t i = 0; i < n; ++i) {
      if (messages_[i].role() == Role::user) opening = i;
    }
    for (const bool with_opening : {true, false}) {
      if (with_opening && opening == n) continue;
      for (std::size_t cut = opening == n ? 0 : opening + 1; cut < n; ++cut) {
        if (messages_[cut].is_result() || !counts_as_any(cut)) continue;
        auto chosen = with_suffix(system, cut);
        if (with_opening) chosen.insert(opening);
        if (cost(chosen) <= budget_) return ids_of(chosen);
      }
    }
    return ids_of(system);
  }
  std::size_t cost(const std::set<std::size_t>& chosen) const {
    std::size_t tokens = 0;
    for (const std::size_t i : chosen) tokens += *messages_[i].tokens();
    return tokens;
  }
  std::vector<std::string> ids_of(const std::set<std::size_t>& chosen) const {
    std::vector<std::string> result;
    for (const std::size_t i : chosen) result.push_back(messages_[i].id());
    return result;
  }

  const std::vector<Message>& messages_;
  std::vector<int> calls_;
  KeepSystem keep_;
  std::size_t budget_;
};

// Holds of every sequence that may be sent to a model.
void expect_no_parted_calls(const std::vector<Message>& part, const std::vector<Message>& whole) {
  std::set<std::string> present;
  for (const Message& message : part) present.insert(message.id());
  const auto calls = calls_answered(whole);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!whole[i].is_result()) continue;
    const bool has_call =
        calls[i] >= 0 && present.contains(whole[static_cast<std::size_t>(calls[i])].id());
    EXPECT_EQ(present.contains(whole[i].id()), has_call) << "result " << whole[i].id();
  }
}

class WindowPropertyTest : public OnEachStore {};
INSTANTIATE_TEST_SUITE_P(Stores, WindowPropertyTest, stores, name_of_store);

TEST_P(WindowPropertyTest, RandomWindowsAreThoseOfTheRules) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Conversation chat(memory_, Namespace("chats") / std::to_string(seed));
    const auto messages = random_conversation(random, 1 + random.below(120));
    chat.append(messages);
    for (int i = 0; i < 12; ++i) {
      const auto keep = static_cast<KeepSystem>(random.below(3));
      const std::size_t budget = random.below(i % 2 == 0 ? 40 : 450);
      SCOPED_TRACE("budget " + std::to_string(budget) + ", keep " +
                   std::to_string(static_cast<int>(keep)));
      const Window window = chat.window({.max_tokens = budget, .keep_system = keep});
      ASSERT_EQ(ids(window.messages), PlainWindow(messages, keep, budget).choose());
      ASSERT_LE(window.tokens, budget);
      ASSERT_EQ(window.tokens, tokens_of(window.messages));
      ASSERT_EQ(window.left_out, messages.size() - window.messages.size());
      expect_no_parted_calls(window.messages, messages);
    }
  }
}

TEST_P(WindowPropertyTest, RandomPrunesPartNoCallFromItsResults) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Conversation chat(memory_, Namespace("chats") / std::to_string(seed));
    const auto messages = random_conversation(random, 1 + random.below(120));
    chat.append(messages);
    const std::size_t keep = random.below(messages.size() + 1);
    const std::size_t erased = chat.prune({.keep_last = keep});
    const auto left = chat.last(1000);
    ASSERT_EQ(left.size() + erased, messages.size());

    std::set<std::string> present;
    for (const Message& message : left) present.insert(message.id());
    std::size_t others = 0;
    for (std::size_t i = messages.size(); i-- > 0;) {
      const bool must_stay = messages[i].is_system() || others++ < keep;
      EXPECT_TRUE(present.contains(messages[i].id()) || !must_stay) << messages[i].id();
    }
    // Of several results for one call the first counts.
    const auto calls = calls_answered(messages);
    std::set<std::pair<int, std::string>> answered;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (calls[i] < 0) continue;
      if (!answered.emplace(calls[i], messages[i].tool_call_id().value_or("")).second) continue;
      if (!present.contains(messages[i].id())) continue;
      const Message& call = messages[static_cast<std::size_t>(calls[i])];
      EXPECT_TRUE(present.contains(call.id())) << "call of " << messages[i].id();
    }
  }
}

}  // namespace
}  // namespace holdfast
