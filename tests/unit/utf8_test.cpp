#include "utf8.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace holdfast {
namespace {

std::string utf8_of(std::uint32_t code_point) {
  std::array<char, 4> bytes{};
  return {bytes.data(), write_utf8(code_point, bytes.data())};
}

TEST(Utf8, EveryScalarValueIsValidAndNothingElseOfItsLength) {
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const std::string text = utf8_of(code_point);
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    ASSERT_EQ(is_valid_utf8(text), !is_surrogate) << std::hex << code_point;
    ASSERT_EQ(code_point_length(text[0]), text.size()) << std::hex << code_point;
    ASSERT_FALSE(is_valid_utf8(std::string_view(text).substr(0, text.size() - 1)) &&
                 text.size() > 1)
        << std::hex << code_point;
  }
  EXPECT_FALSE(is_valid_utf8(utf8_of(0x110000)));
}

TEST(Utf8, ValidTextsOfTwoBytesAreCounted) {
  int valid = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char text[] = {static_cast<char>(first), static_cast<char>(second)};
      valid += is_valid_utf8(std::string_view(text, 2)) ? 1 : 0;
    }
  }
  EXPECT_EQ(valid, 128 * 128 + (0x800 - 0x80));
}

TEST(Utf8, ValidTextsOfThreeBytesWithLeadAreCounted) {
  int valid = 0;
  for (int first = 0xE0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (int third = 0; third < 256; ++third) {
        const char text[] = {static_cast<char>(first), static_cast<char>(second),
                             static_cast<char>(third)};
        valid += is_valid_utf8(std::string_view(text, 3)) ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(valid, 0x10000 - 0x800 - 0x800);  // without the shorter ones and the surrogates
}

TEST(Utf8, OverlongFormsAreRefused) {
  EXPECT_FALSE(is_valid_utf8("\xC0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xC1\xBF"));
  EXPECT_FALSE(is_valid_utf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(is_valid_utf8("\xF0\x8F\xBF\xBF"));
  EXPECT_FALSE(is_valid_utf8("\xF5\x80\x80\x80"));
}

TEST(Utf8, ADefectIsFoundAtEveryOffset) {
  const std::string good = "0123456789abcdef\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 tail of text";
  ASSERT_TRUE(is_valid_utf8(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '\xFF';
    EXPECT_FALSE(is_valid_utf8(bad)) << i;
  }
}

TEST(Utf8, EmptyTextAndZeroByteAreValid) {
  EXPECT_TRUE(is_valid_utf8({}));
  EXPECT_TRUE(is_valid_utf8(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace holdfast
