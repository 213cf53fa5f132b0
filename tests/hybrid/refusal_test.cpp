// What is not searched or embedded, and what is said of it.
#include <limits>

#include "fixture.hpp"

namespace holdfast {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class HybridRefusals : public HybridTest {
 protected:
  /// The message; the embedder must not have been asked.
  std::string wrong(const std::function<void(HybridQuery&)>& change) {
    HybridQuery query = this->query("canoe");
    change(query);
    std::string message =
        refusal(ErrorCode::invalid_argument, [&] { static_cast<void>(hybrid_.search(query)); });
    EXPECT_THAT(embedder_.calls, IsEmpty());
    return message;
  }

  /// Both calls are refused, with the same message.
  std::string not_ready() {
    const std::string of_embed = refusal(ErrorCode::failed_precondition, [&] {
      hybrid_.embed({"notes", true});
    });
    EXPECT_EQ(refusal(ErrorCode::failed_precondition,
                      [&] { static_cast<void>(hybrid_.search(query("canoe"))); }),
              of_embed);
    EXPECT_THAT(embedder_.calls, IsEmpty());
    return of_embed;
  }
};

TEST_F(HybridRefusals, LimitsHaveBounds) {
  configure();
  wrong([](HybridQuery& query) { query.limit = 0; });
  wrong([](HybridQuery& query) { query.candidates = query.limit - 1; });
  wrong([](HybridQuery& query) { query.limit = query.candidates + 1; });
  wrong([](HybridQuery& query) { query.candidates = 0; });
  wrong([](HybridQuery& query) { query.candidates = HybridQuery::max_candidates + 1; });
}

TEST_F(HybridRefusals, WeightsAreFiniteAndNotNegative) {
  configure();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const double weight : {-1.0, -infinite, infinite, std::nan("")}) {
    EXPECT_THAT(wrong([&](HybridQuery& query) { query.words_weight = weight; }),
                HasSubstr("weight of the words"));
    EXPECT_THAT(wrong([&](HybridQuery& query) { query.vectors_weight = weight; }),
                HasSubstr("weight of the vectors"));
  }
  EXPECT_THAT(wrong([](HybridQuery& query) { query.words_weight = query.vectors_weight = 0; }),
              HasSubstr("both have the weight 0"));
}

TEST_F(HybridRefusals, TheRankConstantHasBounds) {
  configure();
  for (const double constant :
       {-0.5, 10'000.5, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THAT(wrong([&](HybridQuery& query) { query.rank_constant = constant; }),
                HasSubstr("rank constant"));
  }
}

TEST_F(HybridRefusals, ANamespaceThatIsNotSearchable) {
  EXPECT_THAT(not_ready(), AllOf(HasSubstr("no search configuration with an embedding"),
                                 HasSubstr("'plane' with 2 dimensions")));
  memory_.configure_search("notes/below", own_config());
  memory_.configure_search("note", own_config());
  not_ready();
}

TEST_F(HybridRefusals, AConfigurationWithoutAnEmbedding) {
  memory_.configure_search("notes", SearchConfig::texts({"text"}));
  EXPECT_THAT(not_ready(), HasSubstr("no search configuration with an embedding"));
}

TEST_F(HybridRefusals, AnotherModelOrNumberOfDimensions) {
  SearchConfig config = own_config();
  config.embedding->model = "another";
  memory_.configure_search("notes", config);
  EXPECT_THAT(not_ready(), AllOf(HasSubstr("'another' with 2 dimensions"),
                                 HasSubstr("'plane' with 2 dimensions")));
  config.embedding = SearchEmbedding{"plane", 3};
  memory_.configure_search("notes", config);
  EXPECT_THAT(not_ready(), AllOf(HasSubstr("'plane' with 3 dimensions"),
                                 HasSubstr("'plane' with 2 dimensions")));
}

TEST_F(HybridRefusals, TheNearestConfigurationAboveCounts) {
  configure();
  SearchConfig config = own_config();
  config.embedding->model = "another";
  memory_.configure_search("", config);
  EXPECT_EQ(hybrid_.embed({"notes/of/ada", true}), 0U);
  memory_.configure_search("notes/of", config);
  refusal(ErrorCode::failed_precondition, [&] { hybrid_.embed({"notes/of/ada", true}); });
  EXPECT_EQ(hybrid_.embed({"notes/off", true}), 0U);
}

TEST_F(HybridRefusals, AChangeOfTheModelForgetsTheVectorsOfTheOther) {
  configure();
  write("a", "canoe", 0);
  EXPECT_EQ(hybrid_.embed({"notes", true}), 1U);
  embedder_.name = "plane-2";
  refusal(ErrorCode::failed_precondition, [&] { hybrid_.embed({"notes", true}); });
  configure();
  EXPECT_THAT(with_vector(), IsEmpty());
  EXPECT_EQ(hybrid_.embed({"notes", true}), 1U);
}

TEST_F(HybridRefusals, WithEmbeddingChangesNothingElse) {
  SearchConfig config = SearchConfig::conversation();
  config.unless = "hidden";
  config.embedding = SearchEmbedding{"another", 7};
  SearchConfig own = hybrid_.with_embedding(config);
  EXPECT_EQ(own.embedding, (SearchEmbedding{"plane", 2}));
  own.embedding = config.embedding;
  EXPECT_EQ(own, config);
}

}  // namespace
}  // namespace holdfast
