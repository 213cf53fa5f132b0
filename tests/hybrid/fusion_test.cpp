// What a search by words and by vectors finds, and in which order.
#include <algorithm>
#include <tuple>

#include "fixture.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class HybridFusion : public HybridTest {
 protected:
  void SetUp() override { configure(); }

  /// Some of both lists, some of one.
  void fill() {
    const std::vector<std::string> words = {"canoe", "red", "paddle", "lake"};
    for (std::size_t i = 0; i < 24; ++i) {
      std::string text = "note " + std::to_string(i);
      for (std::size_t j = 0; j < words.size(); ++j) {
        if ((i + j) % 3 == 0 || (i * j) % 5 == 1) text += " " + words[j];
      }
      write("k" + std::to_string(i), text, static_cast<double>(i * 37 % 180));
      if (i == 15) hybrid_.embed({"notes", true});  // The later ones have no vector.
    }
    embedder_.degrees["red canoe"] = 20;
  }

  /// The definition, from the two lists.
  [[nodiscard]] std::vector<std::tuple<double, Revision, std::string>> expected(
      const HybridQuery& query) {
    std::map<std::string, std::pair<double, Revision>> scores;
    const auto add = [&](const SearchPage& page, double weight) {
      double rank = 0;
      for (const SearchHit& hit : page.hits) {
        rank += 1;
        auto& [score, created] = scores[hit.entry.key];
        score += weight / (query.rank_constant + rank);
        created = hit.entry.created_revision;
      }
    };
    const double radians = embedder_.degrees[query.text] * std::numbers::pi / 180;
    VectorQuery by_vector{
        query.scope,
        {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))}};
    by_vector.limit = query.candidates;
    SearchQuery by_words{query.scope, query.text};
    by_words.limit = query.candidates;
    add(memory_.nearest(by_vector), query.vectors_weight);
    add(memory_.search(by_words), query.words_weight);
    std::vector<std::tuple<double, Revision, std::string>> sorted;
    for (const auto& [key, score] : scores) sorted.emplace_back(score.first, score.second, key);
    std::ranges::sort(sorted, std::greater());
    if (sorted.size() > query.limit) sorted.resize(query.limit);
    return sorted;
  }

  void expect_by_the_formula(const HybridQuery& query) {
    const auto wanted = expected(query);
    const std::vector<HybridHit> hits = hybrid_.search(query);
    ASSERT_EQ(hits.size(), wanted.size());
    for (std::size_t i = 0; i < hits.size(); ++i) {
      EXPECT_EQ(hits[i].entry.key, std::get<2>(wanted[i])) << i;
      EXPECT_DOUBLE_EQ(hits[i].score, std::get<0>(wanted[i])) << i;
    }
  }
};

TEST_F(HybridFusion, AddsUpWeightOverRank) {
  fill();
  for (const auto& [words, vectors] : {std::pair(1.0, 1.0), {2.0, 0.5}, {0.25, 1.0}, {1e-9, 1e9}}) {
    for (const double constant : {0.0, 1.5, 60.0, 10'000.0}) {
      HybridQuery query = this->query("red canoe");
      query.words_weight = words;
      query.vectors_weight = vectors;
      query.rank_constant = constant;
      for (const std::size_t candidates : {1U, 5U, 100U, 1'000U}) {
        query.candidates = candidates;
        query.limit = std::min<std::size_t>(candidates, 7);
        SCOPED_TRACE(testing::Message()
                     << words << " " << vectors << " " << constant << " " << candidates);
        expect_by_the_formula(query);
      }
    }
  }
}

TEST_F(HybridFusion, HitsSayTheirPlacesAndScoresInBothLists) {
  write("words", "canoe", 120);
  write("both", "a canoe and more", 0);
  write("vectors", "a boat", 60);
  hybrid_.embed({"notes", true});
  write("new", "a canoe, a canoe and more canoe");
  embedder_.degrees["canoe"] = 0;
  HybridQuery query = this->query("canoe");
  const std::vector<SearchHit> words = memory_.search({query.scope, query.text}).hits;
  const std::vector<HybridHit> hits = hybrid_.search(query);
  ASSERT_THAT(hits, SizeIs(4));
  ASSERT_THAT(words, SizeIs(3));
  for (const HybridHit& hit : hits) {
    const auto among_words = std::ranges::find(
        words, hit.entry.key, [](const SearchHit& other) { return other.entry.key; });
    if (hit.entry.key == "vectors") {
      EXPECT_FALSE(hit.words_rank);
      EXPECT_EQ(hit.words_score, 0);
      EXPECT_EQ(hit.vectors_rank, 2U);
      EXPECT_DOUBLE_EQ(hit.cosine, 0.5);
      continue;
    }
    ASSERT_NE(among_words, words.end()) << hit.entry.key;
    EXPECT_EQ(hit.words_rank, static_cast<std::size_t>(among_words - words.begin()) + 1);
    EXPECT_EQ(hit.words_score, among_words->score);
    EXPECT_EQ(hit.entry.value, among_words->entry.value);
    if (hit.entry.key == "new") {
      EXPECT_FALSE(hit.vectors_rank);
      EXPECT_EQ(hit.cosine, 0);
    }
    if (hit.entry.key == "words") {
      EXPECT_EQ(hit.vectors_rank, 3U);
      EXPECT_DOUBLE_EQ(hit.cosine, -0.5);
    }
  }
  EXPECT_EQ(hits[0].entry.key, "both");
}

TEST_F(HybridFusion, OfEqualScoresTheOneCreatedLastComesFirst) {
  // First in one list and second in the other, each.
  write("older", "canoe canoe", 10);
  write("newer", "canoe here", 0);
  hybrid_.embed({"notes", true});
  embedder_.degrees["canoe"] = 0;
  const std::vector<HybridHit> hits = hybrid_.search(query("canoe"));
  ASSERT_THAT(hits, SizeIs(2));
  EXPECT_EQ(hits[0].score, hits[1].score);
  EXPECT_EQ(hits[1].words_rank, 1U);
  EXPECT_EQ(hits[1].vectors_rank, 2U);
  EXPECT_EQ(hits[0].entry.key, "newer");
  // A write later on does not make it newer.
  memory_.set("notes", "older", MemoryValue::parse(R"({"text":"canoe canoe","read":true})"));
  EXPECT_THAT(found(query("canoe")), ElementsAre("newer", "older"));
}

TEST_F(HybridFusion, WithoutWeightForVectorsTheEmbedderIsNotAsked) {
  write("a", "canoe", 0);
  write("b", "boat", 0);
  hybrid_.embed({"notes", true});
  embedder_.calls.clear();
  HybridQuery query = this->query("canoe");
  query.vectors_weight = 0;
  const std::vector<HybridHit> hits = hybrid_.search(query);
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_EQ(hits[0].words_rank, 1U);
  EXPECT_FALSE(hits[0].vectors_rank);
  EXPECT_THAT(embedder_.calls, IsEmpty());
  // So it needs no embedding either.
  memory_.configure_search("notes", SearchConfig::texts({"text"}));
  EXPECT_THAT(found(query), ElementsAre("a"));
}

TEST_F(HybridFusion, WithoutWeightForWordsTheyDoNotCount) {
  write("a", "canoe", 80);
  write("b", "boat", 0);
  hybrid_.embed({"notes", true});
  write("new", "canoe canoe");
  HybridQuery query = this->query("canoe");
  embedder_.degrees["canoe"] = 0;
  query.words_weight = 0;
  const std::vector<HybridHit> hits = hybrid_.search(query);
  ASSERT_THAT(hits, SizeIs(2));
  EXPECT_EQ(hits[0].entry.key, "b");
  for (const HybridHit& hit : hits) EXPECT_FALSE(hit.words_rank) << hit.entry.key;
}

TEST_F(HybridFusion, TheQuestionIsEmbeddedOnceAsItStands) {
  embedder_.batch = 1;
  static_cast<void>(hybrid_.search(query("Where is my  canoe?"), {.trace = "t-7"}));
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("Where is my  canoe?")));
  EXPECT_EQ(embedder_.last_trace, "t-7");
}

TEST_F(HybridFusion, LimitCutsWhatIsFusedAndCandidatesCutTheLists) {
  for (int i = 0; i < 6; ++i) write("w" + std::to_string(i), "canoe " + std::to_string(i));
  for (int i = 0; i < 6; ++i) write("v" + std::to_string(i), "boat " + std::to_string(i), i + 1.0);
  hybrid_.embed({"notes", true});
  embedder_.degrees["canoe"] = 0;
  HybridQuery query = this->query("canoe");
  EXPECT_THAT(hybrid_.search(query), SizeIs(10));  // The limit without one given.
  query.candidates = query.limit = 3;
  EXPECT_THAT(hybrid_.search(query), SizeIs(3));
  query.candidates = query.limit = 1;
  EXPECT_THAT(found(query), ElementsAre("v0"));
  query.limit = query.candidates = 1'000;
  EXPECT_THAT(hybrid_.search(query), SizeIs(12));
}

TEST_F(HybridFusion, FiltersAndTimesLeaveHitsOutOfBothLists) {
  write("a", "canoe", 0);
  write("b", "a red canoe", 10);
  write("c", "a boat", 20);
  write("d", "a blue boat", 30);
  hybrid_.embed({"notes", true});
  embedder_.degrees["canoe"] = 0;
  HybridQuery query = this->query("canoe");
  query.filter = Filter::parse(R"({"text":{"$in":["a red canoe","a blue boat"]}})");
  const std::vector<HybridHit> hits = hybrid_.search(query);
  ASSERT_THAT(hits, SizeIs(2));
  EXPECT_EQ(hits[0].words_rank, 1U);
  EXPECT_EQ(hits[0].vectors_rank, 1U);
  EXPECT_EQ(hits[1].entry.key, "d");
  EXPECT_EQ(hits[1].vectors_rank, 2U);
  query.created.from = memory_.now() + std::chrono::hours(1);
  EXPECT_THAT(found(query), IsEmpty());
  query.created = {};
  query.updated.until = memory_.now() - std::chrono::hours(1);
  EXPECT_THAT(found(query), IsEmpty());
}

TEST_F(HybridFusion, TheScopeIsTheNamespaceOrAllBelowIt) {
  write("a", "canoe", "notes");
  write("b", "canoe", "notes/of/ada");
  write("c", "canoe", "notes/of/ben");
  hybrid_.embed({"notes", true});
  HybridQuery query = this->query("canoe");
  EXPECT_THAT(found(query), UnorderedElementsAre("a", "b", "c"));
  query.scope = {"notes"};
  EXPECT_THAT(found(query), ElementsAre("a"));
  query.scope = {"notes/of", true};
  EXPECT_THAT(found(query), UnorderedElementsAre("b", "c"));
}

TEST_F(HybridFusion, TheSameKeyInTwoNamespacesIsTwoHits) {
  write("k", "canoe", "notes/ada");
  write("k", "canoe", "notes/ben");
  hybrid_.embed({"notes", true});
  EXPECT_THAT(found(query("canoe")), ElementsAre("k", "k"));
}

TEST_F(HybridFusion, ExplainsTheWords) {
  write("a", "canoe", 0);
  write("b", "boat", 10);
  hybrid_.embed({"notes", true});
  HybridQuery query = this->query("canoe");
  EXPECT_FALSE(hybrid_.search(query).at(0).explanation);
  query.explain = true;
  for (const HybridHit& hit : hybrid_.search(query)) {
    EXPECT_EQ(hit.explanation.has_value(), hit.words_rank.has_value()) << hit.entry.key;
    if (hit.explanation) {
      EXPECT_EQ(hit.explanation->score, hit.words_score);
    }
  }
}

}  // namespace
}  // namespace holdfast
