// The contests of this program.
#pragma once

#include <cstdint>

namespace holdfast::bench {

void register_reads(std::uint64_t entries);
void register_writes(std::uint64_t entries);
void register_conversations();

}  // namespace holdfast::bench
