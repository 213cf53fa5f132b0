#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/filter.hpp"

namespace holdfast {
namespace {

using testing::HasSubstr;
using Steps = std::vector<Path::Step>;

std::string refusal_of(std::string_view text) {
  try {
    return "accepted: " + Path(text).text();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
}

Path::Step index(std::size_t i) { return i; }
Path::Step key(std::string text) { return text; }

TEST(Path, EmptyTextIsTheValueItself) {
  EXPECT_TRUE(Path("").steps().empty());
  EXPECT_EQ(Path().text(), "");
  EXPECT_EQ(Path("").resolve(MemoryValue(5)), MemoryValue(5));
}

TEST(Path, ReadsKeysAndIndexes) {
  EXPECT_EQ(Path("a").steps(), Steps{key("a")});
  EXPECT_EQ(Path("tool_calls[0].function").steps(),
            (Steps{key("tool_calls"), index(0), key("function")}));
  EXPECT_EQ(Path("[12][0]").steps(), (Steps{index(12), index(0)}));
  EXPECT_EQ(Path(R"(["a.b"].c)").steps(), (Steps{key("a.b"), key("c")}));
  EXPECT_EQ(Path(R"(a["b"]["c"])").steps(), (Steps{key("a"), key("b"), key("c")}));
}

TEST(Path, PlainKeysHoldAnythingButDotAndBracket) {
  for (const std::string text : {"0", "a b", "]", "\"", "a\"b]", "$x", "\u00e9", "*", "a/b", "-",
                                 "a') OR 1=1--", "\\", " "}) {
    EXPECT_EQ(Path(text).steps(), Steps{key(text)}) << text;
    EXPECT_EQ(Path(Path(text).text()), Path(text)) << text;
  }
}

TEST(Path, QuotedKeysAreJsonStrings) {
  EXPECT_EQ(Path(R"([""])").steps(), Steps{key("")});
  EXPECT_EQ(Path(R"(["a\"]\\"])").steps(), Steps{key("a\"]\\")});
  EXPECT_EQ(Path("[\"\\u0041\\n\"]").steps(), Steps{key("A\n")});
  EXPECT_EQ(Path("[\"\\u0000\"]").steps(), Steps{key(std::string(1, '\0'))});
}

TEST(Path, AwkwardKeysAreWrittenInBrackets) {
  EXPECT_EQ(Path(Steps{key("a.b"), key("c")}).text(), R"(["a.b"].c)");
  EXPECT_EQ(Path(Steps{key("")}).text(), R"([""])");
  EXPECT_EQ(Path(Steps{key("$x"), key("$y")}).text(), R"(["$x"].$y)");
  EXPECT_EQ(Path(Steps{key("a"), key("[0]"), index(0)}).text(), R"(a["[0]"][0])");
}

TEST(Path, RefusalsNameTheByte) {
  EXPECT_THAT(refusal_of("."), HasSubstr("byte 0: a key is missing"));
  EXPECT_THAT(refusal_of(".a"), HasSubstr("byte 0: a key is missing"));
  EXPECT_THAT(refusal_of("a."), HasSubstr("byte 2: a key is missing"));
  EXPECT_THAT(refusal_of("a..b"), HasSubstr("byte 2: a key is missing"));
  EXPECT_THAT(refusal_of("a.[0]"), HasSubstr("byte 2: a key is missing"));
  EXPECT_THAT(refusal_of("[0]a"), HasSubstr("byte 3: after ']'"));
  EXPECT_THAT(refusal_of("[01]"), HasSubstr("byte 1: an index has no leading zeros"));
  EXPECT_THAT(refusal_of("[00]"), HasSubstr("leading zeros"));
  EXPECT_THAT(refusal_of("[-1]"), HasSubstr("byte 1: '[' takes"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("byte 1: '[' takes"));
  EXPECT_THAT(refusal_of("[ 0]"), HasSubstr("byte 1: '[' takes"));
  EXPECT_THAT(refusal_of("["), HasSubstr("byte 1"));
  EXPECT_THAT(refusal_of("ab[0"), HasSubstr("byte 4: ']' is missing, for the '[' at byte 2"));
  EXPECT_THAT(refusal_of("[0x]"), HasSubstr("byte 2: ']' is missing"));
  EXPECT_THAT(refusal_of("[\"a"), HasSubstr("byte 1: the string has no closing quote"));
  EXPECT_THAT(refusal_of("[\"a\\\""), HasSubstr("no closing quote"));
  EXPECT_THAT(refusal_of("[\"a\\"), HasSubstr("no closing quote"));
  EXPECT_THAT(refusal_of("[\"a\"b]"), HasSubstr("byte 4: ']' is missing"));
  EXPECT_THAT(refusal_of("[\"\\x\"]"), HasSubstr("byte 1: not a JSON string"));
  EXPECT_THAT(refusal_of("[\"\\ud800\"]"), HasSubstr("byte 1: not a JSON string"));
  EXPECT_THAT(refusal_of("a.\xff"), HasSubstr("byte 2: a key that is not valid UTF-8"));
  EXPECT_THAT(refusal_of("[\"\xff\"]"), HasSubstr("byte 1: not a JSON string"));
}

TEST(Path, IndexesReachAsFarAsSizeT) {
  const std::size_t largest = std::numeric_limits<std::size_t>::max();
  const std::string text = "[" + std::to_string(largest) + "]";
  EXPECT_EQ(Path(text).steps(), Steps{index(largest)});
  EXPECT_EQ(Path(text).resolve(MemoryValue::list({1})), std::nullopt);
  EXPECT_THAT(refusal_of("[18446744073709551616]"), HasSubstr("byte 1: the index is too large"));
  EXPECT_THAT(refusal_of("[" + std::string(10'000, '9') + "]"), HasSubstr("too large"));
}

TEST(Path, StepsAreBounded) {
  std::string text;
  for (std::size_t i = 0; i < Path::max_steps; ++i) text += "[0]";
  EXPECT_EQ(Path(text).steps().size(), Path::max_steps);
  EXPECT_THAT(refusal_of(text + "[0]"), HasSubstr("over 64 steps"));
  EXPECT_THAT(refusal_of(text + ".a"), HasSubstr("over 64 steps"));
  EXPECT_THROW(Path(Steps(65, index(0))), Error);
  EXPECT_NO_THROW(Path(Steps(64, index(0))));
}

TEST(Path, StepsOfInvalidUtf8AreRefused) {
  EXPECT_THROW(Path(Steps{key("a"), key("\xff")}), Error);
}

TEST(Path, ResolvesThroughMapsAndLists) {
  const auto value =
      MemoryValue::parse(R"({"calls":[{"name":"f"},{"name":"g"}],"":7,"a.b":{"0":1},"n":null})");
  EXPECT_EQ(Path("calls[1].name").resolve(value), MemoryValue("g"));
  EXPECT_EQ(Path(R"([""])").resolve(value), MemoryValue(7));
  EXPECT_EQ(Path(R"(["a.b"].0)").resolve(value), MemoryValue(1));
  EXPECT_EQ(Path("n").resolve(value), MemoryValue());
  EXPECT_EQ(Path("calls").resolve(value), value["calls"]);
}

TEST(Path, LeadsNowhereWhereTheKindIsAnother) {
  const auto value = MemoryValue::parse(R"({"list":[1],"map":{"0":1},"s":"text","n":null})");
  for (const char* text : {"missing", "list.0", "list[1]", "map[0]", "s.x", "s[0]", "n.x", "n[0]",
                           "[0]", "map.0.x", "missing.x.y[3]"}) {
    EXPECT_EQ(Path(text).resolve(value), std::nullopt) << text;
  }
}

TEST(Path, NeverLooksIntoBytes) {
  const auto value = MemoryValue::parse(R"({"b":{"$bytes":"aGk="}})");
  ASSERT_EQ(value["b"].kind(), ValueKind::bytes);
  EXPECT_EQ(Path("b.$bytes").resolve(value), std::nullopt);
  EXPECT_EQ(Path("b[0]").resolve(value), std::nullopt);
}

TEST(Path, LooksIntoMapsThatAreStoredWrapped) {
  const auto inner = MemoryValue::map({{"$bytes", "aGk="}});
  ASSERT_EQ(inner.kind(), ValueKind::map);
  const auto value = MemoryValue::map({{"m", inner}, {"w", MemoryValue::map({{"$map", inner}})}});
  EXPECT_EQ(Path("m.$bytes").resolve(value), MemoryValue("aGk="));
  EXPECT_EQ(Path("m.$map").resolve(value), std::nullopt);
  EXPECT_EQ(Path("w.$map").resolve(value), inner);
  EXPECT_EQ(Path("w.$map.$bytes").resolve(value), MemoryValue("aGk="));
}

TEST(Path, EveryPathSurvivesItsText) {
  std::mt19937_64 random(99);
  const std::vector<std::string> pieces{
      "a", ".", "[", "]", "\"", "\\", "$", "0", "\u00e9", "\n", std::string(1, '\0'), " ", "'"};
  for (int round = 0; round < 20'000; ++round) {
    Steps steps;
    for (std::size_t n = random() % 6; n > 0; --n) {
      if (random() % 3 == 0) {
        steps.push_back(index(random() >> (random() % 64)));
        continue;
      }
      std::string text;
      for (std::size_t length = random() % 4; length > 0; --length) {
        text += pieces[random() % pieces.size()];
      }
      steps.push_back(key(text));
    }
    const Path path(steps);
    ASSERT_EQ(Path(path.text()).steps(), steps) << path.text();
    ASSERT_FALSE(path.text().starts_with('$'));
    ASSERT_EQ(MemoryValue(path.text()).get<std::string>(), path.text());
  }
}

TEST(Path, AnyTextIsReadOrRefused) {
  std::mt19937_64 random(5);
  constexpr std::string_view alphabet = "a.[]\"\\0$\xc3\xa9u";
  int read = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text(random() % 9, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    try {
      const Path path(text);
      ++read;
      ASSERT_EQ(Path(path.text()), path) << text;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::invalid_argument) << text;
    }
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace holdfast
