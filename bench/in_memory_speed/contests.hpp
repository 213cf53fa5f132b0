// The contests of the in-memory store, each registered for every size.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::bench {

void register_points(std::uint64_t entries);    // get and set
void register_evicting(std::uint64_t entries);  // get with eviction on and off
void register_pages(std::uint64_t entries);     // by key and newest
void register_resident_bytes(std::uint64_t entries);
void register_conversations();  // appending, searching

}  // namespace holdfast::bench
