// A process for the tests of migration:
//   move_driver move SOURCE DESTINATION CLOCK BATCH POLICY SIDE POINT
//     migrates between the stores at two URLs, with a clock that stands at CLOCK milliseconds;
//     CLOCK 0: the stores' own. Where SIDE is "source" or "destination" it dies at the POINT-th
//     point of that store's calls. Says "progress" after each batch, and what it did at the end.
//   move_driver write STORE NUMBER STEPS
//     does the first STEPS steps of the workload NUMBER. Says "written" after each.
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "holdfast/migration.hpp"
#include "holdfast/open.hpp"
#include "killing_backend.hpp"
#include "workload.hpp"

namespace holdfast::migration_tests {
namespace {

ConflictPolicy policy_named(const std::string& name) {
  for (const ConflictPolicy policy : {ConflictPolicy::fail, ConflictPolicy::skip,
                                      ConflictPolicy::overwrite, ConflictPolicy::newer}) {
    if (to_string(policy) == name) return policy;
  }
  throw std::invalid_argument("no policy: " + name);
}

// The most memory that this process ever held, in KiB.
std::string peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::to_string(std::stoull(line.substr(6)));
  }
  throw std::runtime_error("this process's memory is not known");
}

void tell(const MigrationResult& result) {
  const auto number = [](auto value) { return MemoryValue(static_cast<std::int64_t>(value)); };
  const MemoryValue told = MemoryValue::map(
      {{"resumed", result.resumed},
       {"keeps_revisions", result.revisions == RestoreRevisions::keep},
       {"copied", number(result.copied)},
       {"erased", number(result.erased)},
       {"bytes", number(result.bytes)},
       {"skipped", number(result.skipped)},
       {"overwritten", number(result.overwritten)},
       {"position", number(result.position)},
       {"verified", result.verified},
       {"digest", result.destination_digest ? result.destination_digest->text : "none"}});
  say("peak " + peak_memory());
  say("result " + std::string(told.json_text()));
}

int move(const std::vector<std::string>& arguments) {
  OpenOptions opening;
  if (const auto clock = std::stoll(arguments.at(3)); clock != 0) {
    opening.clock = std::make_shared<ManualClock>(Timestamp(std::chrono::milliseconds(clock)));
  }
  const BackendRegistry registry = built_in_backends();
  const auto open_side = [&](const std::string& side, const std::string& url) {
    const std::uint64_t dies_at = arguments.at(6) == side ? std::stoull(arguments.at(7)) : 0;
    return Memory(std::make_unique<KillingBackend>(registry.open_backend(url, opening), dies_at));
  };
  Memory source = open_side("source", arguments.at(1));
  Memory destination = open_side("destination", arguments.at(2));
  MigrationOptions options;
  options.batch_entries = std::stoull(arguments.at(4));
  options.on_conflict = policy_named(arguments.at(5));
  options.on_progress = [](const MigrationProgress&) { say("progress"); };
  tell(migrate(source, destination, options));
  return 0;
}

int write(const std::vector<std::string>& arguments) {
  Memory memory = open(arguments.at(1));
  Workload workload(std::stoi(arguments.at(2)));
  const int steps = std::stoi(arguments.at(3));
  while (workload.steps() < steps) {
    workload.step(memory);
    say("written");
  }
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  const std::string& command = arguments.at(0);
  if (command == "move") return move(arguments);
  if (command == "write") return write(arguments);
  return 2;
}

}  // namespace
}  // namespace holdfast::migration_tests

int main(int argc, char** argv) try {
  return holdfast::migration_tests::run({argv + 1, argv + argc});
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 3;
}
