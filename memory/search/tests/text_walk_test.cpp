// Words without ICU are ICU's words.
#include "text_walk.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/analyzer.hpp"

namespace holdfast::search {
namespace {

using ::testing::ElementsAre;

// Words, and the ends of sentences as "?" and ".".
using Walk = std::vector<std::string>;

class Walker {
 public:
  [[nodiscard]] Walk by_icu(std::string_view text) {
    return collect(
        [&](const auto& on_word, const auto& on_end) { walk_icu(words_, text, on_word, on_end); });
  }
  [[nodiscard]] Walk by_regions(std::string_view text) {
    return collect(
        [&](const auto& on_word, const auto& on_end) { walk_text(words_, text, on_word, on_end); });
  }

 private:
  template <typename Run>
  static Walk collect(const Run& run) {
    Walk walk;
    run(
        [&](std::string_view word) {
          walk.emplace_back(word);
          return true;
        },
        [&](SentenceKind kind) {
          walk.emplace_back(kind == SentenceKind::asked ? "?" : ".");
          return true;
        });
    return walk;
  }

  static std::unique_ptr<icu::BreakIterator> prototype() {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    check_icu(status, "word boundaries");
    return made;
  }

  IcuWords words_{*prototype()};
};

void expect_equal(Walker& walker, const std::string& text) {
  const Walk expected = walker.by_icu(text);
  const Walk found = walker.by_regions(text);
  if (found == expected) return;
  ADD_FAILURE() << ::testing::PrintToString(text)
                << "\nby ICU: " << ::testing::PrintToString(expected)
                << "\nfound: " << ::testing::PrintToString(found);
}

std::string random_text(std::mt19937_64& random, const std::vector<std::string>& pieces,
                        std::size_t most) {
  std::string text;
  for (std::size_t i = 1 + random() % most; i > 0; --i) text += pieces[random() % pieces.size()];
  return text;
}

// All texts of up to `longest` of the characters.
void expect_equal_for_all(Walker& walker, std::string_view characters, std::size_t longest) {
  std::vector<std::string> texts = {""};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    expect_equal(walker, texts[i]);
    if (texts[i].size() == longest) continue;
    for (const char c : characters) texts.push_back(texts[i] + c);
  }
}

// The classes of characters that the rules for words tell apart within ASCII, in every order.
TEST(TextWalk, EveryShortTextInAsciiFallsIntoIcusWords) {
  Walker walker;
  expect_equal_for_all(walker, "a7_.', ", 5);
  expect_equal_for_all(walker, "aZ7_.:',;\" \n\r?!-@", 3);
}

TEST(TextWalk, EveryCharacterOfAsciiIsTakenAsIcuTakesIt) {
  Walker walker;
  for (char c = 0; c < 127; ++c) {
    for (const std::string before : {"a", "1", " ", "."}) {
      for (const std::string after : {"a", "1", " ", "."}) {
        expect_equal(walker, before + c + after);
        expect_equal(walker, before + c + c + after);
      }
    }
  }
}

TEST(TextWalk, LongTextsInAsciiFallIntoIcusWords) {
  std::vector<std::string> characters;
  for (char c = 0; c < 127; ++c) characters.emplace_back(1, c);
  for (const char c : std::string_view("ab12_.:',; ")) {
    for (int i = 0; i < 20; ++i) characters.emplace_back(1, c);
  }
  Walker walker;
  std::mt19937_64 random;
  for (int i = 0; i < 3'000; ++i) expect_equal(walker, random_text(random, characters, 80));
}

// Marks, joiners, scripts with dictionaries, flags, damage, and stretches in ASCII short and long.
TEST(TextWalk, TextsInPartOutsideAsciiFallIntoIcusWords) {
  const std::vector<std::string> pieces = {
      " ",
      " ",
      " ",
      "  ",
      "\n",
      "a",
      "Ann's",
      "3.5",
      "1",
      ".",
      "?",
      "'",
      "\"",
      "_",
      ":",
      ",",
      "é",
      "\u0301",
      "\u200d",
      "\u00ad",
      "\u2019",
      "\u3000",
      "🎉",
      "👩",
      "🇩",
      "🇪",
      "我喜欢游泳",
      "ฉันรักแมว",
      "アイス",
      "א",
      "ش",
      "٣",
      "\u2003",
      "\ufe0f",
      "\u0e33",
      "。",
      "？",
      "\xff",
      "\xe2\x82",
      "\xc3",
      "\u2028",
      "\u0085",
      "@",
      "ann@x.example",
      "a stretch that is long enough to be left to itself, is it? ",
      "and another 7.5 of them with more than 32 bytes in it "};
  Walker walker;
  std::mt19937_64 random;
  for (int i = 0; i < 4'000; ++i) expect_equal(walker, random_text(random, pieces, 30));
}

TEST(TextWalk, GivesWordsAndTheEndsOfSentences) {
  EXPECT_THAT(Walker().by_regions("It's 3.5? foo_bar"),
              ElementsAre("It's", "3.5", "?", "foo", "bar"));
}

TEST(TextRegions, AreTheWholeTextAndPlainWhereTheySaySo) {
  const std::vector<std::string> pieces = {
      " ", "word ", "é", "🎉", "\xff", "@", "more than thirty-two bytes without a mark "};
  std::mt19937_64 random;
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = random_text(random, pieces, 12);
    std::string together;
    for (TextRegions regions(text); !regions.is_done();) {
      const auto region = regions.next();
      together += region.text;
      if (region.is_plain) {
        EXPECT_EQ(find_icu_text(region.text), region.text.size());
      }
    }
    EXPECT_EQ(together, text);
  }
}

TEST(TextRegions, LeaveIcuFewWordsAroundAnEmoji) {
  const std::string plain(200, 'x');
  const std::string text = plain + " 🎉 " + plain + " " + plain;
  std::size_t others = 0;
  for (TextRegions regions(text); !regions.is_done();) {
    const auto region = regions.next();
    if (!region.is_plain) others += region.text.size();
  }
  EXPECT_LT(others, 250U);
}

}  // namespace
}  // namespace holdfast::search
