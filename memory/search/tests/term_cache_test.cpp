// Terms that are kept.
#include "term_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::search {
namespace {

TEST(TermCache, FindsTheTermsOfWordsAndOfNoOthers) {
  TermCache cache;
  EXPECT_EQ(cache.find("horses"), std::nullopt);
  cache.put("horses", "hors");
  cache.put("'", "");
  EXPECT_EQ(cache.find("horses"), "hors");
  EXPECT_EQ(cache.find("'"), "");
  EXPECT_EQ(cache.find("horse"), std::nullopt);
  EXPECT_EQ(cache.find(""), std::nullopt);
}

TEST(TermCache, KeepsNoLongWords) {
  TermCache cache;
  const std::string longest(TermCache::max_bytes, 'x');
  cache.put(longest, longest);
  cache.put(longest + "y", "y");
  cache.put("y", longest + "y");
  EXPECT_EQ(cache.find(longest), longest);
  EXPECT_EQ(cache.find(longest + "y"), std::nullopt);
  EXPECT_EQ(cache.find("y"), std::nullopt);
}

TEST(TermCache, IsBoundedAndNeverWrong) {
  TermCache cache;
  constexpr std::size_t words = 10 * TermCache::slots;
  const auto word = [](std::size_t i) { return "word" + std::to_string(i); };
  for (std::size_t i = 0; i < words; ++i) cache.put(word(i), std::to_string(i));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const auto term = cache.find(word(i));
    if (!term) continue;
    EXPECT_EQ(*term, std::to_string(i));
    ++kept;
  }
  EXPECT_GT(kept, TermCache::slots / 2);
  EXPECT_LE(kept, TermCache::slots);
}

}  // namespace
}  // namespace holdfast::search
