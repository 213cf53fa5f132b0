#include "holdfast/hashing_embedder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/search_config.hpp"

namespace holdfast {
namespace {

std::vector<float> vector_of(const std::string& text, int dimensions = 256) {
  HashingEmbedder embedder(dimensions);
  return embedder.embed({&text, 1}, {}).at(0);
}

double cosine(const std::string& one, const std::string& other) {
  const std::vector<float> a = vector_of(one);
  const std::vector<float> b = vector_of(other);
  double product = 0;
  double a_squares = 0;
  double b_squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    a_squares += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    b_squares += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return product / std::sqrt(a_squares * b_squares);
}

TEST(HashingEmbedder, MakesAVectorOfEachTextInOrder) {
  HashingEmbedder embedder(32);
  const std::vector<std::string> texts = {"red canoe", "", "blue boat"};
  const auto vectors = embedder.embed(texts, {});
  ASSERT_EQ(vectors.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(vectors[i], vector_of(texts[i], 32)) << texts[i];
    EXPECT_EQ(vectors[i].size(), 32U);
  }
  EXPECT_TRUE(embedder.embed({}, {}).empty());
}

TEST(HashingEmbedder, IsNamedAfterItsDimensions) {
  EXPECT_EQ(HashingEmbedder().model(), "hashing-256");
  EXPECT_EQ(HashingEmbedder().dimensions(), 256);
  EXPECT_EQ(HashingEmbedder(7).model(), "hashing-7");
  EXPECT_EQ(HashingEmbedder(7).dimensions(), 7);
}

TEST(HashingEmbedder, CaseOrderAndWhatIsBetweenWordsDoNotCount) {
  EXPECT_EQ(vector_of("Red, CANOE!"), vector_of("canoe red"));
  EXPECT_EQ(vector_of("stra\xC3\x9F"
                      "e 7"),
            vector_of("7;stra\xC3\x9F"
                      "e"));
  EXPECT_NE(vector_of("redcanoe"), vector_of("red canoe"));
  EXPECT_NE(vector_of("canoe canoe red"), vector_of("canoe red"));
}

TEST(HashingEmbedder, TextsThatShareWordsAreNearer) {
  EXPECT_NEAR(cosine("my red canoe", "canoe, my red"), 1, 1e-9);
  EXPECT_GT(cosine("my red canoe is here", "a red canoe"),
            cosine("my red canoe is here", "trains to Leeds"));
}

// Stores keep what it made: it must stay the same on every machine and in every version.
TEST(HashingEmbedder, StaysTheSame) {
  // Places and signs by a second implementation of the two hashes.
  EXPECT_EQ(vector_of("canoe", 8), (std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(vector_of("canoe paddle", 8), (std::vector<float>{0, -1, 0, 0, 1, 0, 0, 0}));
}

TEST(HashingEmbedder, ATextWithoutWordsHasADirection) {
  const std::vector<float> first = {1, 0, 0};
  EXPECT_EQ(vector_of("", 3), first);
  EXPECT_EQ(vector_of("?! \t", 3), first);
}

TEST(HashingEmbedder, WordsThatCancelEachOtherOutHaveADirection) {
  // In one dimension each word is 1 or -1.
  int cancelled = 0;
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::vector<float> alone = vector_of(std::string(1, c), 1);
    const std::vector<float> with_a = vector_of(std::string("a ") + c, 1);
    EXPECT_NE(with_a[0], 0);
    if (alone != vector_of("a", 1)) {
      ++cancelled;
      EXPECT_EQ(with_a[0], 1);
    }
  }
  EXPECT_GT(cancelled, 0);
}

TEST(HashingEmbedder, DimensionsHaveBounds) {
  for (const int dimensions : {-1, 0, SearchEmbedding::max_dimensions + 1}) {
    try {
      const HashingEmbedder embedder(dimensions);
      ADD_FAILURE() << "made with " << dimensions;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      EXPECT_NE(error.message().find(std::to_string(dimensions)), std::string::npos);
    }
  }
  EXPECT_EQ(vector_of("canoe", SearchEmbedding::max_dimensions).size(),
            static_cast<std::size_t>(SearchEmbedding::max_dimensions));
}

TEST(HashingEmbedder, GivesUpAtTheDeadline) {
  HashingEmbedder embedder;
  const std::vector<std::string> texts = {"red"};
  const Context past{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1)};
  try {
    (void)embedder.embed(texts, past);
    ADD_FAILURE() << "it did not give up";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::deadline_exceeded);
  }
}

}  // namespace
}  // namespace holdfast
