/// @file
/// Reading chat messages from files.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>

#include "holdfast/message.hpp"

namespace holdfast {

/// Where in its file a message stands.
struct ChatPosition {
  std::size_t line = 1;     ///< Of its first character; the first line is 1.
  std::size_t message = 1;  ///< The first message is 1.
};

/// Reads messages one at a time, without holding the others, and gives each to `on_message`, whose
/// exceptions pass through. Says how many there were.
///
/// The text is JSON Lines (one message a line; empty lines are skipped), one JSON array of
/// messages, or one object whose member "messages" is such an array and whose other members are
/// passed over (a request to the OpenAI interface), in UTF-8; a byte order mark at its start and CR
/// LF line ends are fine. Throws `InvalidArgument`, beginning with "line N", for anything else and
/// for what `Message::from_json` refuses, when it gets there: a caller who wants all or nothing
/// collects first. Throws `Unavailable` when the stream fails.
std::size_t read_chat(std::istream& input,
                      const std::function<void(Message, ChatPosition)>& on_message);

}  // namespace holdfast
