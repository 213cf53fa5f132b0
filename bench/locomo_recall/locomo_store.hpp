// LoCoMo's conversations in a store, made searchable.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "holdfast/memory.hpp"
#include "holdfast/search_config.hpp"
#include "locomo_file/locomo_file.hpp"

namespace holdfast::locomo {

// Brings the conversations into the store, each turn as if it had been written on the day of its
// session, and gives each conversation the configuration. What the store has already, as it should
// be, stays. Says how many turns were written. Throws `BadFile` where the store holds something
// else among them.
std::size_t load(Memory& memory, const std::vector<Session>& sessions, const SearchConfig& config);

// The ids of the best turns of a conversation, best first.
[[nodiscard]] std::vector<std::string> search(Memory& memory, const std::string& conversation,
                                              const std::string& text, std::size_t count);

}  // namespace holdfast::locomo
