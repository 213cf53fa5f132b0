#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "holdfast/error.hpp"
#include "holdfast/query.hpp"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view text) {
  try {
    return "accepted: " + KeyPattern(text).text();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
}

TEST(KeyPattern, EmptyMatchesEveryKey) {
  EXPECT_TRUE(KeyPattern().matches_everything());
  EXPECT_TRUE(KeyPattern("").matches("x"));
  EXPECT_TRUE(KeyPattern().matches(""));
  EXPECT_TRUE(KeyPattern("*").matches_everything());
  EXPECT_FALSE(KeyPattern("?").matches_everything());
}

TEST(KeyPattern, LiteralTextMatchesItselfAlone) {
  const KeyPattern pattern("a.b");
  EXPECT_TRUE(pattern.matches("a.b"));
  EXPECT_FALSE(pattern.matches("axb"));
  EXPECT_FALSE(pattern.matches("a.b "));
  EXPECT_FALSE(pattern.matches("a."));
  EXPECT_FALSE(pattern.matches("A.B"));
  EXPECT_FALSE(pattern.matches(""));
}

TEST(KeyPattern, CharactersSpecialElsewhereAreLiteral) {
  for (const std::string_view text : {"100%", "a_b", "[ab]", "{a,b}", "a|b", "^a$", "(a)+", "a/b",
                                      "' OR 1=1 --", "\xc3\xa9", "\x01"}) {
    EXPECT_TRUE(KeyPattern(text).matches(text)) << text;
  }
  EXPECT_FALSE(KeyPattern("100%").matches("100x"));
  EXPECT_FALSE(KeyPattern("a_b").matches("axb"));
  EXPECT_FALSE(KeyPattern("[ab]").matches("a"));
}

TEST(KeyPattern, StarStandsForAnyText) {
  const KeyPattern pattern("a*c");
  EXPECT_TRUE(pattern.matches("ac"));
  EXPECT_TRUE(pattern.matches("abc"));
  EXPECT_TRUE(pattern.matches("a/b.c/c"));
  EXPECT_FALSE(pattern.matches("acb"));
  EXPECT_FALSE(pattern.matches("bac"));
  EXPECT_TRUE(KeyPattern("*").matches(""));
  EXPECT_TRUE(KeyPattern("**").matches(""));
  EXPECT_TRUE(KeyPattern("*b*b*").matches("abab"));
  EXPECT_FALSE(KeyPattern("*b*b*").matches("aba"));
}

TEST(KeyPattern, QuestionMarkStandsForOneCodePoint) {
  for (const std::string_view one : {"a", "\u00e9", "\u2603", "\U0001F600", "*", "\\"}) {
    const std::string key = "x" + std::string(one) + "y";
    EXPECT_TRUE(KeyPattern("x?y").matches(key)) << key;
    EXPECT_FALSE(KeyPattern("x??y").matches(key)) << key;
    EXPECT_TRUE(KeyPattern("*?y").matches(key)) << key;
    EXPECT_FALSE(KeyPattern("*????").matches(key)) << key;
  }
  EXPECT_FALSE(KeyPattern("?").matches(""));
  EXPECT_FALSE(KeyPattern("*??").matches("\u2603"));
}

TEST(KeyPattern, BackslashMakesTheNextCharacterLiteral) {
  EXPECT_TRUE(KeyPattern("\\*").matches("*"));
  EXPECT_FALSE(KeyPattern("\\*").matches("a"));
  EXPECT_TRUE(KeyPattern("\\?").matches("?"));
  EXPECT_FALSE(KeyPattern("\\?").matches("a"));
  EXPECT_TRUE(KeyPattern("\\\\*").matches("\\anything"));
  EXPECT_TRUE(KeyPattern("\\a").matches("a"));
  EXPECT_TRUE(KeyPattern("\\\u00e9").matches("\u00e9"));
}

TEST(KeyPattern, LiteralPrefixEndsAtTheFirstWildcard) {
  EXPECT_EQ(KeyPattern("chat/*").literal_prefix(), "chat/");
  EXPECT_EQ(KeyPattern("a\\*b?c").literal_prefix(), "a*b");
  EXPECT_EQ(KeyPattern("plain").literal_prefix(), "plain");
  EXPECT_EQ(KeyPattern("*a").literal_prefix(), "");
  EXPECT_EQ(KeyPattern("\\\\?").literal_prefix(), "\\");
  EXPECT_EQ(KeyPattern().literal_prefix(), "");
}

TEST(KeyPattern, RefusesWhatNoPatternIs) {
  using namespace std::string_view_literals;
  EXPECT_THAT(refusal_of("a\\"), HasSubstr("byte 1: a backslash"));
  EXPECT_THAT(refusal_of("\\\\\\"), HasSubstr("byte 2: a backslash"));
  EXPECT_THAT(refusal_of("a\0"sv), HasSubstr("byte 1: U+0000"));
  EXPECT_THAT(refusal_of("\xc3"), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal_of(std::string(1025, 'a')), HasSubstr("1025 bytes; at most 1024"));
  EXPECT_EQ(KeyPattern(std::string(1024, 'a')).text().size(), 1024U);
  EXPECT_TRUE(KeyPattern("\\\\").matches("\\"));
}

// Backtracking over every star would take longer than the universe has.
TEST(KeyPattern, ManyStarsEndQuickly) {
  std::string hostile;
  for (int i = 0; i < 511; ++i) hostile += "*a";
  const std::string key(1024, 'a');
  EXPECT_TRUE(KeyPattern(hostile).matches(key));
  EXPECT_FALSE(KeyPattern(hostile + "b").matches(key));
  EXPECT_FALSE(KeyPattern("*" + std::string(500, 'a') + "b*").matches(key));
  EXPECT_FALSE(KeyPattern(std::string(1023, '*') + "b").matches(key));
}

bool naive_match(std::string_view pattern, std::string_view key) {
  if (pattern.empty()) return key.empty();
  const std::string_view rest = pattern.substr(1);
  if (pattern.front() == '*') {
    return naive_match(rest, key) || (!key.empty() && naive_match(pattern, key.substr(1)));
  }
  if (pattern.front() == '\\') {
    return !key.empty() && key.front() == rest.front() &&
           naive_match(rest.substr(1), key.substr(1));
  }
  return !key.empty() && (pattern.front() == '?' || pattern.front() == key.front()) &&
         naive_match(rest, key.substr(1));
}

TEST(KeyPattern, AgreesWithAPlainMatcherOnRandomInput) {
  std::mt19937_64 random(42);
  const std::vector<std::string> parts{"a", "b", "*", "?", "\\*", "\\a", "*", "a"};
  constexpr std::string_view letters = "aab*";
  int matched = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = parts[random() % parts.size()];
    for (std::size_t i = random() % 6; i > 0; --i) text += parts[random() % parts.size()];
    std::string key(random() % 8, ' ');
    for (char& c : key) c = letters[random() % letters.size()];
    const KeyPattern pattern(text);
    const bool expected = naive_match(text, key);
    matched += expected ? 1 : 0;
    ASSERT_EQ(pattern.matches(key), expected) << text << " on " << key;
    if (expected) {
      ASSERT_TRUE(key.starts_with(pattern.literal_prefix())) << text;
    }
  }
  EXPECT_GT(matched, 5000);
}

}  // namespace
}  // namespace holdfast
