#include <holdfast/sqlite.hpp>

#include "contests.hpp"
#include "files.hpp"
#include "support/conversation_contests.hpp"

namespace holdfast::bench {

void register_conversations() {
  register_conversation_contests("sqlite", [] { return open_sqlite({.path = new_file()}); });
}

}  // namespace holdfast::bench
