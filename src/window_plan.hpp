// Which of the newest messages make a window.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "holdfast/message.hpp"

namespace holdfast {

// Takes messages newest first until it knows enough, then says which to keep. See
// `Conversation::window` for the rules.
class WindowPlan {
 public:
  explicit WindowPlan(std::size_t max_tokens) : max_tokens_(max_tokens) {}

  // Takes the next older message. False: no older one can be part of the window.
  bool add(Message message, std::size_t tokens);

  struct Choice {
    std::vector<Message> messages;  // Oldest first.
    std::size_t tokens = 0;
  };
  // `all_seen`: there are no older messages than those added.
  [[nodiscard]] Choice finish(bool all_seen) const;

  // a + b, or the greatest number there is.
  [[nodiscard]] static std::size_t sum(std::size_t a, std::size_t b) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    return b > most - a ? most : a + b;
  }

 private:
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  struct Item {
    Message message;
    std::size_t tokens = 0;
    std::size_t call = nowhere;  // Of a result: the item that holds its call, once that is seen.
  };
  // A window that holds the newest `size` items, without the results whose call is not there.
  struct Cut {
    std::size_t size = 0;
    std::size_t tokens = 0;
  };

  // What a call adds: itself and its results, which wait for it.
  [[nodiscard]] std::size_t with_results_of(std::size_t call);
  [[nodiscard]] bool fits(std::size_t tokens) const noexcept { return tokens <= max_tokens_; }
  [[nodiscard]] Choice choose(const Cut& cut, bool with_opening) const;
  [[nodiscard]] Choice part_of_newest_turn() const;

  std::size_t max_tokens_;
  std::vector<Item> items_;             // Newest first.
  std::vector<std::size_t> waiting_;    // Results whose call was not seen.
  std::size_t tokens_ = 0;              // Of all items but those that wait.
  std::vector<Cut> cuts_in_newest_;     // Places within the newest turn where a window may begin.
  std::optional<Cut> whole_turns_;      // The largest window of whole turns so far.
  std::optional<std::size_t> opening_;  // The user message that opens the newest turn.
};

}  // namespace holdfast
