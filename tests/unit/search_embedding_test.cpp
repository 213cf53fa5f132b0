// The embedding of a search configuration, and what of a value is embedded.
#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/error.hpp"
#include "holdfast/search_config.hpp"

namespace holdfast {
namespace {

using testing::HasSubstr;

SearchConfig with_embedding(std::string model, int dimensions) {
  SearchConfig config = SearchConfig::texts({"title"});
  config.embedding = SearchEmbedding{std::move(model), dimensions};
  return config;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
  ADD_FAILURE() << "taken";
  return "";
}

std::string refusal_of_json(std::string_view embedding) {
  const std::string json = R"({"embedding":)" + std::string(embedding) + "}";
  return refusal([&] { (void)SearchConfig::from_value(MemoryValue::parse(json)); });
}

std::string text_of(const SearchConfig& config, std::string_view json) {
  return config.text_to_embed(MemoryValue::parse(json));
}

TEST(SearchEmbedding, ReadsBackEqualFromItsStoredForm) {
  const SearchConfig config = with_embedding("nomic-embed-text", 768);
  const MemoryValue value = config.to_value();
  EXPECT_EQ(*value.find("embedding"),
            MemoryValue::parse(R"({"model":"nomic-embed-text","dimensions":768})"));
  EXPECT_EQ(SearchConfig::from_value(value), config);
  EXPECT_EQ(SearchConfig::from_value(value).embedding, config.embedding);
}

TEST(SearchEmbedding, IsNoMemberWhereThereIsNone) {
  const MemoryValue value = SearchConfig::conversation().to_value();
  EXPECT_THAT(std::string(value.json_text()), testing::Not(HasSubstr("embedding")));
  EXPECT_FALSE(SearchConfig::from_value(value).embedding);
}

TEST(SearchEmbedding, IsAPartOfWhatMakesConfigurationsEqual) {
  EXPECT_EQ(with_embedding("a", 3), with_embedding("a", 3));
  EXPECT_NE(with_embedding("a", 3), with_embedding("a", 4));
  EXPECT_NE(with_embedding("a", 3), with_embedding("b", 3));
  EXPECT_NE(with_embedding("a", 3), SearchConfig::texts({"title"}));
}

TEST(SearchEmbedding, BoundsAreChecked) {
  with_embedding("m", 1).check();
  with_embedding(std::string(SearchEmbedding::max_model_bytes, 'm'),
                 SearchEmbedding::max_dimensions)
      .check();
  for (const int dimensions : {-1, 0, SearchEmbedding::max_dimensions + 1}) {
    EXPECT_THAT(refusal([&] { with_embedding("m", dimensions).check(); }),
                HasSubstr("embedding.dimensions"));
  }
  for (const auto& model : {std::string(), std::string(SearchEmbedding::max_model_bytes + 1, 'm'),
                            std::string("\xFF")}) {
    EXPECT_THAT(refusal([&] { with_embedding(model, 1).check(); }), HasSubstr("embedding.model"));
  }
}

TEST(SearchEmbedding, OtherFormsAreRefusedByName) {
  EXPECT_THAT(refusal_of_json(R"("m")"), HasSubstr("embedding: a map"));
  EXPECT_THAT(refusal_of_json("null"), HasSubstr("embedding: a map"));
  EXPECT_THAT(refusal_of_json(R"({"model":3,"dimensions":3})"), HasSubstr("embedding.model"));
  EXPECT_THAT(refusal_of_json(R"({"model":"m","dimensions":"3"})"),
              HasSubstr("embedding.dimensions"));
  EXPECT_THAT(refusal_of_json(R"({"model":"m","dimensions":3.5})"),
              HasSubstr("embedding.dimensions"));
  EXPECT_THAT(refusal_of_json(R"({"model":"m","dimensions":9000000000})"),
              HasSubstr("embedding.dimensions"));
  EXPECT_THAT(refusal_of_json(R"({"model":"m","dimensions":3,"url":"x"})"),
              HasSubstr("embedding.url: no such member; there are model, dimensions"));
}

TEST(SearchEmbedding, BothMembersAreNeeded) {
  EXPECT_THAT(refusal_of_json("{}"), HasSubstr("embedding.model"));
  EXPECT_THAT(refusal_of_json(R"({"dimensions":3})"), HasSubstr("embedding.model"));
  EXPECT_THAT(refusal_of_json(R"({"model":"m"})"), HasSubstr("embedding.dimensions"));
}

TEST(TextToEmbed, IsTheTextsOneALineAfterTheName) {
  const SearchConfig config = SearchConfig::conversation();
  EXPECT_EQ(text_of(config, R"({"role":"user","content":"My canoe is red."})"), "My canoe is red.");
  EXPECT_EQ(text_of(config, R"({"name":"Ada","content":"My canoe is red."})"),
            "Ada: My canoe is red.");
  EXPECT_EQ(text_of(config, R"({"name":"Ada","content":[{"text":"One."},{"image":"x"},
                                {"text":""},{"text":"Two."}]})"),
            "Ada: One.\nTwo.");
}

TEST(TextToEmbed, FieldsComeInTheOrderOfTheConfiguration) {
  SearchConfig config = SearchConfig::texts({"title", "body"});
  config.fields.push_back({"by[*]", SearchField::Kind::name});
  config.fields.push_back({"on", SearchField::Kind::date});
  EXPECT_EQ(text_of(config, R"({"body":"B","by":["Ada","Ben"],"on":"2026-01-01","title":"T"})"),
            "Ada, Ben: T\nB");
}

TEST(TextToEmbed, IsEmptyWhereThereIsNoText) {
  const SearchConfig config = SearchConfig::conversation();
  for (const char* json : {R"({"name":"Ada"})", R"({"name":"Ada","content":""})",
                           R"({"content":null})", R"({"content":7})", "[]", "7"}) {
    EXPECT_EQ(text_of(config, json), "") << json;
  }
  EXPECT_EQ(text_of(SearchConfig::nothing(), R"({"content":"text"})"), "");
  EXPECT_EQ(text_of(SearchConfig::texts({""}), R"("the value itself")"), "the value itself");
}

TEST(TextToEmbed, IsEmptyWhereTheEntryIsLeftOut) {
  SearchConfig config = SearchConfig::conversation();
  config.unless = "hidden";
  EXPECT_EQ(text_of(config, R"({"content":"text","hidden":true})"), "");
  EXPECT_EQ(text_of(config, R"({"content":"text","hidden":false})"), "text");
}

TEST(LeavesOut, OnlyTrueAtThePathDoes) {
  SearchConfig config = SearchConfig::conversation();
  const auto leaves_out = [&](const char* json) {
    return config.leaves_out(MemoryValue::parse(json));
  };
  EXPECT_FALSE(leaves_out(R"({"hidden":true})"));
  config.unless = "hidden";
  EXPECT_TRUE(leaves_out(R"({"hidden":true})"));
  for (const char* json : {R"({"hidden":false})", R"({"hidden":1})", R"({"hidden":"true"})",
                           R"({"hidden":{"hidden":true}})", "{}", "true"}) {
    EXPECT_FALSE(leaves_out(json)) << json;
  }
  config.unless = "parts[*].hidden";
  EXPECT_TRUE(leaves_out(R"({"parts":[{"hidden":false},{"hidden":true}]})"));
  EXPECT_TRUE(leaves_out(R"({"parts":[{"hidden":true},{"hidden":false}]})"));
  EXPECT_FALSE(leaves_out(R"({"parts":[{"hidden":false},{}]})"));
}

}  // namespace
}  // namespace holdfast
