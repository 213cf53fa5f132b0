// Appending to conversations, and searching in one.
#include <string>

#include "contests.hpp"
#include "place.hpp"
#include "support/conversation_contests.hpp"

namespace holdfast::bench {

void register_conversations() {
  register_conversation_contests("postgresql", [] {
    static int stores = 0;
    return open_in("conversations_" + std::to_string(++stores));
  });
}

}  // namespace holdfast::bench
