// A conversation made up for measuring: long, and the same on every machine.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace synthetic_chat {

struct Turn {
  std::string speaker;
  std::string text;
};

// Two speakers in turn say 150 to 300 characters each: everyday words, rare words, and words on
// which questions ask, each of them in 1 % to 10 % of the turns. Some turns ask.
class Chat {
 public:
  // Where not `plain`, one turn in four has a typographic apostrophe, and one in eight an emoji.
  explicit Chat(bool plain = true) : plain_(plain) {}

  [[nodiscard]] Turn next();

 private:
  [[nodiscard]] std::size_t below(std::size_t bound) { return random_() % bound; }
  [[nodiscard]] std::string rare_word();
  [[nodiscard]] std::vector<std::string> sentence();

  bool plain_;
  std::size_t turns_ = 0;
  std::mt19937_64 random_;
};

// Questions that name a speaker, who has half of the turns, and have `terms` terms in all; five to
// eight.
[[nodiscard]] std::vector<std::string> questions(std::size_t terms);

}  // namespace synthetic_chat
