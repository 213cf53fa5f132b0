#include <holdfast/in_memory.hpp>

#include "contests.hpp"
#include "support/conversation_contests.hpp"

namespace holdfast::bench {

void register_conversations() {
  register_conversation_contests("in_memory", [] { return open_in_memory(); });
}

}  // namespace holdfast::bench
