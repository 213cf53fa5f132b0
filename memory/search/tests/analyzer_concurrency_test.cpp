// One analyzer, many threads.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "holdfast/analyzer.hpp"

namespace holdfast {
namespace {

TEST(AnalyzerConcurrency, ThreadsShareOneAnalyzer) {
  constexpr auto text = "Melanie painted 我喜欢游泳 horses in May";
  const Analyzer analyzer;
  const auto expected = analyzer.query_terms(text);
  std::vector<std::vector<std::string>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) own = Analyzer(analyzer).query_terms(text);
      });
    }
  }
  for (const auto& own : found) EXPECT_EQ(own, expected);
}

}  // namespace
}  // namespace holdfast
