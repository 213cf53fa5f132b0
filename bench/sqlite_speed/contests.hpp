// The contests of the SQLite store, each registered for every size.
#pragma once

#include <cstdint>

namespace holdfast::bench {

void register_reads(std::uint64_t entries);    // get, cold and warm, get_many, pages
void register_writes(std::uint64_t entries);   // set, new keys, batches, many threads
void register_filling();                       // how large batches should be
void register_opening(std::uint64_t entries);  // how opening grows with the file
void register_conversations();                 // appending, searching

}  // namespace holdfast::bench
