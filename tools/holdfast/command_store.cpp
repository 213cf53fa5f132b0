#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "display.hpp"
#include "entry_text.hpp"
#include "program.hpp"
#include "table.hpp"

namespace holdfast::program {
namespace {

void add_details(Table& table, const std::string& prefix, const MemoryValue& details) {
  for (const MemoryItem& item : details.items()) {
    const std::string name = prefix + item.key;
    if (item.value.kind() == ValueKind::map) {
      add_details(table, name + ".", item.value);
    } else {
      table.add({name, plain_text(item.value)});
    }
  }
}

void print_stats(Output& output, const MemoryStats& stats) {
  Table table(output, {{"FACT"}, {"VALUE", false, true}});
  const auto limit = [](const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : std::string("none");
  };
  table.add({"backend", stats.backend});
  table.add({"entries", std::to_string(stats.entries)});
  table.add({"bytes", std::to_string(stats.bytes) + " (" + format_bytes(stats.bytes) + ")"});
  table.add({"namespaces", std::to_string(stats.namespaces)});
  table.add({"last revision", std::to_string(stats.last_revision)});
  table.add({"max entries", limit(stats.limits.max_entries)});
  table.add({"max bytes", limit(stats.limits.max_bytes)});
  table.add({"max value bytes", std::to_string(stats.limits.max_value_bytes)});
  add_details(table, "", stats.details);
  table.finish();
}

ExitCode run_stats(Program& program, bool json) {
  Memory memory = program.open_existing();
  const MemoryStats stats = memory.stats();
  if (json) {
    program.output.line(to_value(stats).json_text());
  } else {
    print_stats(program.output, stats);
  }
  return ExitCode::done;
}

ExitCode run_health(Program& program, bool json) {
  Memory memory = program.open_existing();
  const Health health = memory.health();
  if (json) {
    program.output.line(to_value(health).json_text());
  } else if (health.ok) {
    program.output.line("ok, " + std::to_string(health.latency.count()) + " µs");
  }
  if (health.ok) return ExitCode::done;
  report("the store is not well: " + health.message);
  return ExitCode::failed;
}

ExitCode run_resolve(Program& program, const std::string& token, bool json) {
  Memory memory = program.open_existing();
  const std::optional<bool> applied = memory.resolve(CommitToken{token});
  const std::string_view state = !applied ? "unknown" : *applied ? "applied" : "not applied";
  if (json) {
    const MemoryValue answer = applied ? MemoryValue(*applied) : MemoryValue();
    program.output.line(MemoryValue::map({{"applied", answer}}).json_text());
  } else {
    program.output.line(std::string(state));
  }
  if (!applied) return ExitCode::failed;
  return *applied ? ExitCode::done : ExitCode::absent;
}

}  // namespace

void add_store_commands(CLI::App& root, Program& program) {
  auto json = std::make_shared<bool>(false);
  CLI::App& stats =
      add_command(root, "stats", "Print what the store holds, its limits and facts of its engine",
                  {"--store sqlite:m.db stats", "stats --json"});
  add_json_flag(stats, *json, "one JSON document");
  when_chosen(stats, program, [json](Program& p) { return run_stats(p, *json); });

  CLI::App& health =
      add_command(root, "health",
                  "Do real input and output and say whether the store works; exit code 3 if not",
                  {"--store sqlite:m.db health", "health --json"});
  add_json_flag(health, *json, "one JSON document");
  when_chosen(health, program, [json](Program& p) { return run_health(p, *json); });

  auto token = std::make_shared<std::string>();
  CLI::App& resolve = add_command(
      root, "resolve",
      "Say what became of a write whose outcome was not known, by the token that its error gave;\n"
      "exit code 0 if it was applied, 1 if not, 3 if that is still not known. A write that was\n"
      "under way is over then: it is not applied later.",
      {"--store postgresql://host/db resolve pg:7031:12"});
  resolve.add_option("TOKEN", *token, "The token")->type_name("")->required();
  add_json_flag(resolve, *json, "{\"applied\":true}, false or null");
  when_chosen(resolve, program,
              [token, json](Program& p) { return run_resolve(p, *token, *json); });
}

}  // namespace holdfast::program
