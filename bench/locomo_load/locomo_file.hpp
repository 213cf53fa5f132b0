// The file of LoCoMo conversations (github.com/snap-research/locomo).
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "holdfast/message.hpp"

namespace holdfast::locomo {

// What is wrong with the file, and where.
class BadFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A session of a conversation between two people: its turns in order, each a message whose
// metadata is the turn as it stands in the file.
struct Session {
  std::string conversation;  // For example "conv-26".
  std::size_t number = 0;    // As in "session_3".
  std::vector<Message> turns;
};

// All sessions of the file, conversations in the order of the file, sessions by number. Throws
// `BadFile`.
[[nodiscard]] std::vector<Session> read_file(const std::string& path);

}  // namespace holdfast::locomo
