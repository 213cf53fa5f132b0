// The file of LoCoMo conversations (github.com/snap-research/locomo).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "holdfast/message.hpp"
#include "holdfast/namespace.hpp"
#include "holdfast/time.hpp"

namespace holdfast::locomo {

// What is wrong with the file, and where.
class BadFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A session of a conversation between two people: its turns in order, each a message whose
// metadata is the turn as it stands in the file.
struct Session {
  std::string conversation;      // For example "conv-26".
  std::size_t number = 0;        // As in "session_3".
  std::optional<Timestamp> day;  // From "session_3_date_time"; empty where it names no day.
  std::vector<Message> turns;
};

// Where the programs keep conversations, and in them their sessions: "locomo/conv-26/session_3".
[[nodiscard]] Namespace namespace_of(const std::string& conversation);
[[nodiscard]] Namespace namespace_of(const Session& session);

// A question about a conversation, and the turns that hold the answer.
struct Question {
  std::string conversation;
  std::string text;
  std::int64_t category = 0;
  std::vector<std::string> evidence;  // Ids of turns, as they stand in the file.
};

struct File {
  std::vector<Session> sessions;
  std::vector<Question> questions;
};

// All sessions of the file, conversations in the order of the file, sessions by number. Throws
// `BadFile`.
[[nodiscard]] std::vector<Session> read_file(const std::string& path);

// The sessions, and the questions in the order of the file. Throws `BadFile`.
[[nodiscard]] File read_file_with_questions(const std::string& path);

}  // namespace holdfast::locomo
