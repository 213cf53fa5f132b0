// The ranking as a function of statistics and postings.
#include "holdfast/ranker.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "search_model/reference_index.hpp"
#include "weighing.hpp"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ReferenceIndex;
using ::testing::SizeIs;

constexpr Timestamp may_7{std::chrono::milliseconds(1'683'450'000'000)};

std::vector<std::uint32_t> positions(const std::vector<RankedDocument>& hits) {
  std::vector<std::uint32_t> all;
  for (const RankedDocument& hit : hits) all.push_back(hit.place.position);
  return all;
}

// Plain texts in one sequence.
ReferenceIndex texts(const std::vector<std::string>& all,
                     const SearchConfig& config = SearchConfig::texts({""})) {
  ReferenceIndex index(config);
  std::uint32_t position = 0;
  for (const std::string& text : all) {
    index.put({0, position}, Revision{position} + 1, text, may_7);
    ++position;
  }
  return index;
}

// BM25 written down from the paper, for one field with k1 = 1.2 and b = 0.75.
double bm25(double frequency, double length, double average, double with_term, double documents) {
  const double rarity = std::log(1 + (documents - with_term + 0.5) / (with_term + 0.5));
  const double weight = frequency / (0.25 + 0.75 * length / average);
  return rarity * weight * 2.2 / (1.2 + weight);
}

double rounded(double score) { return std::round(score * 1e6) / 1e6; }

TEST(Ranker, OneFieldIsScoredByBm25) {
  const auto hits =
      texts({"dog dog cat", "dog bird bird bird bird", "fish"}).search("dog bird", 10);
  ASSERT_THAT(positions(hits), ElementsAre(1U, 0U));
  EXPECT_DOUBLE_EQ(hits[0].score, rounded(bm25(4, 5, 3, 1, 3) + bm25(1, 5, 3, 2, 3)));
  EXPECT_DOUBLE_EQ(hits[1].score, rounded(bm25(2, 3, 3, 2, 3)));
}

TEST(Ranker, RareTermsCountMore) {
  EXPECT_THAT(positions(texts({"cat", "dog", "dog", "dog"}).search("dog cat", 1)), ElementsAre(0U));
}

TEST(Ranker, WeightsOfFieldsCount) {
  SearchConfig config = SearchConfig::texts({"title", "body"});
  config.fields[0].weight = 300;
  ReferenceIndex index(config);
  index.put({0, 0}, 1, MemoryValue::map({{"title", "dog"}, {"body", "cat"}}), may_7);
  index.put({0, 1}, 2, MemoryValue::map({{"title", "cat"}, {"body", "dog"}}), may_7);
  EXPECT_THAT(positions(index.search("dog", 2)), ElementsAre(0U, 1U));
  EXPECT_THAT(positions(index.search("cat", 2)), ElementsAre(1U, 0U));
}

TEST(Ranker, EqualScoresComeNewestFirst) {
  EXPECT_THAT(positions(texts({"dog", "dog", "dog", "dog"}).search("dog", 10)),
              ElementsAre(3U, 2U, 1U, 0U));
}

TEST(Ranker, EqualScoresOfSeveralSequencesAreMergedByRevision) {
  ReferenceIndex index(SearchConfig::texts({""}));
  index.put({0, 0}, 1, "dog", may_7);
  index.put({1, 0}, 2, "dog", may_7);
  index.put({2, 0}, 3, "dog", may_7);
  index.put({0, 1}, 4, "dog", may_7);
  index.put({1, 1}, 5, "dog", may_7);
  std::vector<Revision> revisions;
  for (const RankedDocument& hit : index.search("dog", 10))
    revisions.push_back(hit.created_revision);
  EXPECT_THAT(revisions, ElementsAre(5, 4, 3, 2, 1));
}

TEST(Ranker, ScoresAreMultiplesOfAMillionth) {
  for (const RankedDocument& hit :
       texts({"dog cat bird", "dog fish", "cat dog dog"}).search("dog cat fish bird", 10)) {
    EXPECT_EQ(hit.score, rounded(hit.score));
    EXPECT_GT(hit.score, 0);
  }
}

TEST(Ranker, TheOrderOfTheQueryDoesNotMatter) {
  const auto index = texts({"dog cat bird", "bird dog fish", "cat dog dog", "bird"});
  EXPECT_EQ(index.search("dog cat bird fish", 10), index.search("fish bird cat dog cat", 10));
}

TEST(Ranker, StatisticsOfTheNamespaceDecideAndNotThePostingsOfTheScope) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  const std::vector<SearchPosting> one = {{{0, 0}, counts}};
  const std::vector<SearchPosting> both = {{{0, 0}, counts}, {{1, 0}, counts}};
  const Ranker ranker(SearchConfig::texts({""}));
  const auto resolve = [](SearchPlace) -> std::optional<Revision> { return 1; };
  const std::vector<TermPostings> narrow = {{"dog", 2, one}};
  const std::vector<TermPostings> wide = {{"dog", 2, both}};
  EXPECT_EQ(ranker.rank(narrow, {5, {5}}).take(1, resolve).at(0).score,
            ranker.rank(wide, {5, {5}}).take(1, resolve).at(0).score);
}

TEST(Ranker, AnErasedDocumentLeavesNothing) {
  const std::vector<std::string> others = {"dog cat", "dog", "bird dog"};
  ReferenceIndex index = texts(others);
  index.put({0, 3}, 4, "zebra dog dog dog", may_7);
  EXPECT_THAT(index.search("zebra", 10), SizeIs(1));
  EXPECT_TRUE(index.erase({0, 3}));
  EXPECT_FALSE(index.erase({0, 3}));
  EXPECT_THAT(index.search("zebra", 10), IsEmpty());
  EXPECT_EQ(index.search("dog cat", 10), texts(others).search("dog cat", 10));
}

TEST(Ranker, NothingIsFoundByWordsThatNobodyWrote) {
  EXPECT_THAT(texts({"dog"}).search("unicorn", 10), IsEmpty());
  EXPECT_THAT(texts({"dog"}).search("", 10), IsEmpty());
  EXPECT_THAT(texts({}).search("dog", 10), IsEmpty());
  EXPECT_THAT(texts({"dog"}, SearchConfig::nothing()).search("dog", 10), IsEmpty());
}

TEST(Ranker, DisorderIsRefused) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  const std::vector<SearchPosting> twice = {{{0, 1}, counts}, {{0, 1}, counts}};
  const std::vector<TermPostings> terms = {{"dog", 2, twice}};
  const Ranker ranker(SearchConfig::texts({""}));
  EXPECT_THROW((void)ranker.rank(terms, {2, {2}}), Error);
  EXPECT_THROW((void)ranker.rank({}, {2, {2, 2}}), Error);
}

TEST(Ranker, ATermThatStandsTwiceCountsOnce) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  const std::vector<SearchPosting> postings = {{{0, 1}, counts}};
  const std::vector<TermPostings> once = {{"dog", 1, postings}};
  const std::vector<TermPostings> twice = {{"dog", 1, postings}, {"dog", 1, postings}};
  const Ranker ranker(SearchConfig::texts({""}));
  const auto resolve = [](SearchPlace) -> std::optional<Revision> { return 1; };
  EXPECT_EQ(ranker.rank(once, {3, {3}}).take(1, resolve),
            ranker.rank(twice, {3, {3}}).take(1, resolve));
}

// Conversations.

struct Said {
  std::string speaker;
  std::string text;
};

MemoryValue turn(const Said& said) {
  return MemoryValue::map({{"role", "user"}, {"name", said.speaker}, {"content", said.text}});
}

ReferenceIndex conversation(const std::vector<Said>& turns) {
  ReferenceIndex index(SearchConfig::conversation());
  std::uint32_t position = 0;
  for (const Said& each : turns) {
    index.put({0, position}, Revision{position} + 1, turn(each), may_7);
    ++position;
  }
  return index;
}

TEST(ConversationRanking, TurnsAroundAMatchAreFoundBelowIt) {
  const auto hits = conversation({{"Ann", "zero"},
                                  {"Ben", "one"},
                                  {"Ann", "dog"},
                                  {"Ben", "three"},
                                  {"Ann", "four"},
                                  {"Ben", "five"}})
                        .search("dog", 10);
  EXPECT_THAT(positions(hits), ElementsAre(2U, 4U, 3U, 1U, 0U));
}

TEST(ConversationRanking, TheAnswerComesBeforeTheQuestion) {
  const auto index = conversation({{"Ann", "Hello there"},
                                   {"Ann", "What is your dog called?"},
                                   {"Ben", "Pixie"},
                                   {"Ann", "Nice to hear"}});
  EXPECT_THAT(positions(index.search("dog called", 1)), ElementsAre(2U));
}

TEST(ConversationRanking, ASpeakerInTheQueryMeansWhatThatPersonSays) {
  const auto index = conversation({{"Ann", "I painted a horse"},
                                   {"Cem", "Right"},
                                   {"Cem", "Right"},
                                   {"Cem", "Right"},
                                   {"Ben", "Ann, I painted a horse"}});
  EXPECT_THAT(positions(index.search("What did Ann paint?", 1)), ElementsAre(0U));
  EXPECT_THAT(positions(index.search("What did Ben paint?", 1)), ElementsAre(4U));
}

TEST(ConversationRanking, ADayIsFoundByItsWords) {
  ReferenceIndex index(SearchConfig::conversation());
  index.put({0, 0}, 1, turn({"Ann", "swam"}), may_7);
  index.put({1, 0}, 2, turn({"Ann", "swam"}), may_7 + std::chrono::hours(24 * 31));
  const auto hits = index.search("swim in May 2023", 2);
  ASSERT_THAT(hits, SizeIs(2));
  EXPECT_EQ(hits[0].place.sequence, 0U);
}

TEST(ConversationRanking, NeighboursStandInOneSequence) {
  ReferenceIndex index(SearchConfig::conversation());
  for (std::uint32_t sequence = 4; sequence < 7; ++sequence) {
    index.put({sequence, 0}, sequence, turn({"Ann", sequence == 5 ? "dog" : "nothing"}), may_7);
  }
  EXPECT_THAT(index.search("dog", 10), SizeIs(1));
}

TEST(ConversationRanking, PlacesAtTheEndsOfTheRangeHaveNoNeighboursBeyond) {
  ReferenceIndex index(SearchConfig::conversation());
  index.put({0, 0}, 1, turn({"Ann", "dog"}), may_7);
  index.put({0, UINT32_MAX}, 2, turn({"Ann", "dog"}), may_7);
  index.put({1, 0}, 3, turn({"Ann", "cat"}), may_7);
  EXPECT_THAT(index.search("dog", 10), SizeIs(2));
  EXPECT_GT(index.explain("dog", {0, UINT32_MAX}).score, 0);
}

TEST(ConversationRanking, TheLastPlaceOfAllIsFoundHoweverFarTheOneBefore) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  const Ranker ranker(SearchConfig::conversation());
  const auto resolve = [](SearchPlace) -> std::optional<Revision> { return 1; };
  for (std::uint32_t gap = 5; gap < 600; ++gap) {
    const std::vector<SearchPosting> postings = {{{UINT32_MAX, UINT32_MAX - gap}, counts},
                                                 {{UINT32_MAX, UINT32_MAX}, counts}};
    const std::vector<TermPostings> terms = {{"dog", 2, postings}};
    const auto hits = ranker.rank(terms, {900, {900, 0, 900, 900}}).take(10, resolve);
    ASSERT_THAT(hits, SizeIs(8)) << gap;
    EXPECT_EQ(hits[0].place, postings[1].place);
    EXPECT_EQ(hits[1].place, postings[0].place);
  }
}

TEST(Explanation, SumsToTheScoreOfEveryHit) {
  const auto index = conversation({{"Ann", "My dog ate beans. Do you like beans?"},
                                   {"Ben", "Beans? A dog that eats beans!"},
                                   {"Ann", "Yes, in May"},
                                   {"Ben", "I have no dog"},
                                   {"Ann", "Fine"}});
  constexpr auto query = "Which beans did Ann's dog eat in May?";
  const auto hits = index.search(query, 10);
  ASSERT_THAT(hits, SizeIs(5));
  for (const RankedDocument& hit : hits) {
    const SearchExplanation explanation = index.explain(query, hit.place);
    EXPECT_EQ(explanation.score, hit.score);
    double terms = 0;
    for (const auto& term : explanation.terms) {
      double parts = 0;
      for (const auto& part : term.parts) parts += part.score;
      EXPECT_NEAR(parts, term.score, 1e-9) << term.term;
      terms += term.score;
    }
    EXPECT_NEAR(terms, explanation.score, 1e-6);
  }
}

TEST(Explanation, NamesTermsFieldsAndNeighbours) {
  const auto index = conversation({{"Ann", "What is your dog called?"}, {"Ben", "Pixie"}});
  const auto explanation = index.explain("dog Ben", {0, 1});
  ASSERT_THAT(explanation.terms, SizeIs(2));
  EXPECT_EQ(explanation.terms[0].term, "ben");
  EXPECT_EQ(explanation.terms[0].score, 2.0);
  ASSERT_THAT(explanation.terms[0].parts, SizeIs(1));
  EXPECT_EQ(explanation.terms[0].parts[0].field, 2U);
  EXPECT_EQ(explanation.terms[1].term, "dog");
  ASSERT_THAT(explanation.terms[1].parts, SizeIs(1));
  EXPECT_EQ(explanation.terms[1].parts[0].offset, -1);
  EXPECT_EQ(explanation.terms[1].parts[0].sentence, SentenceKind::asked);
  EXPECT_THAT(index.explain("unicorn", {0, 1}).terms, IsEmpty());
}

// Postings at random places of one or several sequences, dense or far apart, at both ends too.
struct Postings {
  std::vector<std::vector<FieldCount>> counts;
  std::vector<SearchPosting> postings;
};

Postings random_postings(std::mt19937_64& random, bool is_name) {
  const std::uint32_t span = random() % 2 == 0 ? 600 : UINT32_MAX;
  const bool is_at_end = random() % 2 == 0;
  std::set<SearchPlace> places;
  for (std::size_t i = random() % 120; i > 0; --i) {
    const auto position = static_cast<std::uint32_t>(random() % span);
    places.insert({static_cast<std::uint32_t>(random() % 2) * UINT32_MAX,
                   is_at_end ? UINT32_MAX - position : position});
  }
  Postings made;
  for (const SearchPlace place : places) {
    const auto number = [&](std::uint32_t most) {
      return static_cast<std::uint32_t>(random() % most);
    };
    std::vector<FieldCount> counts = {{0, number(4), number(3), 1 + number(80)}};
    if (is_name && number(2) == 0) counts.push_back({2, 1, 0, 1});
    if (number(3) == 0) counts.push_back({3, 1, 0, 4});
    made.counts.push_back(std::move(counts));
    made.postings.push_back({place, {}});
  }
  for (std::size_t i = 0; i < places.size(); ++i) made.postings[i].counts = made.counts[i];
  return made;
}

TEST(Explanation, AgreesWithTheRankingAtEveryPlace) {
  std::mt19937_64 random;
  SearchConfig wide = SearchConfig::conversation();
  wide.said_neighbours = {{40, 0, 20, 10}, {30}};
  for (int round = 0; round < 30; ++round) {
    const Ranker ranker(round % 2 == 0 ? SearchConfig::conversation() : wide);
    std::vector<std::string> names;
    std::vector<Postings> all;
    for (std::size_t i = random() % 6; i > 0; --i) {
      names.push_back("term" + std::to_string(random() % 100));
      all.push_back(random_postings(random, random() % 4 == 0));
    }
    std::vector<TermPostings> terms;
    std::set<SearchPlace> places;
    for (std::size_t i = 0; i < all.size(); ++i) {
      terms.push_back({names[i], all[i].postings.size(), all[i].postings});
      for (const SearchPosting& posting : all[i].postings) {
        for (std::int64_t distance = -4; distance <= 4; ++distance) {
          const std::int64_t position = std::int64_t{posting.place.position} + distance;
          if (position < 0 || position > std::int64_t{UINT32_MAX}) continue;
          places.insert({posting.place.sequence, static_cast<std::uint32_t>(position)});
        }
      }
    }
    const SearchStatistics statistics{2'000, {50'000, 0, 2'000, 8'000}};
    std::map<SearchPlace, double> expected;
    for (const SearchPlace place : places) {
      const double score = ranker.explain(terms, statistics, place).score;
      if (score > 0) expected[place] = score;
    }
    std::map<SearchPlace, double> found;
    for (const auto& hit : ranker.rank(terms, statistics)
                               .take(1'000'000, [](SearchPlace) -> std::optional<Revision> {
                                 return 1;
                               })) {
      EXPECT_TRUE(found.emplace(hit.place, hit.score).second);
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(Weighing, ScoresAreRoundedAsTheStandardLibraryRounds) {
  std::mt19937_64 random;
  for (int i = 0; i < 100'000; ++i) {
    const double score = static_cast<double>(random() % 1'000'000'000) / 2e6;
    for (const double each : {score, std::nextafter(score, 1e9), std::nextafter(score, 0.0),
                              score / static_cast<double>(1 + random() % 1'000'000)}) {
      ASSERT_EQ(search::to_micros(each), std::llround(each * 1e6)) << each;
    }
  }
  EXPECT_EQ(search::to_micros(0.49999999999999994e-6), std::llround(0.49999999999999994e-6 * 1e6));
}

// How a ranking is read.

TEST(SearchRanking, TakesTheBestFirstHoweverManyThereAre) {
  std::mt19937_64 random;
  std::vector<std::vector<FieldCount>> counts;
  for (std::uint32_t i = 0; i < 1'500; ++i) {
    counts.push_back({{0, 1 + static_cast<std::uint32_t>(random() % 40), 0, 100}});
  }
  std::vector<SearchPosting> postings;
  for (std::uint32_t i = 0; i < counts.size(); ++i) postings.push_back({{0, i}, counts[i]});
  const std::vector<TermPostings> terms = {{"dog", counts.size(), postings}};
  auto ranking = Ranker(SearchConfig::texts({""})).rank(terms, {2'000, {200'000}});
  std::vector<std::uint32_t> found;
  const auto resolve = [](SearchPlace place) -> std::optional<Revision> { return place.position; };
  for (std::size_t count = 1; found.size() < counts.size(); ++count) {
    const auto taken = positions(ranking.take(count, resolve));
    ASSERT_FALSE(taken.empty());
    found.insert(found.end(), taken.begin(), taken.end());
  }
  std::vector<std::uint32_t> expected(counts.size());
  std::iota(expected.begin(), expected.end(), 0U);
  std::ranges::sort(expected, [&](std::uint32_t a, std::uint32_t b) {
    return counts[a][0].said != counts[b][0].said ? counts[a][0].said > counts[b][0].said : a > b;
  });
  EXPECT_EQ(found, expected);
}

TEST(SearchRanking, GoesOnWhereItStopped) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  std::vector<SearchPosting> postings;
  for (std::uint32_t i = 0; i < 10; ++i) postings.push_back({{i % 3, i}, counts});
  std::sort(postings.begin(), postings.end(),
            [](const auto& a, const auto& b) { return a.place < b.place; });
  const std::vector<TermPostings> terms = {{"dog", 10, postings}};
  const auto resolve = [](SearchPlace place) -> std::optional<Revision> {
    if (place.position == 4) return std::nullopt;
    return place.position;
  };
  auto ranking = Ranker(SearchConfig::texts({""})).rank(terms, {10, {10}});
  EXPECT_THAT(positions(ranking.take(4, resolve)), ElementsAre(9U, 8U, 7U, 6U));
  EXPECT_THAT(positions(ranking.take(100, resolve)), ElementsAre(5U, 3U, 2U, 1U, 0U));
  EXPECT_THAT(ranking.take(1, resolve), IsEmpty());
}

TEST(SearchRanking, LooksUpFewPlacesBeyondThoseTaken) {
  const std::vector<FieldCount> counts = {{0, 1, 0, 1}};
  std::vector<SearchPosting> postings;
  for (std::uint32_t i = 0; i < 1'000; ++i) postings.push_back({{0, i}, counts});
  const std::vector<TermPostings> terms = {{"dog", 1'000, postings}};
  int looked_up = 0;
  auto ranking = Ranker(SearchConfig::texts({""})).rank(terms, {1'000, {1'000}});
  const auto hits = ranking.take(5, [&](SearchPlace place) -> std::optional<Revision> {
    ++looked_up;
    return place.position;
  });
  EXPECT_THAT(hits, SizeIs(5));
  EXPECT_LE(looked_up, 6);
}

}  // namespace
}  // namespace holdfast
