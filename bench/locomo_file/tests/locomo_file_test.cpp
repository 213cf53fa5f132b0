// Reading the file of LoCoMo conversations.
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "locomo_file.hpp"

namespace holdfast::locomo {
namespace {

using testing::HasSubstr;

std::vector<Session> read_text(const std::string& text) {
  std::string path = (std::filesystem::temp_directory_path() / "locomo-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0) throw std::runtime_error("mkstemp: " + path);
  ::close(file);
  std::ofstream(path) << text;
  try {
    auto sessions = read_file(path);
    std::filesystem::remove(path);
    return sessions;
  } catch (...) {
    std::filesystem::remove(path);
    throw;
  }
}

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
