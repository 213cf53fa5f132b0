// What the processes of these tests do to a store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../../differential/player.hpp"

namespace holdfast::fault_tests {

using differential::Answer;
using differential::Player;
using differential::Step;

// Steps follow from a name, a seed and the number of the process, so that whoever plays them does
// the same. No step makes more than one write, but for those that only read or only keep house.
struct Script {
  // "alone": random steps over the whole store; "together": those below a namespace of the
  // process's own, and counters that all share; else the name of an operation, which comes after
  // `steps_before_operation` of those of "alone".
  std::string name = "alone";
  std::uint64_t seed = 0;
  int process = 0;
  std::string backup{};  // The file that "backup" makes.
};

inline constexpr std::size_t steps_before_operation = 60;

// The first `count` of them, with what the clock shows while each is done.
struct ScriptedStep {
  Step step;
  Timestamp now;
};
[[nodiscard]] std::vector<ScriptedStep> steps_of(const Script& script, std::size_t count);

// The operations that have names. "nothing" is one of them: the store is opened and closed.
[[nodiscard]] const std::vector<std::string>& operation_names();

// Where the process `process` of the script "together" writes, but for the shared counters.
[[nodiscard]] Namespace own_namespace(int process);
inline constexpr const char* shared_namespace = "shared";
inline constexpr int shared_counters = 3;
// Words that are looked for where searches are configured.
inline constexpr const char* searched_words[] = {"bicycle", "red", "car", "river"};
inline constexpr const char* note_name = "crash";

// A store that is asked for by a URL, whoever holds the folder of the request.
[[nodiscard]] differential::StoreUnderTest store_at(const std::string& url);

}  // namespace holdfast::fault_tests
