#include "holdfast/counter.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

std::int64_t sum(const MemoryValue& current, std::int64_t delta) {
  return incremented({"ns", "key"}, &current, delta);
}

TEST(Counter, BeginsAtZero) { EXPECT_EQ(incremented({"ns", "key"}, nullptr, -3), -3); }

TEST(Counter, ReachesBothEndsOfInt64) {
  EXPECT_EQ(sum(greatest - 1, 1), greatest);
  EXPECT_EQ(sum(least + 1, -1), least);
  EXPECT_EQ(sum(least, greatest), -1);
  EXPECT_EQ(sum(greatest, least), -1);
}

TEST(Counter, OverflowIsOutOfRange) {
  for (const auto& [number, delta] :
       {std::pair{greatest, std::int64_t{1}}, {least, -1}, {greatest, greatest}, {least, least}}) {
    try {
      (void)sum(number, delta);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::out_of_range);
    }
  }
}

TEST(Counter, AnotherKindIsFailedPrecondition) {
  for (const MemoryValue& value : {MemoryValue(1.0), MemoryValue("1"), MemoryValue(),
                                   MemoryValue(true), MemoryValue::list({1})}) {
    try {
      (void)sum(value, 1);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
    }
  }
}

}  // namespace
}  // namespace holdfast
