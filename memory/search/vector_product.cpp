#include "vector_product.hpp"

#include <cstring>

namespace holdfast::search {
namespace {

// What GCC and Clang turn into what the processor has: two registers of SSE, one of AVX.
constexpr std::size_t width = 8;
using Eight [[gnu::vector_size(width * sizeof(float))]] = float;
static_assert(lanes == 4 * width);

[[gnu::always_inline]] inline float product_of(const float* a, const float* b,
                                               std::size_t stride) noexcept {
  Eight sums[4] = {};
  for (std::size_t i = 0; i < stride; i += lanes) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      Eight x;
      Eight y;
      std::memcpy(&x, a + i + lane * width, sizeof x);
      std::memcpy(&y, b + i + lane * width, sizeof y);
      sums[lane] += x * y;
    }
  }
  const Eight sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

[[gnu::always_inline]] inline void multiply_rows(const float* vectors, std::size_t rows,
                                                 std::size_t stride, const float* query,
                                                 float* products) noexcept {
  for (std::size_t row = 0; row < rows; ++row) {
    products[row] = product_of(vectors + row * stride, query, stride);
  }
}

using Multiply = void (*)(const float*, std::size_t, std::size_t, const float*, float*) noexcept;

void multiply_plainly(const float* vectors, std::size_t rows, std::size_t stride,
                      const float* query, float* products) noexcept {
  multiply_rows(vectors, rows, stride, query, products);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void multiply_with_avx2(const float* vectors, std::size_t rows,
                                                std::size_t stride, const float* query,
                                                float* products) noexcept {
  multiply_rows(vectors, rows, stride, query, products);
}
#endif

Multiply choose() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return multiply_with_avx2;
#endif
  return multiply_plainly;
}

}  // namespace

void multiply(const float* vectors, std::size_t rows, std::size_t stride, const float* query,
              float* products) noexcept {
  static const Multiply chosen = choose();
  chosen(vectors, rows, stride, query, products);
}

}  // namespace holdfast::search
