#include "holdfast/namespace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    return error.message();
  }
  return "accepted";
}

std::string refusal_of(std::string_view canonical) {
  return refusal([&] { static_cast<void>(Namespace(canonical)); });
}

TEST(Namespace, RootIsEmptyAndHasNoSegments) {
  const Namespace root;
  EXPECT_TRUE(root.is_root());
  EXPECT_EQ(root.text(), "");
  EXPECT_EQ(root.depth(), 0U);
  EXPECT_THAT(root.segments(), IsEmpty());
  EXPECT_EQ(root, Namespace(""));
  EXPECT_EQ(root, Namespace::of({}));
  EXPECT_EQ(root, Namespace::of(std::vector<std::string>()));
  EXPECT_EQ(root.parent(), root);
}

TEST(Namespace, CanonicalTextReadsBackAsItsSegments) {
  const Namespace ns("users/42/chat");
  EXPECT_EQ(ns.text(), "users/42/chat");
  EXPECT_EQ(ns.depth(), 3U);
  EXPECT_THAT(ns.segments(), ElementsAre("users", "42", "chat"));
  EXPECT_EQ(ns, Namespace::of({"users", "42", "chat"}));
  EXPECT_EQ(ns, Namespace() / "users" / "42" / "chat");
}

TEST(Namespace, EscapedSegmentReadsBackUnchanged) {
  for (const std::string segment : {"a/b", "%", "%25", "%2F", "/", "//", "%%2F/", "*", "..", ".",
                                    " ", "a:b", "\x01", "\u00e9\u2603\U0001F600", "\"'\\"}) {
    const Namespace ns = Namespace("x") / segment / "y";
    EXPECT_THAT(ns.segments(), ElementsAre("x", segment, "y"));
    EXPECT_EQ(Namespace(ns.text()), ns);
    EXPECT_EQ(ns.depth(), 3U);
  }
  EXPECT_EQ((Namespace() / "a/b%c").text(), "a%2Fb%25c");
}

TEST(Namespace, RandomSegmentsSurviveTheCanonicalText) {
  std::mt19937_64 random(20'260'101);
  constexpr std::string_view alphabet = "/%*2F5A.:a";
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::string> segments(random() % 5);
    for (std::string& segment : segments) {
      segment.resize(1 + random() % 8);
      for (char& c : segment) c = alphabet[random() % alphabet.size()];
    }
    const Namespace ns = Namespace::of(segments);
    EXPECT_EQ(Namespace(ns.text()).segments(), segments);
    EXPECT_EQ(ns.depth(), segments.size());
  }
}

TEST(Namespace, DifferentSegmentsNeverShareACanonicalText) {
  EXPECT_NE(Namespace::of({"a", "b"}), Namespace::of({"a/b"}));
  EXPECT_NE(Namespace::of({"a%2Fb"}), Namespace::of({"a/b"}));
  EXPECT_NE(Namespace::of({"a::b", "c"}), Namespace::of({"a", "b::c"}));
}

TEST(Namespace, EmptySegmentsAreRefusedAndCounted) {
  EXPECT_THAT(refusal_of("/"), HasSubstr("segment 1, byte 0"));
  EXPECT_THAT(refusal_of("/a"), HasSubstr("segment 1, byte 0"));
  EXPECT_THAT(refusal_of("a//b"), HasSubstr("segment 2, byte 2"));
  EXPECT_THAT(refusal_of("a/b/"), HasSubstr("segment 3, byte 4"));
  EXPECT_THAT(refusal([] { static_cast<void>(Namespace("a") / ""); }), HasSubstr("segment 2"));
  EXPECT_THAT(refusal([] {
                static_cast<void>(Namespace::of({"a", "b", ""}));
              }),
              HasSubstr("segment 3"));
}

TEST(Namespace, OnlyTheTwoEscapesInUpperCaseAreAllowed) {
  for (const std::string_view text : {"%", "a%", "a%2", "a%2f", "a%2A", "a%00", "%%25", "a%2/F"}) {
    EXPECT_THAT(refusal_of(text), HasSubstr("%25")) << text;
  }
  EXPECT_THAT(refusal_of("ab/c%41"), HasSubstr("segment 2, byte 4"));
  EXPECT_EQ(Namespace("%25%2F").segments(), std::vector<std::string>{"%/"});
}

TEST(Namespace, NulIsRefused) {
  using namespace std::string_view_literals;
  EXPECT_THAT(refusal_of("a/b\0c"sv), HasSubstr("segment 2, byte 3: U+0000"));
  EXPECT_THAT(refusal([] { static_cast<void>(Namespace("a") / "\0"sv); }), HasSubstr("U+0000"));
}

TEST(Namespace, InvalidUtf8IsRefusedWithItsOffset) {
  for (const std::string_view bad :
       {"\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x98", "\xff"}) {
    const std::string text = "ab/\u00e9" + std::string(bad);
    EXPECT_THAT(refusal_of(text), HasSubstr("segment 2, byte 5: not valid UTF-8")) << bad;
    EXPECT_THAT(refusal([&] { static_cast<void>(Namespace() / bad); }), HasSubstr("UTF-8"));
  }
}

TEST(Namespace, LengthIsThatOfTheCanonicalText) {
  const std::string longest(Namespace::max_bytes, 'a');
  EXPECT_EQ(Namespace(longest).text(), longest);
  EXPECT_THAT(refusal_of(longest + "a"), HasSubstr("1025 bytes; at most 1024"));
  EXPECT_EQ((Namespace() / std::string(341, '/')).text().size(), 1023U);
  EXPECT_THAT(refusal([] { static_cast<void>(Namespace() / std::string(342, '/')); }),
              HasSubstr("1026 bytes"));
  EXPECT_THAT(refusal([&] {
                static_cast<void>(Namespace::of({"a", longest}));
              }),
              HasSubstr("at most 1024"));
}

TEST(Namespace, SubtreeEndsAtSegmentBoundaries) {
  const Namespace ns("users/42");
  EXPECT_TRUE(ns.contains(ns));
  EXPECT_TRUE(ns.contains("users/42/chat"));
  EXPECT_TRUE(ns.contains("users/42/chat/1"));
  EXPECT_FALSE(ns.contains("users/421"));
  EXPECT_FALSE(ns.contains("users/42-x"));
  EXPECT_FALSE(ns.contains("users/42%2Fchat"));
  EXPECT_FALSE(ns.contains("users/4"));
  EXPECT_FALSE(ns.contains("users"));
  EXPECT_FALSE(ns.contains(""));
  EXPECT_TRUE(Namespace().contains("anything/at/all"));
  EXPECT_TRUE(Namespace().contains(""));
}

TEST(Namespace, SortsBytewiseByCanonicalText) {
  std::vector<Namespace> sorted{"a/b", "\u00e9", "a", "", "a-b", "a0", "B", "a%2Fb"};
  std::sort(sorted.begin(), sorted.end());
  EXPECT_THAT(sorted, ElementsAre("", "B", "a", "a%2Fb", "a-b", "a/b", "a0", "\u00e9"));
}

TEST(Namespace, ParentDropsTheLastSegment) {
  const Namespace ns = Namespace("a") / "b/c" / "d";
  EXPECT_EQ(ns.parent().text(), "a/b%2Fc");
  EXPECT_EQ(ns.parent().parent().text(), "a");
  EXPECT_TRUE(ns.parent().parent().parent().is_root());
}

TEST(Namespace, ParentOutlivesItsChild) {
  Namespace parent;
  {
    const Namespace child(std::string("a-rather-long-segment-of-text") + "/child");
    parent = child.parent();
  }
  EXPECT_EQ(parent.text(), "a-rather-long-segment-of-text");
}

TEST(Namespace, TruncationKeepsTheFirstSegments) {
  const Namespace ns("a/b/c");
  EXPECT_EQ(ns.truncated_to(0).text(), "");
  EXPECT_EQ(ns.truncated_to(1).text(), "a");
  EXPECT_EQ(ns.truncated_to(2).text(), "a/b");
  EXPECT_EQ(ns.truncated_to(3).text(), "a/b/c");
  EXPECT_EQ(ns.truncated_to(99).text(), "a/b/c");
  EXPECT_EQ(Namespace().truncated_to(2).text(), "");
}

TEST(Namespace, ReservedIsDecidedByTheFirstSegment) {
  EXPECT_TRUE(Namespace("$holdfast").is_reserved());
  EXPECT_TRUE(Namespace("$holdfast-index/x").is_reserved());
  EXPECT_TRUE((Namespace() / "$holdfast/x").is_reserved());
  EXPECT_FALSE(Namespace("x/$holdfast").is_reserved());
  EXPECT_FALSE(Namespace("$hold").is_reserved());
  EXPECT_FALSE(Namespace("$Holdfast").is_reserved());
  EXPECT_FALSE(Namespace().is_reserved());
}

TEST(Namespace, ReadsBackWhatItWroteWithoutChecking) {
  const Namespace ns("a/b");
  EXPECT_EQ(Namespace::from_canonical(SharedText::copy_of(ns.text())), ns);
}

}  // namespace
}  // namespace holdfast
