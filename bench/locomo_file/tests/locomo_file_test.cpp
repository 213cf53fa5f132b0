// Reading the file of LoCoMo conversations.
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "locomo_file/locomo_file.hpp"

namespace holdfast::locomo {
namespace {

using testing::HasSubstr;

File read_whole(const std::string& text) {
  std::string path = (std::filesystem::temp_directory_path() / "locomo-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0) throw std::runtime_error("mkstemp: " + path);
  ::close(file);
  std::ofstream(path) << text;
  try {
    File whole = read_file_with_questions(path);
    std::filesystem::remove(path);
    return whole;
  } catch (...) {
    std::filesystem::remove(path);
    throw;
  }
}

std::vector<Session> read_text(const std::string& text) { return read_whole(text).sessions; }

std::string refusal(const std::string& text) {
  try {
    read_text(text);
  } catch (const BadFile& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken: " << text;
  return "";
}

std::string with_session(const std::string& session) {
  return R"([{"sample_id":"c","conversation":{"speaker_a":"Ann","session_1":)" + session + "}}]";
}

TEST(LocomoFile, SessionsComeByNumberAndTurnsInOrder) {
  const auto sessions = read_text(
      R"([{"sample_id":"c","conversation":{"speaker_a":"Ann","session_10":[],"session_2":[)"
      R"({"speaker":"Ben","dia_id":"D2:1","text":"x","blip_caption":"y"},)"
      R"({"speaker":"Ann","dia_id":"D2:2","text":"z"}],"session_2_date_time":"noon"}}])");
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].number, 2U);
  EXPECT_EQ(sessions[1].number, 10U);
  ASSERT_EQ(sessions[0].turns.size(), 2U);
  const Message& turn = sessions[0].turns[0];
  EXPECT_EQ(turn.role(), Role::assistant);
  EXPECT_EQ(turn.id(), "D2:1");
  EXPECT_EQ(turn.name(), "Ben");
  EXPECT_EQ(turn.metadata()["blip_caption"], MemoryValue("y"));
  EXPECT_EQ(sessions[0].turns[1].role(), Role::user);
}

TEST(LocomoFile, ADayIsReadWhereTheSessionNamesOne) {
  using namespace std::chrono;
  const auto day_of = [](const std::string& time) {
    return read_text(R"([{"sample_id":"c","conversation":{"speaker_a":"Ann","session_1":[],)"
                     R"("session_1_date_time":")" +
                     time + "\"}}]")
        .at(0)
        .day;
  };
  EXPECT_EQ(day_of("1:56 pm on 8 May, 2023"), Timestamp(sys_days(2023y / May / 8)));
  EXPECT_EQ(day_of("12:09 am on 13 September, 2022"), Timestamp(sys_days(2022y / September / 13)));
  for (const char* other : {"noon", "", "1:56 pm on 31 February, 2023", "on 8 Mai, 2023"}) {
    EXPECT_EQ(day_of(other), std::nullopt) << other;
  }
}

TEST(LocomoFile, QuestionsComeInOrderWithTheirEvidence) {
  const auto questions =
      read_whole(R"([{"sample_id":"c","conversation":{"speaker_a":"Ann"},"qa":[)"
                 R"({"question":"x","category":4,"evidence":["D1:1","D8:6; D9:17"]},)"
                 R"({"question":"y","category":5}]}])")
          .questions;
  ASSERT_EQ(questions.size(), 2U);
  EXPECT_EQ(questions[0].conversation, "c");
  EXPECT_EQ(questions[0].text, "x");
  EXPECT_EQ(questions[0].category, 4);
  EXPECT_THAT(questions[0].evidence, testing::ElementsAre("D1:1", "D8:6; D9:17"));
  EXPECT_TRUE(questions[1].evidence.empty());
  EXPECT_THAT(refusal(R"([{"sample_id":"c","conversation":{"speaker_a":"A"},"qa":[{}]}])"),
              HasSubstr("c, question 1 has no category"));
}

TEST(LocomoFile, ErrorsSayWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal("{}"), HasSubstr("not a list"));
  EXPECT_THAT(refusal("[5]"), HasSubstr("conversation 1"));
  EXPECT_THAT(refusal("[{}]"), HasSubstr("conversation 1 has no sample_id"));
  EXPECT_THAT(refusal(R"([{"sample_id":"c"}])"), HasSubstr("conversation 1"));
  EXPECT_THAT(refusal(with_session("{}")), HasSubstr("c, session_1"));
  EXPECT_THAT(refusal(with_session("[7]")), HasSubstr("c, session_1, turn 1"));
  EXPECT_THAT(refusal(with_session(R"([{"speaker":"Ann","dia_id":"D1:1"}])")),
              HasSubstr("c, session_1, turn 1 has no text"));
  EXPECT_THAT(refusal("[{\"sample_id\""), HasSubstr("locomo-"));
  EXPECT_THAT(refusal(""), HasSubstr("locomo-"));
}

}  // namespace
}  // namespace holdfast::locomo
