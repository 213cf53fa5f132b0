// Bringing conversations into a store, and searching them there.
#include "locomo_store.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::locomo {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Timestamp june = std::chrono::sys_days(std::chrono::year(2024) / 6 / 1);

Message turn(const std::string& id, const std::string& text) {
  return Message::of(Role::user, text).with_id(id).with_name("Ann");
}

std::vector<Session> two_sessions() {
  return {{"conv-1", 1, june, {turn("D1:1", "I sowed beans."), turn("D1:2", "And peas.")}},
          {"conv-1", 2, std::nullopt, {turn("D2:1", "The beans are up.")}}};
}

class LocomoStore : public ::testing::Test {
 protected:
  std::size_t load_into(const SearchConfig& config = SearchConfig::conversation()) {
    return load(memory_, two_sessions(), config);
  }

  Memory memory_ = open_in_memory();
};

TEST_F(LocomoStore, HasEachTurnOnTheDayOfItsSession) {
  EXPECT_EQ(load_into(), 3U);
  const auto entry = memory_.get_entry(Namespace("locomo/conv-1/session_1"), "D1:1");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->created_at, june);
  EXPECT_THAT(search(memory_, "conv-1", "June", 10), UnorderedElementsAre("D1:2", "D1:1"));
  EXPECT_THAT(search(memory_, "conv-1", "1970", 10), IsEmpty());
}

TEST_F(LocomoStore, FindsTurnsOfAllSessionsOfOneConversation) {
  load_into();
  EXPECT_THAT(search(memory_, "conv-1", "beans", 2), UnorderedElementsAre("D2:1", "D1:1"));
}

TEST_F(LocomoStore, WritesNothingThatIsThereAlready) {
  load_into();
  const Revision before = memory_.stable_revision();
  EXPECT_EQ(load_into(), 0U);
  EXPECT_EQ(load_into(SearchConfig::texts({"content"})), 0U);
  EXPECT_EQ(memory_.stable_revision(), before);
  EXPECT_EQ(memory_.search_configurations().front().config, SearchConfig::texts({"content"}));
}

TEST_F(LocomoStore, ReplacesTurnsThatAreNotAsInTheFile) {
  load_into();
  memory_.set(Namespace("locomo/conv-1/session_1"), "D1:1", turn("D1:1", "Nothing.").json());
  EXPECT_EQ(load_into(), 3U);
  EXPECT_THAT(search(memory_, "conv-1", "beans", 2), UnorderedElementsAre("D2:1", "D1:1"));
}

TEST_F(LocomoStore, RefusesAnotherEntryAmongTheTurns) {
  memory_.set(Namespace("locomo/conv-1/session_9"), "x", "beans");
  EXPECT_THROW(load_into(), BadFile);
  EXPECT_EQ(memory_.count(Scope{Namespace("locomo"), true}), 1U);
}

}  // namespace
}  // namespace holdfast::locomo
