#include "support/synthetic_chat.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace synthetic_chat {
namespace {

struct Topic {
  std::string_view word;
  std::size_t percent;  // Of the turns.
};

constexpr auto topics = std::to_array<Topic>({{"painting", 10},
                                              {"garden", 9},
                                              {"violin", 8},
                                              {"camping", 7},
                                              {"adoption", 6},
                                              {"kitchen", 5},
                                              {"bicycle", 4},
                                              {"harbour", 3},
                                              {"pottery", 2},
                                              {"lighthouse", 1}});

constexpr auto everyday = std::to_array<std::string_view>(
    {"the",   "a",      "and",     "to",     "of",    "I",     "you",   "it",     "was",  "in",
     "that",  "is",     "for",     "on",     "with",  "my",    "we",    "so",     "have", "but",
     "just",  "really", "like",    "time",   "good",  "went",  "thing", "people", "made", "always",
     "today", "family", "feeling", "looked", "great", "found", "years", "little", "felt", "don't"});

constexpr auto syllables = std::to_array<std::string_view>(
    {"ba", "cor", "den", "fi", "gul", "hes", "jo", "kan", "lem", "mi", "nor", "pas", "ri", "tov"});

constexpr std::size_t shortest = 150;
constexpr std::size_t longest = 300;

}  // namespace

std::string Chat::rare_word() {
  std::string word;
  for (int i = 0; i < 3; ++i) word += syllables[below(syllables.size())];
  return word;
}

// The words of the topics that this turn has, and so many others that its length is reached.
std::vector<std::string> Chat::sentence() {
  std::vector<std::string> words;
  for (const Topic& topic : topics) {
    if (below(100) < topic.percent) words.emplace_back(topic.word);
  }
  const std::size_t length = shortest + below(longest - shortest);
  std::size_t written = 0;
  for (const std::string& word : words) written += word.size() + 1;
  while (written < length) {
    words.push_back(below(5) == 0 ? rare_word() : std::string(everyday[below(everyday.size())]));
    written += words.back().size() + 1;
  }
  std::shuffle(words.begin(), words.end(), random_);
  return words;
}

Turn Chat::next() {
  Turn turn;
  turn.speaker = turns_ % 2 == 0 ? "Melanie" : "Caroline";
  const std::vector<std::string> words = sentence();
  for (std::size_t i = 0; i < words.size(); ++i) {
    turn.text += words[i];
    const bool ends = i + 1 == words.size() || i % 10 == 9;
    turn.text += ends ? (below(4) == 0 ? "? " : ". ") : " ";
  }
  if (!plain_ && turns_ % 4 == 0) turn.text.insert(turn.text.find(' '), "\u2019s");
  if (!plain_ && turns_ % 8 == 0) turn.text += "\U0001F389";
  ++turns_;
  return turn;
}

std::vector<std::string> questions(std::size_t terms) {
  std::vector<std::string> all;
  for (std::size_t first = 0; first < topics.size(); ++first) {
    std::string text = first % 2 == 0 ? "What about Melanie and" : "When did Caroline have";
    for (std::size_t i = 0; i + 1 < terms; ++i) {
      text += ' ';
      text += topics[(first + i) % topics.size()].word;
    }
    all.push_back(text + '?');
  }
  return all;
}

}  // namespace synthetic_chat
