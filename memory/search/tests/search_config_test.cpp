// What is searched, as something that can be stored.
#include "holdfast/search_config.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> found_at(std::string_view path, std::string_view json) {
  std::vector<std::string> found;
  SearchPath(path).resolve(MemoryValue::parse(json), [&](const MemoryValue& value) {
    found.emplace_back(value.json_text());
  });
  return found;
}

std::string refusal(std::string_view json) {
  try {
    (void)SearchConfig::from_value(MemoryValue::parse(json));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
  ADD_FAILURE() << "taken: " << json;
  return "";
}

TEST(SearchPath, LeadsThroughEveryElementOfAList) {
  constexpr auto value = R"({"parts":[{"text":"a"},{"image":"x"},{"text":"b"}],"c":[[1,2],[3]]})";
  EXPECT_THAT(found_at("parts[*].text", value), ElementsAre("\"a\"", "\"b\""));
  EXPECT_THAT(found_at("c[*][*]", value), ElementsAre("1", "2", "3"));
  EXPECT_THAT(found_at("c[*][0]", value), ElementsAre("1", "3"));
  EXPECT_THAT(found_at("parts[1].image", value), ElementsAre("\"x\""));
  EXPECT_THAT(found_at("parts.text", value), IsEmpty());
  EXPECT_THAT(found_at("missing[*].text", value), IsEmpty());
  EXPECT_THAT(found_at("[*]", "[1,2]"), ElementsAre("1", "2"));
  EXPECT_THAT(found_at("", "7"), ElementsAre("7"));
}

TEST(SearchPath, AQuotedKeyIsNoStar) {
  EXPECT_THAT(found_at(R"(["[*]"].x)", R"({"[*]":{"x":1}})"), ElementsAre("1"));
  EXPECT_THAT(found_at(R"(["\"[*]"][*])", R"({"\"[*]":[5]})"), ElementsAre("5"));
}

TEST(SearchPath, TextOfAnotherFormIsRefused) {
  for (const char* text : {"a..b", "a[*", "a[*]b", "a[*].", "a[**]", "[*]..x", ".a"}) {
    EXPECT_THROW(SearchPath{text}, Error) << text;
  }
}

TEST(SearchConfig, ReadsBackEqualFromItsStoredForm) {
  SearchConfig other = SearchConfig::conversation();
  other.language = "german";
  other.unless = SearchPath("metadata.hidden");
  other.asked = 77;
  other.said_neighbours.after = {1, 2, 3, 4};
  other.fields[0].weight = 250;
  for (const SearchConfig& config : {SearchConfig::nothing(), SearchConfig::conversation(), other,
                                     SearchConfig::texts({"content", "parts[*].text"})}) {
    EXPECT_EQ(SearchConfig::from_value(config.to_value()), config);
  }
}

TEST(SearchConfig, MembersLeftOutHaveTheirDefaults) {
  EXPECT_EQ(SearchConfig::from_value(MemoryValue::parse("{}")), SearchConfig::nothing());
  EXPECT_EQ(SearchConfig::from_value(MemoryValue::parse(R"({"fields":[{"path":"content"}]})")),
            SearchConfig::texts({"content"}));
}

TEST(SearchConfig, ErrorsNameTheMemberAndWhatIsAllowed) {
  EXPECT_THAT(refusal("[]"), HasSubstr("map"));
  EXPECT_THAT(refusal(R"({"colour":1})"), HasSubstr("colour: no such member; there are fields"));
  EXPECT_THAT(refusal(R"({"unless":"a..b"})"), HasSubstr("a..b"));
  EXPECT_THAT(refusal(R"({"unless":true})"), HasSubstr("unless: a string"));
  EXPECT_THAT(refusal(R"({"language":7})"), HasSubstr("language: a string"));
  EXPECT_THAT(refusal(R"({"fields":{}})"), HasSubstr("fields: a list"));
  EXPECT_THAT(refusal(R"({"fields":[{},{"path":"a..b"}]})"), HasSubstr("a..b"));
  EXPECT_THAT(refusal(R"({"fields":[{"kind":"number"}]})"),
              HasSubstr("fields[0].kind: no kind 'number'; there are text, name, date"));
  EXPECT_THAT(refusal(R"({"fields":[{"weight":0}]})"),
              HasSubstr("fields[0].weight: 0 is not in 1 to 1000"));
  EXPECT_THAT(refusal(R"({"fields":[{"boost":2}]})"), HasSubstr("fields[0].boost"));
  EXPECT_THAT(refusal(R"({"saturation":0})"), HasSubstr("saturation: 0"));
  EXPECT_THAT(refusal(R"({"saturation":60.0})"), HasSubstr("saturation: an integer"));
  EXPECT_THAT(refusal(R"({"asked":9223372036854775807})"), HasSubstr("out of range"));
  EXPECT_THAT(refusal(R"({"length_share":101})"), HasSubstr("length_share: 101"));
  EXPECT_THAT(refusal(R"({"said_neighbours":{"before":[1,1,1,1,1]}})"),
              HasSubstr("said_neighbours.before: over 4"));
  EXPECT_THAT(refusal(R"({"asked_neighbours":{"after":[-1]}})"),
              HasSubstr("asked_neighbours.after: -1"));
  EXPECT_THAT(refusal(R"({"asked_neighbours":{"beside":[]}})"), HasSubstr("before, after"));
}

TEST(SearchConfig, HasAtMostSixteenFields) {
  SearchConfig config;
  config.fields.resize(SearchConfig::max_fields);
  EXPECT_NO_THROW(config.check());
  config.fields.resize(SearchConfig::max_fields + 1);
  EXPECT_THROW(config.check(), Error);
}

}  // namespace
}  // namespace holdfast
