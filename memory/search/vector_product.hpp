// Products of vectors, with what the processor has for them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace holdfast::search {

// Vectors lie in rows of a multiple of so many numbers, the last of them 0.
inline constexpr std::size_t lanes = 32;
[[nodiscard]] constexpr std::size_t stride_of(std::size_t dimensions) noexcept {
  return (dimensions + lanes - 1) / lanes * lanes;
}

// The products of `rows` rows with `query`. Each sum is made of `lanes` sums, in one order, without
// fused operations: to the last bit the same on every processor.
void multiply(const float* vectors, std::size_t rows, std::size_t stride, const float* query,
              float* products) noexcept;

// A product of vectors of unit length as a score.
[[nodiscard]] inline std::int64_t micros_of(float product) noexcept {
  constexpr double most = 1;  // Sums of rounded products can pass it by little.
  const double cosine = std::fmin(most, std::fmax(-most, static_cast<double>(product)));
  return std::llround(cosine * 1e6);
}

}  // namespace holdfast::search
