// What is compared: the same entries in Redis and in Holdfast's stores, asked the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/workload.hpp"

namespace holdfast::bench {

inline constexpr std::uint64_t redis_entries = 100'000;
inline constexpr std::size_t redis_value_bytes = 200;
inline constexpr std::size_t keys_at_once = 100;
inline constexpr std::size_t newest_entries = 50;
inline constexpr std::size_t places_prepared = std::size_t{1} << 15;  // A power of two.

inline std::string redis_contest(const char* operation) {
  return std::string("redis/") + operation + "/200B/" + std::to_string(redis_entries);
}

// Entries to ask for, and texts to write, in turn.
struct Prepared {
  std::vector<std::uint32_t> entries = picks(Keys::uniform, redis_entries, places_prepared, 1);
  std::vector<std::string> texts = [] {
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < 10'007; ++i) {
      made.push_back(value_text(redis_value_bytes, 7'000'000 + i));
    }
    return made;
  }();
};
inline const Prepared& prepared() {
  static const Prepared made;
  return made;
}

inline void require(bool holds) {
  if (!holds) throw std::runtime_error("an answer is wrong");
}

void register_redis();
void register_holdfast();

}  // namespace holdfast::bench
