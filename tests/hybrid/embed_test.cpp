// Making the vectors that are missing, while entries change and models fail.
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "fixture.hpp"
#include "holdfast/hashing_embedder.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class HybridEmbed : public HybridTest {
 protected:
  void SetUp() override { configure(); }

  void write_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      write("k" + std::to_string(i), "note " + std::to_string(i));
    }
  }
  std::uint64_t embed() { return hybrid_.embed(scope_); }

  const Scope scope_{"notes", true};
};

TEST_F(HybridEmbed, MakesWhatIsMissingAndThatOnce) {
  write("a", "one");
  write("b", "two", "notes/below");
  EXPECT_EQ(embed(), 2U);
  EXPECT_EQ(embed(), 0U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one", "two")));
  write("c", "three");
  write("a", "one, changed");
  EXPECT_EQ(embed(), 2U);
  EXPECT_THAT(embedder_.calls.at(1), UnorderedElementsAre("one, changed", "three"));
  EXPECT_THAT(with_vector(), UnorderedElementsAre("a", "b", "c"));
}

TEST_F(HybridEmbed, AStoreWithoutEntriesAsksNobody) {
  EXPECT_EQ(embed(), 0U);
  EXPECT_THAT(embedder_.calls, IsEmpty());
}

TEST_F(HybridEmbed, TextsAreThoseOfTheConfiguration) {
  SearchConfig config = hybrid_.with_embedding(SearchConfig::conversation());
  config.unless = "hidden";
  memory_.configure_search("notes", config);
  memory_.set("notes", "1", MemoryValue::parse(R"({"name":"Ada","content":"Hello"})"));
  memory_.set("notes", "2", MemoryValue::parse(R"({"content":null})"));
  memory_.set("notes", "3", MemoryValue::parse(R"({"content":"secret","hidden":true})"));
  EXPECT_EQ(embed(), 1U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("Ada: Hello")));
}

TEST_F(HybridEmbed, AnEntryWithTheSameTextKeepsItsVector) {
  write("a", "one");
  EXPECT_EQ(embed(), 1U);
  memory_.set("notes", "a", MemoryValue::parse(R"({"text":"one","read":true})"));
  EXPECT_EQ(embed(), 0U);
  EXPECT_THAT(embedder_.calls, SizeIs(1));
}

TEST_F(HybridEmbed, TheScopeIsKept) {
  write("a", "one");
  write("b", "two", "notes/below");
  EXPECT_EQ(hybrid_.embed({"notes/below"}), 1U);
  EXPECT_THAT(with_vector(), ElementsAre("b"));
  EXPECT_EQ(hybrid_.embed({"notes"}), 1U);
  EXPECT_THAT(with_vector(), UnorderedElementsAre("a", "b"));
}

TEST_F(HybridEmbed, NamespacesOfAnotherModelHaveNoPartInIt) {
  SearchConfig config = own_config();
  config.embedding->model = "another";
  memory_.configure_search("notes/other", config);
  write("a", "one");
  write("b", "two", "notes/other");
  EXPECT_EQ(embed(), 1U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one")));
}

TEST_F(HybridEmbed, AsksForAsManyTextsAsTheEmbedderTakes) {
  write_many(10);
  embedder_.batch = 3;
  EXPECT_EQ(embed(), 10U);
  EXPECT_THAT(embedder_.sizes_of_calls(), ElementsAre(3, 3, 3, 1));
}

TEST_F(HybridEmbed, KeepsVectorsNowAndThen) {
  write_many(300);
  embedder_.batch = 100;
  std::vector<std::size_t> kept;
  embedder_.meanwhile = [&](std::size_t) { kept.push_back(with_vector().size()); };
  EXPECT_EQ(embed(), 300U);
  EXPECT_THAT(embedder_.sizes_of_calls(), ElementsAre(100, 100, 56, 44));
  EXPECT_THAT(kept, ElementsAre(0, 0, 0, 256));
}

TEST_F(HybridEmbed, AnEmbedderOfNoTextsIsGivenOneAtATime) {
  write_many(2);
  embedder_.batch = 0;
  EXPECT_EQ(embed(), 2U);
  EXPECT_THAT(embedder_.sizes_of_calls(), ElementsAre(1, 1));
}

TEST_F(HybridEmbed, EntriesThatChangeMeanwhileAreTakenAgain) {
  write("a", "one");
  write("b", "two");
  embedder_.meanwhile = [&](std::size_t call) {
    if (call == 1) write("a", "another");
  };
  EXPECT_EQ(embed(), 2U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one", "two"), ElementsAre("another")));
}

TEST_F(HybridEmbed, AnEntryWrittenAgainWithTheSameTextIsTakenAgain) {
  write("a", "one");
  embedder_.meanwhile = [&](std::size_t call) {
    if (call == 1) memory_.touch("notes", "a", std::chrono::hours(1));
  };
  EXPECT_EQ(embed(), 1U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one"), ElementsAre("one")));
}

TEST_F(HybridEmbed, EntriesThatGoAndComeMeanwhile) {
  write("a", "one");
  write("b", "two");
  embedder_.meanwhile = [&](std::size_t call) {
    if (call != 1) return;
    memory_.erase("notes", "a");
    write("c", "three");
  };
  EXPECT_EQ(embed(), 2U);
  EXPECT_THAT(with_vector(), UnorderedElementsAre("b", "c"));
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one", "two"), ElementsAre("three")));
}

TEST_F(HybridEmbed, AnEntryErasedAndWrittenAgainMeanwhileGetsNoOldVector) {
  write("a", "one");
  embedder_.degrees = {{"one", 0}, {"another", 180}};
  embedder_.meanwhile = [&](std::size_t call) {
    if (call != 1) return;
    memory_.erase("notes", "a");
    write("a", "another");
  };
  EXPECT_EQ(embed(), 1U);
  const SearchPage page = memory_.nearest({scope_, {1, 0}});
  ASSERT_THAT(page.hits, SizeIs(1));
  EXPECT_EQ(page.hits[0].score, -1);
}

TEST_F(HybridEmbed, AnotherModelMeanwhileGetsNoVectorsOfThisOne) {
  write("a", "one");
  SearchConfig config = own_config();
  config.embedding->model = "another";
  embedder_.meanwhile = [&](std::size_t) { memory_.configure_search("notes", config); };
  refusal(ErrorCode::failed_precondition, [&] { embed(); });
  EXPECT_THAT(with_vector(), IsEmpty());
}

TEST_F(HybridEmbed, OtherFieldsMeanwhileAreTaken) {
  memory_.set("notes", "a", MemoryValue::parse(R"({"text":"one","title":"first"})"));
  embedder_.meanwhile = [&](std::size_t call) {
    if (call != 1) return;
    memory_.configure_search("notes",
                             hybrid_.with_embedding(SearchConfig::texts({"title", "text"})));
  };
  EXPECT_EQ(embed(), 1U);
  EXPECT_THAT(embedder_.calls, ElementsAre(ElementsAre("one"), ElementsAre("first\none")));
}

TEST_F(HybridEmbed, WhatWasDoneStaysDoneWhereTheEmbedderThrows) {
  write_many(300);
  embedder_.batch = 256;
  embedder_.meanwhile = [](std::size_t call) {
    if (call == 2) throw std::runtime_error("the model is gone");
  };
  EXPECT_THROW(embed(), std::runtime_error);
  EXPECT_THAT(with_vector(), SizeIs(256));
  embedder_.calls.assign(2, {});  // It works again.
  EXPECT_EQ(embed(), 44U);
  EXPECT_THAT(embedder_.calls, SizeIs(3));
  EXPECT_THAT(with_vector(), SizeIs(300));
}

TEST_F(HybridEmbed, AnErrorOfTheEmbedderReachesTheCallerAsItIs) {
  write("a", "one");
  embedder_.meanwhile = [](std::size_t) {
    throw Error(ErrorCode::unavailable, "the model is busy");
  };
  EXPECT_THAT(refusal(ErrorCode::unavailable, [&] { embed(); }), HasSubstr("the model is busy"));
  EXPECT_THAT(
      refusal(ErrorCode::unavailable, [&] { static_cast<void>(hybrid_.search(query("one"))); }),
      HasSubstr("the model is busy"));
}

TEST_F(HybridEmbed, TooFewOrTooManyVectorsAreRefusedAndNoneIsKept) {
  write("a", "one");
  write("b", "two");
  embedder_.change = [](auto& made) { made.pop_back(); };
  EXPECT_THAT(refusal(ErrorCode::internal, [&] { embed(); }),
              HasSubstr("'plane' made 1 vectors of 2 texts"));
  EXPECT_THAT(
      refusal(ErrorCode::internal, [&] { static_cast<void>(hybrid_.search(query("one"))); }),
      HasSubstr("'plane' made 0 vectors of 1 texts"));
  embedder_.change = [](auto& made) { made.push_back({1, 0}); };
  EXPECT_THAT(refusal(ErrorCode::internal, [&] { embed(); }),
              HasSubstr("'plane' made 3 vectors of 2 texts"));
  EXPECT_THAT(with_vector(), IsEmpty());
}

TEST_F(HybridEmbed, ATextThatTheEmbedderDoesNotTakeKeepsNoOtherFromItsVector) {
  write_many(600);
  write("k3", "too long");
  write("k400", "too long as well");
  embedder_.batch = 100;
  embedder_.meanwhile = [&](std::size_t) {
    for (const std::string& text : embedder_.calls.back()) {
      if (text.starts_with("too long")) throw Error(ErrorCode::invalid_argument, "8,192 at most");
    }
  };
  const std::string message = refusal(ErrorCode::invalid_argument, [&] { embed(); });
  EXPECT_THAT(message, HasSubstr("the texts of 2 entries"));
  EXPECT_THAT(message, HasSubstr("\"k3\" in \"notes\": 8,192 at most"));
  EXPECT_THAT(with_vector(), SizeIs(598));
  embedder_.meanwhile = nullptr;
  EXPECT_EQ(embed(), 2U);
}

TEST_F(HybridEmbed, AnEmbedderThatTakesNothingIsNotAskedForEachText) {
  write_many(300);
  embedder_.meanwhile = [](std::size_t) {
    throw Error(ErrorCode::invalid_argument, "no such model");
  };
  EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { embed(); }), HasSubstr("no such model"));
  EXPECT_LE(embedder_.calls.size(), 10U);
}

TEST_F(HybridEmbed, VectorsThatTheStoreDoesNotTakeAreRefusedAndNoneIsKept) {
  write("a", "one");
  write("b", "two");
  constexpr float infinite = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& wrong :
       std::vector<std::vector<float>>{{1}, {1, 2, 3}, {}, {0, 0}, {1, infinite}}) {
    embedder_.change = [&](auto& made) { made.back() = wrong; };
    refusal(ErrorCode::invalid_argument, [&] { embed(); });
    EXPECT_THAT(with_vector(), IsEmpty()) << testing::PrintToString(wrong);
    refusal(ErrorCode::invalid_argument, [&] { static_cast<void>(hybrid_.search(query("one"))); });
  }
  embedder_.change = nullptr;
  EXPECT_EQ(embed(), 2U);
}

TEST_F(HybridEmbed, TheContextReachesTheEmbedderAndEndsTheWork) {
  write_many(600);
  embedder_.batch = 256;
  std::stop_source source;
  embedder_.meanwhile = [&](std::size_t) { source.request_stop(); };
  const Context context{.stop = source.get_token(), .trace = "t-7"};
  refusal(ErrorCode::cancelled, [&] { hybrid_.embed(scope_, context); });
  EXPECT_EQ(embedder_.last_trace, "t-7");
  EXPECT_THAT(embedder_.calls, SizeIs(1));
}

TEST_F(HybridEmbed, ManyMayEmbedAndWriteConcurrently) {
  HashingEmbedder hashing(16);
  HybridSearch hybrid(memory_, hashing);
  memory_.configure_search("notes", hybrid.with_embedding(SearchConfig::texts({"text"})));
  write_many(100);
  {
    std::jthread writer([&] {
      for (int i = 0; i < 200; ++i) write("k" + std::to_string(i), "other " + std::to_string(i));
    });
    std::vector<std::jthread> embedding;
    for (int i = 0; i < 3; ++i) embedding.emplace_back([&] { hybrid.embed(scope_); });
  }
  hybrid.embed(scope_);
  EXPECT_THAT(with_vector(), SizeIs(200));
  EXPECT_THAT(memory_.without_vector(scope_), IsEmpty());
  EXPECT_THAT(memory_.check_search("notes").problems, IsEmpty());
}

}  // namespace
}  // namespace holdfast
