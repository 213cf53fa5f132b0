// The scoring, and what is reported.
#include "recall.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace holdfast::locomo {
namespace {

TEST(Recall, IsTheShareOfTheEvidenceFound) {
  const std::vector<std::string> found = {"a", "b", "c", "d"};
  EXPECT_EQ(recall({"b", "d"}, found, 3), 0.5);
  EXPECT_EQ(recall({"b", "d"}, found, 4), 1.0);
  EXPECT_EQ(recall({"b", "d"}, found, 50), 1.0);
  EXPECT_EQ(recall({"x"}, found, 4), 0.0);
  EXPECT_EQ(recall({"x"}, {}, 4), 0.0);
}

TEST(Recall, AQuestionWithoutEvidenceScoresOne) { EXPECT_EQ(recall({}, {}, 5), 1.0); }

TEST(Recall, EvidenceCountsAsItStands) {
  EXPECT_EQ(recall({"a", "a; b"}, {"a", "b"}, 5), 0.5);
  EXPECT_EQ(recall({"a", "a", "x"}, {"a"}, 5), 2.0 / 3.0);
}

TEST(Recall, QuestionsAreAveragedOverallByCategoryAndByConversation) {
  const std::vector<Question> questions = {
      {"one", "q1", 1, {"a"}}, {"one", "q2", 2, {"b"}}, {"two", "q3", 2, {"a"}}};
  const Report report = measure(
      questions, [](const std::string& conversation, const std::string&, std::size_t count) {
        EXPECT_EQ(count, 50U);
        return std::vector<std::string>{conversation == "one" ? "a" : "b"};
      });
  EXPECT_DOUBLE_EQ(report.overall.percent()[0], 100.0 / 3);
  EXPECT_EQ(report.categories.at(1).percent()[0], 100.0);
  EXPECT_EQ(report.categories.at(2).percent()[0], 0.0);
  EXPECT_EQ(report.conversations.at("one").percent()[0], 50.0);
  EXPECT_EQ(report.latencies_us.size(), 3U);
}

TEST(Percentile, IsAValueThatSoManyDoNotPass) {
  EXPECT_EQ(percentile({3, 1, 2, 4}, 50), 2);
  EXPECT_EQ(percentile({3, 1, 2, 4}, 99), 4);
  EXPECT_EQ(percentile({7}, 50), 7);
  EXPECT_EQ(percentile({}, 50), 0);
}

}  // namespace
}  // namespace holdfast::locomo
