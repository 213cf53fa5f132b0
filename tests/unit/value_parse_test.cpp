// What JSON text is read, what is refused, and where the refusal points.
#include <gtest/gtest.h>
#include <pthread.h>

#include "value_samples.hpp"

namespace holdfast {
namespace {

std::string nested(std::size_t levels, std::string_view inside = {}) {
  return std::string(levels, '[') + std::string(inside) + std::string(levels, ']');
}

void expect_refused(std::string_view text) {
  EXPECT_EQ(code_of([=] { return parsed(text); }), ErrorCode::invalid_argument) << text;
}

void expect_refused_at(std::string_view text, std::size_t offset, std::string_view words) {
  const std::optional<Error> error = error_of([=] { return parsed(text); });
  ASSERT_TRUE(error) << text;
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  const std::string where = "byte " + std::to_string(offset) + ":";
  EXPECT_NE(error->message().find(where), std::string::npos) << text << "\n" << error->message();
  EXPECT_NE(error->message().find(words), std::string::npos) << text << "\n" << error->message();
}

TEST(ValueParse, CanonicalTextComesBackUnchanged) {
  EXPECT_EQ(parsed(canonical_sample).json_text(), canonical_sample);
}

TEST(ValueParse, WhiteSpaceAndOrderOfKeysDoNotCount) {
  const MemoryValue value = parsed(" {\t\"b\" : [ 1 ,\r\n 2 ] , \"a\" : { } }\n");
  EXPECT_EQ(value.json_text(), R"({"a":{},"b":[1,2]})");
  EXPECT_EQ(value, parsed(R"({"a":{},"b":[1,2]})"));
}

TEST(ValueParse, NestedMapsAreSortedAtEveryLevel) {
  EXPECT_EQ(
      parsed(R"({"z":{"y":1,"x":{"b":1,"a":2,"c":3}},"m":[{"d":1,"c":2}],"a":0})").json_text(),
      R"({"a":0,"m":[{"c":2,"d":1}],"z":{"x":{"a":2,"b":1,"c":3},"y":1}})");
}

TEST(ValueParse, KeysAreSortedByWhatTheyStandForAsBytes) {
  // '"' (0x22) is spelled with a backslash (0x5c), yet comes before 'A' and after '!'.
  EXPECT_EQ(
      parsed(R"({"é":1,"A":2,"\"":3,"!":4,"\u0000":5,"":6,"a\\":7,"a":8,"ab":9})").json_text(),
      R"({"":6,"\u0000":5,"!":4,"\"":3,"A":2,"a":8,"a\\":7,"ab":9,"é":1})");
}

TEST(ValueParse, EscapesTakeTheirCanonicalSpelling) {
  EXPECT_EQ(parsed(R"("\u0041\/\u000a\u0008\u001F\u0022\u005C\u00E9\u20ac")").json_text(),
            "\"A/\\n\\b\\u001f\\\"\\\\\xC3\xA9\xE2\x82\xAC\"");
}

TEST(ValueParse, SurrogatePairsBecomeOneCodePoint) {
  EXPECT_EQ(parsed(R"("\ud83d\ude00")").get<std::string>(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(parsed(R"("\uD800\uDC00")").get<std::string>(), "\xF0\x90\x80\x80");
  EXPECT_EQ(parsed(R"("\uDBFF\uDFFF")").get<std::string>(), "\xF4\x8F\xBF\xBF");
}

TEST(ValueParse, LoneSurrogatesAreRefused) {
  expect_refused_at(R"("ab\ud800")", 3, "surrogate");
  expect_refused_at(R"("\udc00\ud800")", 1, "surrogate");
  expect_refused_at(R"("\ud800\ud800")", 1, "surrogate");
  expect_refused_at(R"("\ud800\n")", 1, "surrogate");
  expect_refused_at(R"("\ud800x")", 1, "surrogate");
  expect_refused_at(R"("\ud800\ue000")", 1, "surrogate");
  expect_refused_at(R"("\ud800\u0041")", 1, "surrogate");
}

TEST(ValueParse, BrokenStringsAreRefused) {
  expect_refused_at("\"abc", 0, "does not end");
  expect_refused_at("\"abc\\", 4, "escape");
  expect_refused_at(R"("\x41")", 1, "escape");
  expect_refused_at(R"("\u12g4")", 1, "hexadecimal");
  expect_refused_at("\"\\u12\"", 1, "hexadecimal");
  expect_refused_at("\"a\nb\"", 2, "control");
  expect_refused_at(std::string_view("\"a\0b\"", 5), 2, "control");
  expect_refused_at("\"0123456789\xFF\"", 11, "UTF-8");
  expect_refused_at("\"\xED\xA0\x80\"", 1, "UTF-8");
  expect_refused_at("\"\xC3", 1, "UTF-8");
}

TEST(ValueParse, NumbersWithFractionOrExponentAreDoubles) {
  EXPECT_EQ(parsed("1.0"), MemoryValue(1.0));
  EXPECT_EQ(parsed("1e2"), MemoryValue(100.0));
  EXPECT_EQ(parsed("1E+2").json_text(), "100.0");
  EXPECT_EQ(parsed("1e5").get<double>(), 100000.0);
  EXPECT_EQ(parsed("-0"), MemoryValue(-0.0));
  EXPECT_EQ(parsed("-0.0"), MemoryValue(-0.0));
  EXPECT_EQ(parsed("0").kind(), ValueKind::int64);
  EXPECT_EQ(parsed("9007199254740993").get<std::int64_t>(), 9007199254740993);
  EXPECT_EQ(parsed("0.1000000000000000055511151231257827021181583404541015625"), MemoryValue(0.1));
}

TEST(ValueParse, ManyNumbersThatGrowFit) {
  std::string source = "[";
  std::string canonical = "[";
  for (int i = 0; i < 5000; ++i) {
    source += "-0,1e9,";
    canonical += "-0.0,1e+09,";
  }
  EXPECT_EQ(parsed(source + "0]").json_text(), canonical + "0]");
}

TEST(ValueParse, IntegersOutsideInt64AreRefused) {
  EXPECT_EQ(parsed("9223372036854775807").json_text(), "9223372036854775807");
  EXPECT_EQ(parsed("-9223372036854775808").json_text(), "-9223372036854775808");
  expect_refused_at("[9223372036854775808]", 1, "int64");
  expect_refused_at("-9223372036854775809", 0, "int64");
  expect_refused_at(std::string(400, '1'), 0, "int64");
}

TEST(ValueParse, NumbersTooLargeForADoubleAreRefused) {
  expect_refused_at("[1,1e400]", 3, "double");
  expect_refused_at("-1e400", 0, "double");
  expect_refused_at("1.8e308", 0, "double");
  expect_refused_at("1e99999999999999999999", 0, "double");
  expect_refused_at("0.01e99999999999999999999", 0, "double");
  expect_refused_at(std::string(400, '1') + ".0", 0, "double");
}

TEST(ValueParse, NumbersTooSmallForADoubleAreZeroOfTheirSign) {
  EXPECT_EQ(parsed("1e-400"), MemoryValue(0.0));
  EXPECT_EQ(parsed("-1e-400"), MemoryValue(-0.0));
  EXPECT_EQ(parsed("-123.4e-99999999999999999999"), MemoryValue(-0.0));
  EXPECT_EQ(parsed("0." + std::string(400, '0') + "1"), MemoryValue(0.0));
  EXPECT_EQ(parsed("1e-9223372036854775808"), MemoryValue(0.0));
  EXPECT_EQ(parsed("0e99999999999999999999"), MemoryValue(0.0));
  EXPECT_EQ(parsed("0." + std::string(400, '0') + "1e401"), MemoryValue(1.0));
}

TEST(ValueParse, WhatIsNoNumberIsRefused) {
  for (const std::string_view text : {"01", "-01", "+1", "1.", ".5", "1e", "1e+", "-", "0x10",
                                      "1.e5", "NaN", "Infinity", "-Infinity", "--1", "1_0"}) {
    expect_refused(text);
  }
}

TEST(ValueParse, WhatIsNotOneValueIsRefused) {
  for (const std::string_view text : {"",
                                      " ",
                                      "\n",
                                      "1 2",
                                      "{} {}",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{1:2}",
                                      "nul",
                                      "nulls",
                                      "True",
                                      "tru",
                                      "falsy",
                                      "[",
                                      "]",
                                      "{",
                                      "}",
                                      "[}",
                                      "{]",
                                      "[1}",
                                      "\"a\" b",
                                      "//x\n1",
                                      "1//x",
                                      "\xEF\xBB\xBF{}",
                                      ",",
                                      ":",
                                      "\"",
                                      "\\",
                                      "\x80"}) {
    expect_refused(text);
  }
  expect_refused_at("[1] x", 4, "follows");
  expect_refused_at("", 0, "missing");
  expect_refused(std::string_view("1\0", 2));
}

TEST(ValueParse, DuplicateKeysAreRefusedByNameAndOffset) {
  expect_refused_at(R"({"a":1,"a":1})", 7, R"("a")");
  expect_refused_at(R"({"a":1,"\u0061":2})", 7, R"("a")");
  expect_refused_at(R"({"b":1,"a":2,"c":3,"b":4})", 19, R"("b")");
  expect_refused_at(R"([{"z":1,"k\u000a":1,"a":2,"k\n":3}])", 26, R"("k\n")");
  expect_refused_at(R"({"":1,"":2})", 6, R"("")");
  expect_refused_at(R"({"a":{"x":1,"x":2},"a":1})", 12, R"("x")");
}

TEST(ValueParse, ALongKeyIsShortenedInTheMessage) {
  std::string key = "\"";
  for (int i = 0; i < 500; ++i) key += "\xE2\x82\xAC";
  const std::string text = "{" + key + "\":1," + key + "\":2}";
  const std::optional<Error> error = error_of([&] { return parsed(text); });
  ASSERT_TRUE(error);
  EXPECT_LT(error->message().size(), 200U);
  EXPECT_EQ(MemoryValue(error->message()).kind(), ValueKind::string);  // no code point is cut
}

TEST(ValueParse, EqualKeysInDifferentMapsAreNoDuplicates) {
  EXPECT_EQ(parsed(R"({"b":{"a":1,"b":2},"a":{"b":1,"a":2}})").json_text(),
            R"({"a":{"a":2,"b":1},"b":{"a":1,"b":2}})");
}

TEST(ValueParse, ManyKeysInReverseAreSorted) {
  std::string source = "{";
  std::string canonical = "{";
  for (int i = 1000; i < 3000; ++i) {
    canonical += (i > 1000 ? ",\"" : "\"") + std::to_string(i) + "\":[" + std::to_string(i) + "]";
    const int back = 3999 - i;
    source +=
        (i > 1000 ? ",\"" : "\"") + std::to_string(back) + "\":[" + std::to_string(back) + "]";
  }
  EXPECT_EQ(parsed(source + "}").json_text(), canonical + "}");
}

TEST(ValueParse, OneHundredAndTwentyEightLevelsAreTheMost) {
  EXPECT_EQ(parsed(nested(128)).json_text(), nested(128));
  EXPECT_EQ(parsed(nested(128, "1")).json_text(), nested(128, "1"));
  EXPECT_EQ(parsed(nested(127, "{}")).json_text(), nested(127, "{}"));
  expect_refused_at(nested(129), 128, "128 levels");
  expect_refused_at(nested(128, "{}"), 128, "128 levels");
  expect_refused_at(nested(128, R"({"a":{}})"), 133, "128 levels");
}

TEST(ValueParse, BytesAreNoLevel) {
  const std::string text = nested(128, R"({"$bytes":"AA=="})");
  EXPECT_EQ(parsed(text).json_text(), text);
  expect_refused_at(nested(128, R"({"$bytes":"AA"})"), 128, "128 levels");
  expect_refused_at(nested(129, R"({"$bytes":"AA=="})"), 128, "128 levels");
}

// What small systems give a thread. AddressSanitizer makes frames several times as large; a million
// levels would overflow either.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t small_stack_bytes = 1024 * 1024;
#else
constexpr std::size_t small_stack_bytes = 128 * 1024;
#endif

void* parse_a_million_brackets(void* outcome) {
  bool& refused = *static_cast<bool*>(outcome);
  refused =
      code_of([] { return parsed(std::string(1'000'000, '[')); }) == ErrorCode::invalid_argument &&
      code_of([] {
        std::string text;
        for (int i = 0; i < 300'000; ++i) text += "{\"a\":";
        return parsed(text);
      }) == ErrorCode::invalid_argument;
  return nullptr;
}

TEST(ValueParse, AMillionBracketsOnASmallStackAreACleanError) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, small_stack_bytes), 0);
  bool refused = false;
  pthread_t thread{};
  ASSERT_EQ(pthread_create(&thread, &attributes, &parse_a_million_brackets, &refused), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
  EXPECT_TRUE(refused);
}

TEST(ValueParse, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < canonical_sample.size(); ++size) {
    // A copy of the exact size, so that a read beyond it is seen by the sanitizer.
    const std::vector<char> cut(canonical_sample.begin(),
                                canonical_sample.begin() + static_cast<std::ptrdiff_t>(size));
    expect_refused(std::string_view(cut.data(), cut.size()));
  }
}

TEST(ValueParse, RandomDamageIsReadOrRefusedCleanly) {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<char> text(canonical_sample.begin(), canonical_sample.end());
    for (int hits = 0; hits < 3; ++hits) {
      text[random() % text.size()] =
          round % 2 == 0 ? static_cast<char>(random()) : canonical_sample[random() % text.size()];
    }
    const std::string_view damaged(text.data(), text.size());
    std::optional<MemoryValue> value;
    const auto code = code_of([&] { return value = parsed(damaged); });
    ASSERT_TRUE(!code || code == ErrorCode::invalid_argument) << damaged;
    ASSERT_TRUE(!value || parsed(value->json_text()) == *value) << damaged;
  }
}

}  // namespace
}  // namespace holdfast
