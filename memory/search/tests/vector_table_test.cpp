#include "vector_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace holdfast::search {
namespace {

std::map<std::int64_t, std::int64_t> scores(const VectorTable& table,
                                            const std::vector<float>& unit) {
  std::vector<ScoredVector> scored;
  table.score(unit, 0, scored);
  std::map<std::int64_t, std::int64_t> by_id;
  for (const ScoredVector& each : scored) by_id.emplace(each.id, each.micros);
  EXPECT_EQ(by_id.size(), scored.size());
  return by_id;
}

TEST(VectorTable, GivesEveryVectorItsProduct) {
  VectorTable table(3);
  table.put(7, 70, std::vector<float>{1, 0, 0});
  table.put(9, 90, std::vector<float>{0, 1, 0});
  std::vector<ScoredVector> scored;
  table.score(std::vector<float>{0.6F, 0.8F, 0}, 4, scored);
  ASSERT_EQ(scored.size(), 2U);
  std::ranges::sort(scored, {}, &ScoredVector::id);
  EXPECT_EQ(scored[0].micros, 600'000);
  EXPECT_EQ(scored[0].created, 70);
  EXPECT_EQ(scored[0].ns, 4U);
  EXPECT_EQ(scored[1].micros, 800'000);
}

TEST(VectorTable, ComingAndGoingLeavesTheOthersAsTheyAre) {
  std::mt19937 random(11);
  VectorTable table(2);
  std::map<std::int64_t, std::int64_t> expected;
  for (int step = 0; step < 5'000; ++step) {
    const auto id = static_cast<std::int64_t>(random() % 700);
    if (random() % 3 == 0) {
      EXPECT_EQ(table.erase(id), expected.erase(id) == 1);
      continue;
    }
    const float x = static_cast<float>(random() % 100) / 100;
    table.put(id, id, std::vector<float>{x, 0});
    expected[id] = static_cast<std::int64_t>(std::lround(static_cast<double>(x) * 1e6));
  }
  ASSERT_GT(expected.size(), 300U);  // Several chunks.
  EXPECT_EQ(table.size(), expected.size());
  const auto found = scores(table, {1, 0});
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [id, micros] : expected) {
    EXPECT_NEAR(static_cast<double>(found.at(id)), static_cast<double>(micros), 1) << id;
    EXPECT_EQ(table.find(id).size(), 2U);
  }
  std::vector<std::int64_t> ids = table.ids();
  std::ranges::sort(ids);
  EXPECT_TRUE(
      std::ranges::equal(ids, expected, {}, {}, [](const auto& each) { return each.first; }));
  EXPECT_TRUE(table.find(1'000).empty());
}

TEST(VectorTable, GivesMemoryBack) {
  VectorTable table(64);
  const std::size_t empty = table.bytes();
  for (std::int64_t id = 0; id < 2'000; ++id) table.put(id, id, std::vector<float>(64, 0.125F));
  EXPECT_GE(table.bytes(), 2'000U * 64U * sizeof(float));
  EXPECT_LE(table.bytes(), VectorTable::bytes_of(64, 2'000) + 256U * 64U * sizeof(float));
  for (std::int64_t id = 0; id < 2'000; ++id) EXPECT_TRUE(table.erase(id));
  EXPECT_LE(table.bytes(), 256U * 64U * sizeof(float));  // One chunk.
  table.clear();
  EXPECT_EQ(table.bytes(), empty);
}

}  // namespace
}  // namespace holdfast::search
