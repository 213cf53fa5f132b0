// What a value contributes.
#include "holdfast/indexed_document.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp may_7{std::chrono::milliseconds(1'683'450'000'000)};  // 2023-05-07T09:00:00Z

std::vector<FieldCount> counts_of(const IndexedDocument& document, std::string_view term) {
  const auto found = std::find_if(document.terms.begin(), document.terms.end(),
                                  [&](const TermCounts& each) { return each.term == term; });
  return found == document.terms.end() ? std::vector<FieldCount>{} : found->counts;
}

IndexedDocument index(const SearchConfig& config, std::string_view json) {
  return DocumentIndexer(config).index(MemoryValue::parse(json), may_7);
}

TEST(IndexedDocument, HoldsFrequenciesAndLengthsByField) {
  const auto document =
      index(SearchConfig::texts({"title", "parts[*].text"}),
            R"({"title":"Dogs","parts":[{"text":"a dog. The dogs? cat"},{"text":"dog"}]})");
  EXPECT_THAT(document.lengths, ElementsAre(1U, 6U));
  EXPECT_THAT(counts_of(document, "dog"),
              ElementsAre(FieldCount{0, 1, 0, 1}, FieldCount{1, 2, 1, 6}));
  EXPECT_THAT(counts_of(document, "cat"), ElementsAre(FieldCount{1, 1, 0, 6}));
  EXPECT_TRUE(std::is_sorted(document.terms.begin(), document.terms.end(),
                             [](const auto& a, const auto& b) { return a.term < b.term; }));
}

TEST(IndexedDocument, AMessageHasItsWordsItsSpeakerAndItsDay) {
  const auto document = index(SearchConfig::conversation(),
                              R"({"role":"user","name":"Ann","content":"I sowed beans"})");
  EXPECT_THAT(counts_of(document, "bean"), ElementsAre(FieldCount{0, 1, 0, 3}));
  EXPECT_THAT(counts_of(document, "ann"), ElementsAre(FieldCount{2, 1, 0, 1}));
  EXPECT_THAT(counts_of(document, "may"), ElementsAre(FieldCount{3, 1, 0, 4}));
  EXPECT_THAT(counts_of(document, "sunday"), ElementsAre(FieldCount{3, 1, 0, 4}));
  EXPECT_THAT(counts_of(document, "user"), IsEmpty());
}

TEST(IndexedDocument, ADateCanStandInTheValue) {
  SearchConfig config;
  config.fields = {{"when", SearchField::Kind::date}};
  EXPECT_THAT(counts_of(index(config, R"({"when":"2024-02-29T10:00:00Z"})"), "29"), SizeIs(1));
  EXPECT_THAT(counts_of(index(config, R"({"when":1683450000000})"), "2023"), SizeIs(1));
  for (const char* json :
       {R"({"when":"2023-02-29"})", R"({"when":"tomorrow"})", R"({"when":"20230101xx"})",
        R"({"when":true})", "{}", R"({"when":9223372036854775807})"}) {
    EXPECT_THAT(index(config, json).terms, IsEmpty()) << json;
  }
}

TEST(IndexedDocument, WhatIsNoTextContributesNothing) {
  const auto document =
      index(SearchConfig::texts({"content"}), R"({"content":[{"text":"dog"}],"other":"cat"})");
  EXPECT_THAT(document.terms, IsEmpty());
  EXPECT_THAT(document.lengths, ElementsAre(0U));
}

TEST(IndexedDocument, NothingIsADocumentThatNoSearchFinds) {
  const DocumentIndexer indexer(SearchConfig::nothing());
  EXPECT_TRUE(indexer.indexes_nothing());
  EXPECT_THAT(indexer.index("text", may_7).terms, IsEmpty());
}

TEST(IndexedDocument, LongTextsAreCountedWhole) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += i % 2 == 0 ? "dog " : "extraordinary" + std::to_string(i % 9'000) + "? ";
  }
  const auto document =
      DocumentIndexer(SearchConfig::texts({"a", "b"}))
          .index(MemoryValue::map({{"a", text}, {"b", "dog extraordinary1"}}), may_7);
  EXPECT_THAT(document.lengths, ElementsAre(20'000U, 2U));
  EXPECT_THAT(document.terms, SizeIs(4'501));
  EXPECT_THAT(counts_of(document, "dog"),
              ElementsAre(FieldCount{0, 0, 10'000, 20'000}, FieldCount{1, 1, 0, 2}));
  EXPECT_THAT(counts_of(document, "extraordinary1"),
              ElementsAre(FieldCount{0, 0, 3, 20'000}, FieldCount{1, 1, 0, 2}));
  EXPECT_TRUE(std::is_sorted(document.terms.begin(), document.terms.end(),
                             [](const auto& a, const auto& b) { return a.term < b.term; }));
}

TEST(IndexedDocument, TheSameValueGivesTheSameDocument) {
  const DocumentIndexer indexer(SearchConfig::texts({""}));
  const MemoryValue value("Some text, with some words. 我喜欢游泳?");
  EXPECT_EQ(indexer.index(value, may_7), indexer.index(value, may_7));
}

TEST(IndexedDocument, AConfigurationThatIsWrongIsRefused) {
  SearchConfig config;
  config.language = "klingon";
  EXPECT_THROW(DocumentIndexer{config}, Error);
}

}  // namespace
}  // namespace holdfast
