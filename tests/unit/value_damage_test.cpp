// Text given to `from_canonical` is not checked: whatever it is, reading it is safe.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "read_all.hpp"
#include "value_samples.hpp"

namespace holdfast {
namespace {

/// The codes of reading `text` with the accessors and as JSON; text in a block of its exact size.
void expect_safe(std::string_view text) {
  const SharedText shared = SharedText::copy_of(text);
  const auto walked = code_of([&] {
    int budget = 100;
    read_all(MemoryValue::from_canonical(shared), budget);
    return 0;
  });
  EXPECT_TRUE(!walked || walked == ErrorCode::corruption) << text;
  const auto converted = code_of([&] { return MemoryValue::from_canonical(shared).to_json(); });
  EXPECT_TRUE(!converted || converted == ErrorCode::corruption) << text;
}

TEST(ValueDamage, EveryTruncationIsReadSafely) {
  for (std::size_t size = 0; size < canonical_sample.size(); ++size) {
    expect_safe(canonical_sample.substr(0, size));
    expect_safe(canonical_sample.substr(size));
    expect_safe("[" + std::string(canonical_sample.substr(0, size)) + "]");
    expect_safe("{" + std::string(canonical_sample.substr(size)));
  }
}

TEST(ValueDamage, RandomDamageIsReadSafely) {
  std::mt19937 random(5);
  for (int round = 0; round < 10'000; ++round) {
    std::string text(canonical_sample);
    for (int hits = 0; hits < 4; ++hits) {
      text[random() % text.size()] =
          round % 2 == 0 ? static_cast<char>(random()) : canonical_sample[random() % text.size()];
    }
    expect_safe(text);
  }
}

TEST(ValueDamage, RandomPunctuationIsReadSafely) {
  constexpr std::string_view letters = R"([]{}",:\1.e-n$)";
  std::mt19937 random(6);
  for (int round = 0; round < 50'000; ++round) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    expect_safe(text);
  }
}

TEST(ValueDamage, DamageIsReportedAsCorruption) {
  const auto code_of_walk = [](std::string_view text) {
    return code_of([=] {
      int budget = 100;
      read_all(MemoryValue::from_canonical(SharedText::copy_of(text)), budget);
      return 0;
    });
  };
  for (const std::string_view text : {"",
                                      "x",
                                      "nul",
                                      "nullx",
                                      "truth",
                                      "\"",
                                      "\"a",
                                      "[",
                                      "{",
                                      "[1",
                                      "{\"a\":1",
                                      "[1,]",
                                      "[,]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\" 1}",
                                      "{1:2}",
                                      "{\"a\":1,}",
                                      "\"a\"b\"",
                                      "\"\\x\"",
                                      "\"\\u0041\"",
                                      "\"\\u000A\"",
                                      "\"\\u000a\"",
                                      "\"\\/\"",
                                      "\"\\\"",
                                      "\"\xFF\"",
                                      "\"\x01\"",
                                      "1x",
                                      "-",
                                      "1e",
                                      "1.x",
                                      "99999999999999999999",
                                      "1e999",
                                      "11111111111111111111111111111111111111111",
                                      "[nul]",
                                      "[\"]",
                                      "[\"\\]",
                                      "{\"\\}",
                                      "{\"a:1}",
                                      "[[]",
                                      "[]]",
                                      "{\"$map\":{\"$bytes\":\"A\"}"}) {
    EXPECT_EQ(code_of_walk(text), ErrorCode::corruption) << text;
  }
}

TEST(ValueDamage, AMillionBracketsAreReadSafely) {
  const std::string opening(1'000'000, '[');
  const std::string balanced = opening + std::string(1'000'000, ']');
  const auto value = MemoryValue::from_canonical(SharedText::copy_of(balanced));
  EXPECT_EQ(value.size(), 1U);
  EXPECT_EQ(code_of([&] { return value.to_json(); }), ErrorCode::corruption);
  EXPECT_EQ(code_of([&] { return MemoryValue::list({value}); }), ErrorCode::invalid_argument);
  const auto unclosed = MemoryValue::from_canonical(SharedText::copy_of(opening + "]"));
  EXPECT_EQ(code_of([&] { return unclosed.size(); }), ErrorCode::corruption);
}

TEST(ValueDamage, ManyWrapsAreReadSafely) {
  std::string text = R"({"$bytes":"AA=="})";
  for (int i = 0; i < 2000; ++i) text = R"({"$map":)" + text + "}";
  expect_safe(text);
}

}  // namespace
}  // namespace holdfast
