#include "vector_product.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace holdfast::search {
namespace {

// The sums as the header says they are made, one number at a time.
float product_by_hand(const float* a, const float* b, std::size_t stride) {
  std::array<float, lanes> sums{};
  for (std::size_t i = 0; i < stride; ++i) {
    const float product = a[i] * b[i];
    sums[i % lanes] += product;
  }
  constexpr std::size_t eight = 8;
  std::array<float, eight> sum{};
  for (std::size_t i = 0; i < eight; ++i) {
    sum[i] = (sums[i] + sums[eight + i]) + (sums[2 * eight + i] + sums[3 * eight + i]);
  }
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

TEST(VectorProduct, IsTheSameToTheLastBitWhateverTheProcessorHas) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> number(-1, 1);
  for (const std::size_t dimensions : {1U, 31U, 32U, 33U, 384U, 768U, 1000U}) {
    const std::size_t stride = stride_of(dimensions);
    constexpr std::size_t rows = 5;
    std::vector<float> vectors(rows * stride);
    std::vector<float> query(stride);
    for (std::size_t i = 0; i < dimensions; ++i) {
      query[i] = number(random);
      for (std::size_t row = 0; row < rows; ++row) vectors[row * stride + i] = number(random);
    }
    std::vector<float> products(rows);
    multiply(vectors.data(), rows, stride, query.data(), products.data());
    for (std::size_t row = 0; row < rows; ++row) {
      EXPECT_EQ(products[row], product_by_hand(vectors.data() + row * stride, query.data(), stride))
          << dimensions << " dimensions, row " << row;
    }
  }
}

TEST(VectorProduct, ScoresAreMillionthsWithinOne) {
  EXPECT_EQ(micros_of(0.5F), 500'000);
  EXPECT_EQ(micros_of(-0.25F), -250'000);
  EXPECT_EQ(micros_of(1.0000001F), 1'000'000);
  EXPECT_EQ(micros_of(-1.0000001F), -1'000'000);
}

}  // namespace
}  // namespace holdfast::search
