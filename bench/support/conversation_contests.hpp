// Contests that are the same on every store, and between two states of one store.
#pragma once

#include <functional>
#include <string>

#include "holdfast/memory.hpp"

namespace holdfast::bench {

// Opens an empty store.
using OpenEmpty = std::function<Memory()>;

// "STORE/append": one message to a conversation of 100,000 messages, and to one of 10.
// "STORE/search": one question to a conversation of 200 turns that is alone in its store, and to
// the same one among 1,000.
void register_conversation_contests(const std::string& store, const OpenEmpty& open_empty);

}  // namespace holdfast::bench
