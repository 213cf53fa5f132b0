// What was searchable stays so, with the same ranking.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "holdfast/hashing_embedder.hpp"
#include "holdfast/hybrid_search.hpp"
#include "holdfast/in_memory.hpp"
#include "holdfast/migration.hpp"

namespace holdfast::migration_tests {
namespace {

using Hits = std::vector<std::pair<std::string, double>>;

class MigrateSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    source_.configure_search("users", SearchConfig::conversation());
    source_.configure_search("users/1/notes", SearchConfig::texts({"note"}));
    for (int i = 0; i < 30; ++i) {
      const std::string words =
          i % 3 == 0 ? "Where is the lake?" : "A boat on the lake, " + std::to_string(i);
      source_.set("users/1", std::to_string(i), MemoryValue::map({{"content", words}}));
    }
    for (int i = 0; i < 30; i += 4) source_.erase("users/1", std::to_string(i));
    source_.set("users/1/notes", "n", MemoryValue::map({{"note", "lake"}}));
    source_.set("users/2", "x", MemoryValue::map({{"content", "lake"}}));
  }

  static Hits hits(Memory& memory, const Namespace& ns, const std::string& text) {
    SearchQuery query;
    query.scope = {ns, true};
    query.text = text;
    query.limit = SearchQuery::max_limit;
    Hits hits;
    for (const SearchHit& hit : memory.search(query).hits) {
      hits.emplace_back(hit.entry.key, hit.score);
    }
    return hits;
  }

  Memory source_ = open_in_memory({});
  Memory destination_ = open_in_memory({});
};

}  // namespace

TEST_F(MigrateSearchTest, TheConfigurationsMoveAndTheRankingIsTheSame) {
  const MigrationResult result = migrate(source_, destination_);
  EXPECT_EQ(result.configurations, 2U);
  EXPECT_TRUE(result.verified);
  const auto there = destination_.search_configurations();
  ASSERT_EQ(there.size(), 2U);
  EXPECT_EQ(there[0].config, SearchConfig::conversation());
  for (const Namespace ns : {"users", "users/1", "users/1/notes"}) {
    EXPECT_FALSE(hits(source_, ns, "boat lake 7").empty());
    EXPECT_EQ(hits(destination_, ns, "boat lake 7"), hits(source_, ns, "boat lake 7"));
  }
  EXPECT_TRUE(destination_.check_search("users").problems.empty());
  EXPECT_EQ(migrate(source_, destination_).configurations, 0U);
}

TEST_F(MigrateSearchTest, ASubtreeTakesTheConfigurationFromAboveAlong) {
  MigrationOptions options;
  options.scope = {"users/1", true};
  options.destination = Namespace("moved/one");
  EXPECT_EQ(migrate(source_, destination_, options).configurations, 2U);
  EXPECT_EQ(hits(destination_, "moved/one", "lake"), hits(source_, "users/1", "lake"));
  EXPECT_EQ(hits(destination_, "moved/one/notes", "lake"), hits(source_, "users/1/notes", "lake"));
}

TEST_F(MigrateSearchTest, WhatTheDestinationHasOfItsOwnStays) {
  destination_.configure_search("users", SearchConfig::texts({"title"}));
  EXPECT_EQ(migrate(source_, destination_).configurations, 1U);
  EXPECT_EQ(destination_.search_configurations()[0].config, SearchConfig::texts({"title"}));
}

TEST_F(MigrateSearchTest, ADryRunConfiguresNothing) {
  MigrationOptions options;
  options.dry_run = true;
  EXPECT_EQ(migrate(source_, destination_, options).configurations, 0U);
  EXPECT_TRUE(destination_.search_configurations().empty());
}

TEST_F(MigrateSearchTest, VectorsMoveAlong) {
  HashingEmbedder embedder(8);
  HybridSearch hybrid(source_, embedder);
  source_.configure_search("users", hybrid.with_embedding(SearchConfig::conversation()));
  hybrid.embed({"users", true});
  source_.set("users/2", "late", MemoryValue::map({{"content", "boat"}}));
  EXPECT_EQ(migrate(source_, destination_).vectors, 23U);
  const auto awaited = destination_.without_vector({"users", true});
  ASSERT_EQ(awaited.size(), 1U);
  EXPECT_EQ(awaited[0].key, "late");
  VectorQuery query;
  query.scope = {"users", true};
  query.vector = embedder.embed(std::vector<std::string>{"A boat on the lake, 7"}, {}).front();
  const SearchPage there = destination_.nearest(query);
  const SearchPage here = source_.nearest(query);
  ASSERT_EQ(there.hits.size(), here.hits.size());
  for (std::size_t i = 0; i < here.hits.size(); ++i) {
    EXPECT_EQ(there.hits[i].entry, here.hits[i].entry);
    EXPECT_EQ(there.hits[i].score, here.hits[i].score);
  }
  hybrid.embed({"users", true});
  EXPECT_EQ(migrate(source_, destination_).vectors, 1U);
  EXPECT_EQ(migrate(source_, destination_).vectors, 0U);
}

TEST_F(MigrateSearchTest, VectorsOfAnotherModelOrTextStayBehind) {
  HashingEmbedder embedder(8);
  HybridSearch hybrid(source_, embedder);
  source_.configure_search("users", hybrid.with_embedding(SearchConfig::conversation()));
  hybrid.embed({"users", true});
  SearchConfig other = hybrid.with_embedding(SearchConfig::texts({"title"}));
  destination_.configure_search("users", other);
  EXPECT_EQ(migrate(source_, destination_).vectors, 0U);
  other = SearchConfig::conversation();
  other.embedding = SearchEmbedding{"another", 8};
  destination_.configure_search("users", other);
  EXPECT_EQ(migrate(source_, destination_).vectors, 0U);
  MigrationOptions options;
  options.scope = {"users/1", false};
  options.destination = Namespace("moved/one");
  EXPECT_EQ(migrate(source_, destination_, options).vectors, 22U);
}

}  // namespace holdfast::migration_tests
