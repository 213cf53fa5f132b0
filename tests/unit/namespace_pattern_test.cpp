#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/namespace.hpp"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view text) {
  try {
    return "accepted as " + NamespacePattern(text).text();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
}

TEST(NamespacePattern, EmptyMatchesEveryNamespace) {
  const NamespacePattern pattern;
  EXPECT_TRUE(pattern.empty());
  EXPECT_TRUE(NamespacePattern("").empty());
  for (const char* ns : {"", "a", "a/b/c"}) {
    EXPECT_TRUE(pattern.is_prefix_of(ns));
    EXPECT_TRUE(pattern.is_suffix_of(ns));
  }
}

TEST(NamespacePattern, PrefixMatchesWholeSegments) {
  const NamespacePattern pattern("users/42");
  EXPECT_TRUE(pattern.is_prefix_of("users/42"));
  EXPECT_TRUE(pattern.is_prefix_of("users/42/chat"));
  EXPECT_FALSE(pattern.is_prefix_of("users/421"));
  EXPECT_FALSE(pattern.is_prefix_of("users/42-x"));
  EXPECT_FALSE(pattern.is_prefix_of("users"));
  EXPECT_FALSE(pattern.is_prefix_of(""));
  EXPECT_FALSE(pattern.is_prefix_of("a/users/42"));
}

TEST(NamespacePattern, SuffixMatchesWholeSegments) {
  const NamespacePattern pattern("chat/1");
  EXPECT_TRUE(pattern.is_suffix_of("chat/1"));
  EXPECT_TRUE(pattern.is_suffix_of("users/42/chat/1"));
  EXPECT_FALSE(pattern.is_suffix_of("users/xchat/1"));
  EXPECT_FALSE(pattern.is_suffix_of("chat/1/more"));
  EXPECT_FALSE(pattern.is_suffix_of("1"));
  EXPECT_FALSE(pattern.is_suffix_of(""));
}

TEST(NamespacePattern, WildcardStandsForExactlyOneSegment) {
  const NamespacePattern pattern("users/*/chat");
  EXPECT_TRUE(pattern.is_prefix_of("users/42/chat"));
  EXPECT_TRUE(pattern.is_prefix_of("users/a%2Fb/chat/more"));
  EXPECT_TRUE(pattern.is_suffix_of("app/users/42/chat"));
  EXPECT_FALSE(pattern.is_prefix_of("users/chat"));
  EXPECT_FALSE(pattern.is_prefix_of("users/a/b/chat"));
  EXPECT_TRUE(NamespacePattern("*").is_prefix_of("a"));
  EXPECT_FALSE(NamespacePattern("*").is_prefix_of(""));
  EXPECT_FALSE(NamespacePattern("*/*").is_suffix_of("a"));
}

TEST(NamespacePattern, EscapedStarIsALiteralStar) {
  const NamespacePattern pattern("a/%2A");
  EXPECT_TRUE(pattern.is_prefix_of(Namespace("a") / "*"));
  EXPECT_FALSE(pattern.is_prefix_of("a/b"));
  EXPECT_EQ(pattern.text(), "a/%2A");
  EXPECT_TRUE(NamespacePattern("%252A").is_prefix_of(Namespace() / "%2A"));
  EXPECT_FALSE(NamespacePattern("%252A").is_prefix_of(Namespace() / "*"));
}

TEST(NamespacePattern, LiteralNamespaceMatchesItselfWhateverItHolds) {
  for (const std::string segment : {"*", "a*b", "%2A", "a/b", "%", "**"}) {
    const Namespace ns = Namespace("x") / segment;
    const NamespacePattern pattern(ns);
    EXPECT_TRUE(pattern.is_prefix_of(ns / "y"));
    EXPECT_TRUE(pattern.is_suffix_of(ns));
    EXPECT_FALSE(pattern.is_prefix_of("x/other"));
    EXPECT_EQ(pattern.literal_prefix(), ns);
    EXPECT_EQ(NamespacePattern(pattern.text()).literal_prefix(), ns);
  }
}

TEST(NamespacePattern, LiteralPrefixEndsAtTheFirstWildcard) {
  EXPECT_EQ(NamespacePattern("a/b/*/c").literal_prefix(), "a/b");
  EXPECT_EQ(NamespacePattern("*/c").literal_prefix(), "");
  EXPECT_EQ(NamespacePattern("a%2Fb/%2A").literal_prefix(), Namespace() / "a/b" / "*");
  EXPECT_EQ(NamespacePattern().literal_prefix(), "");
}

TEST(NamespacePattern, TextReadsBack) {
  for (const char* text : {"", "*", "a/*/b", "%2A", "%25", "a%2Fb/*", "*/*/*", "x%2Ay"}) {
    EXPECT_EQ(NamespacePattern(text).text(), text);
  }
}

TEST(NamespacePattern, StarWithinASegmentIsRefused) {
  EXPECT_THAT(refusal_of("a/b*"), HasSubstr("segment 2: '*' stands for a whole segment"));
  EXPECT_THAT(refusal_of("**"), HasSubstr("segment 1"));
}

TEST(NamespacePattern, RefusesWhatNamespacesRefuse) {
  using namespace std::string_view_literals;
  EXPECT_THAT(refusal_of("a//b"), HasSubstr("segment 2, byte 2"));
  EXPECT_THAT(refusal_of("/"), HasSubstr("segment 1, byte 0"));
  EXPECT_THAT(refusal_of("a/"), HasSubstr("segment 2, byte 2"));
  EXPECT_THAT(refusal_of("%2a"), HasSubstr("\"%2A\" ('*')"));
  EXPECT_THAT(refusal_of("%2%2A"), HasSubstr("segment 1, byte 0"));
  EXPECT_THAT(refusal_of("a\0"sv), HasSubstr("U+0000"));
  EXPECT_THAT(refusal_of("\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal_of(std::string(1025, 'a')), HasSubstr("at most 1024"));
}

TEST(NamespacePattern, LengthIsThatOfTheNamespaceItStandsFor) {
  std::string text;
  for (std::size_t i = 0; i < Namespace::max_bytes; ++i) text += "%2A";
  const Namespace stars = Namespace() / std::string(Namespace::max_bytes, '*');
  EXPECT_TRUE(NamespacePattern(text).is_prefix_of(stars));
  EXPECT_EQ(NamespacePattern(stars).text(), text);
  EXPECT_THAT(refusal_of(text + "%2A"), HasSubstr("1025 bytes"));
}

// The same question asked of unescaped segments.
bool naive_match(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
                 bool at_end) {
  if (pattern.size() > segments.size()) return false;
  const std::size_t offset = at_end ? segments.size() - pattern.size() : 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != "*" && pattern[i] != segments[offset + i]) return false;
  }
  return true;
}

TEST(NamespacePattern, AgreesWithAPlainMatcherOnRandomInput) {
  std::mt19937_64 random(7);
  const std::vector<std::string> words{"a", "b", "a/b", "%", "*"};
  int matched = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> segments(random() % 5);
    for (auto& segment : segments) segment = words[random() % 4];
    std::vector<std::string> parts(random() % 4);
    NamespacePattern pattern;
    std::string text;
    for (auto& part : parts) {
      part = words[random() % words.size()];
      if (!text.empty()) text += '/';
      text += part == "*" ? std::string_view("*") : (Namespace() / part).text();
    }
    const Namespace ns = Namespace::of(segments);
    pattern = NamespacePattern(text);
    const bool prefix = naive_match(parts, segments, false);
    matched += prefix ? 1 : 0;
    ASSERT_EQ(pattern.is_prefix_of(ns), prefix) << text << " in " << ns.text();
    ASSERT_EQ(pattern.is_suffix_of(ns), naive_match(parts, segments, true)) << text;
  }
  EXPECT_GT(matched, 1000);
}

}  // namespace
}  // namespace holdfast
