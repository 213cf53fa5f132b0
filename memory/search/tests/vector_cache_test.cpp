#include "vector_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

// A namespace in some store.
class Rows {
 public:
  explicit Rows(std::int64_t namespace_id) : namespace_id_(namespace_id) {}

  std::int64_t add(std::vector<float> vector) {
    rows_[++last_] = std::move(vector);
    return last_;
  }
  void erase(std::int64_t id) { rows_.erase(id); }

  [[nodiscard]] VectorCache::Source source() {
    return {namespace_id_, 2, last_, rows_.size(),
            [this](std::int64_t after, const VectorCache::Row& row) {
              for (auto at = rows_.upper_bound(after); at != rows_.end(); ++at) {
                ++read_;
                row(at->first, 10 * at->first, encode_vector(at->second));
              }
            }};
  }
  [[nodiscard]] std::set<std::int64_t> found(VectorCache& cache) {
    std::vector<ScoredVector> scored;
    cache.score(source(), std::vector<float>{1, 0}, 3, scored);
    std::set<std::int64_t> ids;
    for (const ScoredVector& each : scored) {
      EXPECT_EQ(each.created, 10 * each.id);
      EXPECT_EQ(each.ns, 3U);
      ids.insert(each.id);
    }
    return ids;
  }
  [[nodiscard]] int read() const { return read_; }

 private:
  std::int64_t namespace_id_;
  std::map<std::int64_t, std::vector<float>> rows_;
  std::int64_t last_ = 0;
  int read_ = 0;
};

using Ids = std::set<std::int64_t>;

TEST(VectorCache, ReadsEachVectorOnce) {
  VectorCache cache(1 << 20);
  Rows rows(1);
  EXPECT_EQ(rows.found(cache), Ids{});
  rows.add({1, 0});
  rows.add({0, 1});
  EXPECT_EQ(rows.found(cache), (Ids{1, 2}));
  EXPECT_EQ(rows.found(cache), (Ids{1, 2}));
  rows.add({1, 0});
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));
  EXPECT_EQ(rows.read(), 3);
}

TEST(VectorCache, ForgetsWhatItIsTold) {
  VectorCache cache(1 << 20);
  Rows rows(1);
  for (int i = 0; i < 3; ++i) rows.add({1, 0});
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));
  rows.erase(2);
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));  // Which the caller finds out.
  cache.forget(1, std::vector<std::int64_t>{2});
  EXPECT_EQ(rows.found(cache), (Ids{1, 3}));
  cache.clear();
  EXPECT_EQ(cache.bytes(), 0U);
  EXPECT_EQ(rows.found(cache), (Ids{1, 3}));
}

TEST(VectorCache, WhatDoesNotFitIsReadEachTime) {
  VectorCache cache(0);
  Rows rows(1);
  for (int i = 0; i < 3; ++i) rows.add({1, 0});
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));
  EXPECT_EQ(rows.read(), 6);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(VectorCache, TheNamespacesUsedLongestAgoGoFirst) {
  VectorTable chunk(2);
  chunk.put(1, 1, std::vector<float>{1, 0});
  VectorCache cache(2 * chunk.bytes());
  Rows a(1);
  Rows b(2);
  Rows c(3);
  for (Rows* each : {&a, &b, &c}) each->add({1, 0});
  EXPECT_EQ(a.found(cache).size(), 1U);
  EXPECT_EQ(b.found(cache).size(), 1U);
  EXPECT_EQ(a.found(cache).size(), 1U);
  EXPECT_EQ(c.found(cache).size(), 1U);
  EXPECT_EQ(a.found(cache).size(), 1U);
  EXPECT_EQ(a.read(), 1);
  EXPECT_EQ(b.found(cache).size(), 1U);
  EXPECT_EQ(b.read(), 2);
  EXPECT_LE(cache.bytes(), 2 * chunk.bytes());
}

TEST(VectorCache, AnotherNumberOfDimensionsBeginsAnew) {
  VectorCache cache(1 << 20);
  Rows rows(1);
  rows.add({1, 0});
  EXPECT_EQ(rows.found(cache), Ids{1});
  VectorCache::Source other{1, 3, 2, 1, [](std::int64_t after, const VectorCache::Row& row) {
                              EXPECT_EQ(after, 0);
                              row(2, 20, encode_vector(std::vector<float>{0, 0, 1}));
                            }};
  std::vector<ScoredVector> scored;
  cache.score(other, std::vector<float>{0, 0, 1}, 0, scored);
  ASSERT_EQ(scored.size(), 1U);
  EXPECT_EQ(scored[0].micros, 1'000'000);
}

TEST(VectorCache, AReadThatFailsIsTakenUpAgain) {
  VectorCache cache(1 << 20);
  Rows rows(1);
  for (int i = 0; i < 3; ++i) rows.add({1, 0});
  VectorCache::Source failing = rows.source();
  failing.read = [](std::int64_t, const VectorCache::Row& row) {
    row(1, 10, encode_vector(std::vector<float>{1, 0}));
    row(2, 20, "short");
  };
  std::vector<ScoredVector> scored;
  try {
    cache.score(failing, std::vector<float>{1, 0}, 0, scored);
    ADD_FAILURE() << "was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corruption);
  }
  EXPECT_EQ(rows.found(cache), (Ids{1, 2, 3}));
}

// In the name for the runs under ThreadSanitizer.
TEST(VectorCacheConcurrency, ConcurrentSearchesReadAndForget) {
  VectorCache cache(1 << 20);
  std::atomic<std::int64_t> last{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 300; ++i) {
        const std::int64_t upto = thread == 0 ? ++last : last.load();
        const VectorCache::Source source{1, 2, upto, 300,
                                         [&](std::int64_t after, const VectorCache::Row& row) {
                                           for (std::int64_t id = after + 1; id <= upto; ++id) {
                                             row(id, id, encode_vector(std::vector<float>{1, 0}));
                                           }
                                         }};
        std::vector<ScoredVector> scored;
        cache.score(source, std::vector<float>{1, 0}, 0, scored);
        EXPECT_GE(scored.size(), static_cast<std::size_t>(upto) / 2);
        if (thread == 3 && i % 2 == 0) cache.forget(1, std::vector<std::int64_t>{2 * i});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace holdfast::search
