// What instructions are counted for: fixed work on fixed data.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::bench {

// What is counted; it runs twice, and the second time counts, when everything that is made once
// has been made. The rounds, 0 and 1, are so that no write gives what was there before.
using Measured = std::function<void(std::uint64_t round)>;

struct Scenario {
  std::string name;
  std::uint64_t operations = 0;       // In one round.
  std::function<Measured()> prepare;  // Makes the data; not counted.
};

[[nodiscard]] std::vector<Scenario> in_memory_scenarios();
// "in_memory/page_by_key_of_10000" and "in_memory/get_of_10000", for any number of entries.
[[nodiscard]] std::vector<Scenario> in_memory_scenarios_of(std::uint64_t entries);
// In files of `folder`.
[[nodiscard]] std::vector<Scenario> sqlite_scenarios(const std::string& folder);
[[nodiscard]] std::vector<Scenario> value_scenarios();

// Throws where a scenario did not do what it is named for.
void require(bool holds);

}  // namespace holdfast::bench
