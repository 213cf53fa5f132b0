/// @file
/// How a chat message is shown to people.
#pragma once

#include <string>

#include "holdfast/message.hpp"

namespace holdfast::program {

/// Time, role and name on one line, below it the text and the calls of tools, indented; ends with
/// a line feed.
[[nodiscard]] std::string message_text(const Message& message, bool with_id);

}  // namespace holdfast::program
