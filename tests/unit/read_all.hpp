// Reading a value by every accessor, as whoever meets a damaged one might.
#pragma once

#include <cstdint>
#include <string>

#include "holdfast/value.hpp"

namespace holdfast {

// Reads everything there is in `value`, by every accessor; `budget` bounds the calls.
inline void read_all(const MemoryValue& value, int& budget) {
  if (--budget < 0) return;
  static_cast<void>(value.get_if<bool>());
  static_cast<void>(value.get_if<std::int64_t>());
  static_cast<void>(value.get_if<double>());
  static_cast<void>(value.get_if<std::string>());
  static_cast<void>(value.get_if<Bytes>());
  static_cast<void>(value.find("k"));
  static_cast<void>(value.at(value.size()));
  for (const auto& [key, item] : value.items()) {
    static_cast<void>(value.find(key));
    read_all(item, budget);
  }
  if (value.kind() == ValueKind::map) {
    static_cast<void>(value.with("k", 1));
    static_cast<void>(value.without("z"));
  }
}

}  // namespace holdfast
