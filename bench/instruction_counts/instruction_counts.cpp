// Runs one scenario for callgrind, which counts its second round alone:
//
//   instruction_counts --list
//   valgrind --tool=callgrind --instr-atstart=no instruction_counts SCENARIO FOLDER
//
// FOLDER is an empty one, for files. check_instruction_counts.py does it for all that are listed;
// `in_memory/page_by_key_of_N` and `in_memory/get_of_N` can be run for any other N.
#include <valgrind/callgrind.h>

#include <exception>
#include <iostream>
#include <string_view>

#include "scenarios.hpp"

namespace {

std::vector<holdfast::bench::Scenario> all_scenarios(const std::string& folder) {
  std::vector<holdfast::bench::Scenario> all = holdfast::bench::in_memory_scenarios();
  for (auto& scenario : holdfast::bench::sqlite_scenarios(folder)) all.push_back(scenario);
  for (auto& scenario : holdfast::bench::value_scenarios()) all.push_back(scenario);
  return all;
}

void list() {
  for (const auto& scenario : all_scenarios("")) {
    std::cout << scenario.name << ' ' << scenario.operations << '\n';
  }
}

bool run(std::string_view name, const std::string& folder) {
  std::vector<holdfast::bench::Scenario> known = all_scenarios(folder);
  constexpr std::string_view of = "_of_";
  const std::size_t at = name.rfind(of);
  if (name.starts_with("in_memory/") && at != std::string_view::npos) {
    const std::string entries(name.substr(at + of.size()));
    for (auto& each : holdfast::bench::in_memory_scenarios_of(std::stoull(entries))) {
      known.push_back(std::move(each));
    }
  }
  for (const auto& scenario : known) {
    if (scenario.name != name) continue;
    const holdfast::bench::Measured measured = scenario.prepare();
    measured(0);
    CALLGRIND_START_INSTRUMENTATION;
    measured(1);
    CALLGRIND_STOP_INSTRUMENTATION;
    return true;
  }
  std::cerr << "instruction_counts: there is no scenario '" << name << "'\n";
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string_view(argv[1]) == "--list") {
      list();
      return 0;
    }
    if (argc == 3) return run(argv[1], argv[2]) ? 0 : 1;
    std::cerr << "usage: instruction_counts --list | SCENARIO FOLDER\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "instruction_counts: " << error.what() << '\n';
    return 1;
  }
}
