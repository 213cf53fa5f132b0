#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/filter.hpp"

namespace holdfast {
namespace {

constexpr auto less = std::partial_ordering::less;
constexpr auto greater = std::partial_ordering::greater;
constexpr auto equal = std::partial_ordering::equivalent;
constexpr auto unordered = std::partial_ordering::unordered;
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

MemoryValue bytes(std::string_view text) {
  return MemoryValue::bytes(std::as_bytes(std::span(text.data(), text.size())));
}

MemoryValue parsed(std::string_view json) { return MemoryValue::parse(json); }

void expect_order(const MemoryValue& a, const MemoryValue& b, std::partial_ordering order) {
  EXPECT_EQ(compare(a, b), order) << a.json_text() << " and " << b.json_text();
  EXPECT_EQ(compare(b, a), 0 <=> order) << b.json_text() << " and " << a.json_text();
}

TEST(Compare, NumbersOfOneKind) {
  expect_order(9, 10, less);
  expect_order(-10, -9, less);
  expect_order(int64_min, int64_max, less);
  expect_order(int64_max, int64_max, equal);
  expect_order(0.5, 0.75, less);
  expect_order(-1e300, 1e-300, less);
  expect_order(-0.0, 0.0, equal);
}

TEST(Compare, IntegersAndDoublesExactly) {
  expect_order(1, 1.0, equal);
  expect_order(0, -0.0, equal);
  expect_order(1, 1.5, less);
  expect_order(-1, -1.5, greater);
  expect_order(std::int64_t{9007199254740993}, 9007199254740992.0, greater);
  expect_order(std::int64_t{9007199254740992}, 9007199254740992.0, equal);
  expect_order(std::int64_t{9007199254740991}, 9007199254740992.0, less);
  expect_order(int64_max, 9223372036854775808.0, less);
  expect_order(int64_max, 9223372036854774784.0, greater);
  expect_order(int64_min, -9223372036854775808.0, equal);
  expect_order(int64_min + 1, -9223372036854775808.0, greater);
  expect_order(int64_min, -9223372036854777856.0, greater);
  expect_order(int64_max, std::numeric_limits<double>::max(), less);
  expect_order(int64_min, std::numeric_limits<double>::lowest(), greater);
  expect_order(0, std::numeric_limits<double>::denorm_min(), less);
}

TEST(Compare, StringsBytewise) {
  expect_order("", "a", less);
  expect_order("a", "b", less);
  expect_order("B", "a", less);
  expect_order("a", "ab", less);
  expect_order("10", "9", less);
  expect_order("z", "\u00e9", less);
  expect_order("\uffff", "\U00010000", less);
  expect_order("same", "same", equal);
}

// Their spelling in JSON sorts otherwise: a backslash is above '!' and below 'a'.
TEST(Compare, StringsByTheirCharactersNotTheirEscapes) {
  expect_order("\n", "!", less);
  expect_order("\"", "a", less);
  expect_order("\"", "[", less);
  expect_order("\x01", "\t", less);
  expect_order("\n", "\t", greater);
  expect_order("a\\", "a\n", greater);
  expect_order(std::string(1, '\0'), "", greater);
  expect_order(std::string("x\0y", 3), "x", greater);
  expect_order("a\nb", "a\nc", less);
}

TEST(Compare, BytesBytewise) {
  expect_order(bytes(""), bytes("a"), less);
  expect_order(bytes("\x01"), bytes("\xff"), less);
  // "/w==" is below "AQ==" as text.
  expect_order(bytes("\xff"), bytes("\x01"), greater);
  expect_order(bytes("abc"), bytes("abcd"), less);
  expect_order(bytes("abc"), bytes("abc"), equal);
}

TEST(Compare, OtherKindsAreUnordered) {
  const std::vector<MemoryValue> values{
      nullptr, true, 1, "1", bytes("1"), MemoryValue::list({1}), MemoryValue::map({{"a", 1}})};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      const ValueKind kind = values[i].kind();
      const bool ordered = i == j && (kind == ValueKind::int64 || kind == ValueKind::string ||
                                      kind == ValueKind::bytes);
      expect_order(values[i], values[j], ordered ? equal : unordered);
    }
  }
  expect_order(true, 1, unordered);
  expect_order(1.5, "1.5", unordered);
  expect_order(false, true, unordered);
}

TEST(Compare, AgreesWithTheDoublesAndStringsThemselves) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const double a = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                static_cast<int>(random() % 80) - 70);
    const double b = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                static_cast<int>(random() % 80) - 70);
    ASSERT_EQ(compare(a, b), a <=> b);
    const auto integer = static_cast<std::int64_t>(random()) >> (random() % 64);
    const auto exact = static_cast<long double>(integer) <=> static_cast<long double>(a);
    ASSERT_EQ(compare(integer, a), exact) << integer << " and " << a;
    std::string s(random() % 4, ' ');
    std::string t(random() % 4, ' ');
    for (char& c : s) c = "\n\t\"\\!a["[random() % 7];
    for (char& c : t) c = "\n\t\"\\!a["[random() % 7];
    ASSERT_EQ(compare(s, t), std::string_view(s) <=> std::string_view(t)) << s << " and " << t;
  }
}

TEST(Equivalent, NumbersByValue) {
  EXPECT_TRUE(equivalent(1, 1.0));
  EXPECT_TRUE(equivalent(0, -0.0));
  EXPECT_TRUE(equivalent(0.0, -0.0));
  EXPECT_TRUE(equivalent(100, parsed("1e2")));
  EXPECT_FALSE(equivalent(std::int64_t{9007199254740993}, 9007199254740992.0));
  EXPECT_FALSE(equivalent(int64_max, 9223372036854775808.0));
  EXPECT_FALSE(equivalent(1, "1"));
  EXPECT_FALSE(equivalent(1, true));
  EXPECT_FALSE(equivalent(0, nullptr));
}

TEST(Equivalent, NumbersWithinListsAndMaps) {
  EXPECT_TRUE(equivalent(parsed("[1,[2.0,{\"a\":-0.0}]]"), parsed("[1.0,[2,{\"a\":0}]]")));
  EXPECT_FALSE(equivalent(parsed("[9007199254740993]"), parsed("[9007199254740992.0]")));
  EXPECT_TRUE(equivalent(parsed("[9007199254740992]"), parsed("[9007199254740992.0]")));
  EXPECT_FALSE(equivalent(parsed("{\"a\":1}"), parsed("{\"a\":1.5}")));
  EXPECT_FALSE(equivalent(parsed("[1,2]"), parsed("[12]")));
  EXPECT_FALSE(equivalent(parsed("[1]"), parsed("[\"1\"]")));
  EXPECT_FALSE(equivalent(parsed("[\"1\"]"), parsed("[\"1.0\"]")));
  EXPECT_FALSE(equivalent(parsed("{\"1\":0}"), parsed("{\"1.0\":0}")));
}

TEST(Equivalent, MapsWhateverTheOrderListsInOrder) {
  EXPECT_TRUE(equivalent(parsed(R"({"a":1,"b":[2]})"), parsed(R"({"b":[2.0],"a":1.0})")));
  EXPECT_FALSE(equivalent(parsed("[1,2]"), parsed("[2,1]")));
  EXPECT_FALSE(equivalent(parsed("[1.0,2]"), parsed("[1]")));
  EXPECT_FALSE(equivalent(parsed("[1]"), parsed("[1.0,2]")));
  EXPECT_FALSE(equivalent(parsed("[1.0]"), parsed("{\"a\":1}")));
  EXPECT_FALSE(equivalent(parsed("[]"), parsed("{}")));
  EXPECT_FALSE(equivalent(parsed("[[1.0],2]"), parsed("[[1,2]]")));
}

TEST(Equivalent, BytesEqualOnlyBytes) {
  EXPECT_TRUE(equivalent(bytes("hi"), parsed(R"({"$bytes":"aGk="})")));
  EXPECT_FALSE(equivalent(bytes("hi"), "hi"));
  EXPECT_FALSE(equivalent(bytes("hi"), "aGk="));
  EXPECT_FALSE(equivalent(bytes("hi"), MemoryValue::map({{"$bytes", "aGk="}})));
  EXPECT_TRUE(
      equivalent(MemoryValue::map({{"$bytes", "aGk="}}), MemoryValue::map({{"$bytes", "aGk="}})));
}

TEST(Equivalent, ReadsTheDeepestValuesWithoutRecursion) {
  const std::string opening(MemoryValue::max_depth, '[');
  const std::string closing(MemoryValue::max_depth, ']');
  EXPECT_TRUE(equivalent(parsed(opening + "1" + closing), parsed(opening + "1.0" + closing)));
  EXPECT_FALSE(equivalent(parsed(opening + "1" + closing), parsed(opening + "2.0" + closing)));
}

TEST(Equivalent, DamagedTextEndsInCorruptionOrInNo) {
  const MemoryValue sound = parsed(R"([1.0,"a",{"b":-2}])");
  const std::string text(sound.json_text());
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    for (const char c : {'"', '\\', '[', '-', ',', 'e', '\0'}) {
      std::string damaged = text;
      damaged[at] = c;
      try {
        const auto value = MemoryValue::from_canonical(SharedText::copy_of(damaged));
        EXPECT_TRUE(equivalent(value, sound) || damaged != text) << damaged;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corruption) << damaged;
      }
    }
  }
  const std::string brackets(1'000'000, '[');
  const auto deep = MemoryValue::from_canonical(SharedText::copy_of(brackets + "]"));
  EXPECT_FALSE(equivalent(deep, sound));
}

}  // namespace
}  // namespace holdfast
