// The stores that every test of conversations runs on.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/conversation.hpp"
#include "holdfast/open.hpp"

namespace holdfast {

// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp: " + path);
    path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// A store in the shared server, whose schema goes by the folder's name.
[[nodiscard]] std::string postgresql_url(const std::filesystem::path& folder);

// Runs a test on each store, with a clock that stands still until it is moved.
class OnEachStore : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::string url() const {
    const std::string scheme = GetParam();
    if (scheme == "memory") return "memory:";
#ifdef HOLDFAST_CONVERSATION_POSTGRESQL
    if (scheme == "postgresql") return postgresql_url(folder_.path());
#endif
    return "sqlite:" + (folder_.path() / "store.db").string() + "?durability=normal";
  }

  TemporaryFolder folder_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  Memory memory_ = open(url(), {.clock = clock_});
};

#ifdef HOLDFAST_CONVERSATION_POSTGRESQL
inline const auto stores = ::testing::Values("memory", "sqlite", "postgresql");
#else
inline const auto stores = ::testing::Values("memory", "sqlite");
#endif
inline std::string name_of_store(const ::testing::TestParamInfo<const char*>& info) {
  return info.param;
}

// What the messages say, to compare whole conversations at a glance.
inline std::vector<std::string> texts(const std::vector<Message>& messages) {
  std::vector<std::string> result;
  for (const Message& message : messages) result.push_back(message.text());
  return result;
}

inline std::vector<std::string> ids(const std::vector<Message>& messages) {
  std::vector<std::string> result;
  for (const Message& message : messages) result.push_back(message.id());
  return result;
}

// Each kind of message with text `text`, which is its id as well; each costs one token.
inline Message user(std::string_view text) {
  return Message::user(text).with_id(text).with_tokens(1);
}
inline Message assistant(std::string_view text) {
  return Message::assistant(text).with_id(text).with_tokens(1);
}
inline Message system_message(std::string_view text) {
  return Message::system(text).with_id(text).with_tokens(1);
}
inline Message calling(std::string_view text, const std::vector<std::string>& call_ids) {
  std::vector<ToolCall> calls;
  for (const std::string& id : call_ids) calls.push_back({id, "look_up", "{}"});
  return Message::calling(calls, text).with_id(text).with_tokens(1);
}
inline Message result_of(std::string_view call_id, std::string_view text) {
  return Message::tool_result(call_id, text).with_id(text).with_tokens(1);
}

}  // namespace holdfast
