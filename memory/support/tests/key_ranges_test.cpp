// Ranges of text, on texts around every place where UTF-8 changes its shape.
#include "support/key_ranges.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/namespace.hpp"

namespace holdfast::support {

namespace {

bool contains(const TextRange& range, std::string_view text) {
  return range.first <= text && text < range.end;
}

// The least, the greatest, and their neighbours, of each length in bytes and around surrogates.
const std::vector<std::string> characters{"\x01",
                                          "!",
                                          "/",
                                          "0",
                                          "a",
                                          "\x7f",
                                          "\xc2\x80",
                                          "\xc3\xbf",
                                          "\xc4\x80",
                                          "\xdf\xbf",
                                          "\xe0\xa0\x80",
                                          "\xed\x9f\xbf",
                                          "\xee\x80\x80",
                                          "\xef\xbf\xbe",
                                          "\xef\xbf\xbf",
                                          "\xf0\x90\x80\x80",
                                          "\xf0\x9f\x98\x80",
                                          "\xf3\xbf\xbf\xbf",
                                          "\xf4\x8f\xbf\xbe",
                                          "\xf4\x8f\xbf\xbf"};

std::vector<std::string> texts_up_to(int length) {
  std::vector<std::string> texts{""};
  std::vector<std::string> longest{""};
  for (int i = 0; i < length; ++i) {
    std::vector<std::string> longer;
    for (const std::string& text : longest) {
      for (const std::string& character : characters) longer.push_back(text + character);
    }
    texts.insert(texts.end(), longer.begin(), longer.end());
    longest = std::move(longer);
  }
  return texts;
}

bool is_namespace(const std::string& text) {
  try {
    static_cast<void>(Namespace(text));
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(KeyRanges, TheRangeOfAPrefixHoldsWhatBeginsWithItAndNothingElse) {
  const std::vector<std::string> texts = texts_up_to(3);
  for (const std::string& prefix : texts_up_to(2)) {
    const TextRange range{prefix, end_of_prefix(prefix)};
    const auto wrong = std::find_if(texts.begin(), texts.end(), [&](const std::string& text) {
      return contains(range, text) != text.starts_with(prefix);
    });
    ASSERT_EQ(wrong, texts.end()) << "prefix " << testing::PrintToString(prefix) << ", text "
                                  << testing::PrintToString(*wrong);
  }
}

TEST(KeyRanges, BoundsAreTextThatAServerTakes) {
  for (const std::string& prefix : texts_up_to(2)) {
    // What a namespace of one segment takes is valid UTF-8.
    EXPECT_NO_THROW(static_cast<void>(Namespace() / end_of_prefix(prefix).substr(0, 1000)))
        << testing::PrintToString(prefix);
  }
}

TEST(KeyRanges, NothingIsGreaterThanTheEndOfAllText) {
  std::string greatest;
  while (greatest.size() < Namespace::max_bytes) greatest += characters.back();
  EXPECT_LT(greatest, after_all_text());
}

TEST(KeyRanges, ASubtreeIsTheNamespaceThenWhatLiesBelow) {
  std::vector<std::string> namespaces = texts_up_to(3);
  std::erase_if(namespaces, [](const std::string& text) { return !is_namespace(text); });
  for (const std::string root : {"", "a", "a/a", "\xf4\x8f\xbf\xbf"}) {
    const SubtreeRanges ranges(root);
    for (const std::string& ns : namespaces) {
      const bool is_own = contains(ranges.own, ns);
      const bool is_below = contains(ranges.below, ns);
      EXPECT_EQ(is_own || is_below, subtree_contains(root, ns)) << root << " and " << ns;
      EXPECT_FALSE(is_own && is_below) << root << " and " << ns;
      // All of the root's subtree is one range.
      EXPECT_EQ(is_own, root.empty() || ns == root) << root << " and " << ns;
    }
  }
}

}  // namespace

}  // namespace holdfast::support
