// What a search has to find: worked out from nothing but the entries that are there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "holdfast/memory.hpp"

namespace holdfast::conformance {

// A hit, as tests compare it.
struct FoundEntry {
  std::string place;  // "namespace:key"
  double score = 0;

  [[nodiscard]] friend bool operator==(const FoundEntry&, const FoundEntry&) = default;
};
void PrintTo(const FoundEntry& found, std::ostream* out);

// By the configurations of the store, over all live entries of the scope that the same one governs.
[[nodiscard]] std::vector<FoundEntry> expected_search(Memory& memory, const Scope& scope,
                                                      const std::string& text);
// What the store finds, in pages of `limit`.
[[nodiscard]] std::vector<FoundEntry> found_by_search(Memory& memory, const Scope& scope,
                                                      const std::string& text,
                                                      std::size_t limit = SearchQuery::max_limit);

// Keys alone.
[[nodiscard]] std::vector<std::string> keys_found(Memory& memory, const Scope& scope,
                                                  const std::string& text);
// All that `check_search` reports of every configuration.
[[nodiscard]] std::vector<std::string> index_problems(Memory& memory);

}  // namespace holdfast::conformance
