// Appending to conversations.
#include "contests.hpp"
#include "place.hpp"
#include "support/conversation_contests.hpp"

namespace holdfast::bench {

void register_conversations() {
  register_append_contest("postgresql", [] { return open_in("append"); });
}

}  // namespace holdfast::bench
