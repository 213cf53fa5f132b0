#include "vector_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::search {
namespace {

SearchConfig embedded() {
  SearchConfig config = SearchConfig::texts({"text"});
  config.embedding = SearchEmbedding{"m", 2};
  return config;
}

Record record(const std::string& text, Revision created = 1) {
  Record made;
  made.value = MemoryValue::map({{"text", text}});
  made.created_revision = created;
  return made;
}

std::pair<bool, bool> step(const SearchConfig& config, const Record* before, const Record* after) {
  const VectorStep made = vector_step(config, before, after);
  return {made.forgets, made.awaits};
}

TEST(VectorStep, FollowsTheTextOfAnEntry) {
  using Step = std::pair<bool, bool>;
  const SearchConfig config = embedded();
  const Record apple = record("apple");
  const Record pear = record("pear");
  const Record none = record("");
  const Record later = record("apple", 2);
  EXPECT_EQ(step(config, nullptr, &apple), Step(false, true));
  EXPECT_EQ(step(config, &apple, nullptr), Step(true, false));
  EXPECT_EQ(step(config, &apple, &pear), Step(true, true));
  EXPECT_EQ(step(config, &apple, &apple), Step(false, false));
  EXPECT_EQ(step(config, &apple, &later), Step(true, true));
  EXPECT_EQ(step(config, &apple, &none), Step(true, false));
  EXPECT_EQ(step(config, &none, &apple), Step(false, true));
  EXPECT_EQ(step(config, &none, nullptr), Step(false, false));
  EXPECT_EQ(step(SearchConfig::texts({"text"}), &apple, &pear), Step(false, false));
}

TEST(VectorStep, VectorsHoldWhereTheTextsAndTheModelAreTheSame) {
  const SearchConfig config = embedded();
  SearchConfig other = config;
  other.saturation = 7;
  EXPECT_TRUE(keeps_vectors(config, other));
  other = config;
  other.embedding->model = "n";
  EXPECT_FALSE(keeps_vectors(config, other));
  other = config;
  other.fields[0].path = "title";
  EXPECT_FALSE(keeps_vectors(config, other));
  other = config;
  other.unless = SearchPath("hidden");
  EXPECT_FALSE(keeps_vectors(config, other));
  other = config;
  other.embedding.reset();
  EXPECT_FALSE(keeps_vectors(config, other));
  EXPECT_FALSE(keeps_vectors(other, other));
}

// Vectors of which every third is gone.
class SomeVectors final : public VectorView {
 public:
  [[nodiscard]] std::size_t namespaces() const override { return 2; }
  void score(std::uint32_t ns, std::span<const float>, std::vector<ScoredVector>& to) override {
    for (std::int64_t i = 0; i < 1'000; ++i) to.push_back({i % 50, 2 * i + ns, i, ns});
  }
  void expect(std::span<const ScoredVector> vectors) override { expected_ = vectors.size(); }
  void read(const ScoredVector& vector, const Deliver& deliver) override {
    EXPECT_GT(expected_, 0U);
    if (vector.id % 3 == 0) return;
    Record found;
    found.created_revision = vector.created;
    deliver({"ns", std::to_string(vector.id)}, found);
  }

 private:
  std::size_t expected_ = 0;
};

TEST(NearestVectors, ComeInOrderWithoutThoseThatAreGone) {
  const Scope scope{};
  const std::vector<float> unit = {1, 0};
  SomeVectors view;
  std::vector<std::pair<std::int64_t, Revision>> found;
  nearest({scope, unit}, view,
          [&](const RankedRow& row) {
            found.emplace_back(row.micros, row.record.created_revision);
            EXPECT_EQ(row.explain().score, static_cast<double>(row.micros) / 1e6);
            return true;
          },
          {});
  EXPECT_EQ(found.size(), 2U * 666U);
  EXPECT_TRUE(std::is_sorted(found.rbegin(), found.rend()));
  int taken = 0;
  nearest({scope, unit}, view, [&](const RankedRow&) { return ++taken < 25; }, {});
  EXPECT_EQ(taken, 25);
}

}  // namespace
}  // namespace holdfast::search
