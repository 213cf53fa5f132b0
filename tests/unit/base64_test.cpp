#include "base64.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace holdfast {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(encode_base64(bytes_of("")), "");
  EXPECT_EQ(encode_base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(encode_base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(encode_base64(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(encode_base64(bytes_of("foob")), "Zm9vYg==");
  EXPECT_EQ(encode_base64(bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(encode_base64(bytes_of("foobar")), "Zm9vYmFy");
}

TEST(Base64, AnyBytesReadBackEqual) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    const std::string text = encode_base64(bytes);
    ASSERT_EQ(text.size(), base64_size(size));
    ASSERT_EQ(decode_base64(text), bytes) << text;
  }
}

TEST(Base64, WhatIsNotCanonicalIsRefused) {
  for (const std::string_view text : {"Zg=",  "Zg",   "Z",       "Zg==Zg==", "Zm8=Zm8=",
                                      "Zh==", "Zm9=", "Zm9v\n",  " Zm9",     "Zm-v",
                                      "Zm_v", "====", "===",     "A===",     "=AAA",
                                      "A=AA", "AA=A", "Zm9\xC3", "Zm9v=",    "\"AAA"}) {
    EXPECT_FALSE(is_canonical_base64(text)) << text;
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

/// Over all texts of four characters of a small alphabet: those that read at all read differently.
TEST(Base64, NoTwoTextsStandForTheSameBytes) {
  constexpr std::string_view letters = "AQgw/=";
  std::set<std::vector<std::byte>> seen;
  for (const char a : letters) {
    for (const char b : letters) {
      for (const char c : letters) {
        for (const char d : letters) {
          const auto bytes = decode_base64(std::string{a, b, c, d});
          EXPECT_TRUE(!bytes || seen.insert(*bytes).second) << a << b << c << d;
        }
      }
    }
  }
  EXPECT_GT(seen.size(), 600U);
}

}  // namespace
}  // namespace holdfast
