#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "display.hpp"
#include "entry_text.hpp"
#include "holdfast/error.hpp"
#include "program.hpp"
#include "search_configuration.hpp"

namespace holdfast::program {
namespace {

/// What was found of one search index.
struct IndexReport {
  Namespace ns;
  bool needs_reindex = false;
  SearchCheck check{};

  [[nodiscard]] bool is_ok() const { return !needs_reindex && check.problems.empty(); }
};

/// What a store can be checked for: its files, and its search indexes.
struct CheckReport {
  std::optional<Maintenance::IntegrityReport> integrity;  ///< Empty: it has no files to check.
  std::vector<IndexReport> indexes;

  [[nodiscard]] std::uint64_t problems() const {
    std::uint64_t sum = integrity ? integrity->problems.size() : 0;
    for (const IndexReport& index : indexes) sum += index.check.problems.size();
    return sum;
  }
  [[nodiscard]] bool is_damaged() const { return problems() > 0 || (integrity && !integrity->ok); }
  [[nodiscard]] bool needs_reindex() const {
    for (const IndexReport& index : indexes) {
      if (index.needs_reindex) return true;
    }
    return false;
  }
};

std::vector<IndexReport> check_indexes(Memory& memory) {
  std::vector<IndexReport> reports;
  if (!memory.capabilities().search) return reports;
  for (const SearchConfiguration& each : memory.search_configurations()) {
    IndexReport& report = reports.emplace_back();
    report.ns = each.ns;
    report.needs_reindex = each.needs_reindex;
    if (!each.needs_reindex) report.check = memory.check_search(each.ns);
  }
  return reports;
}

CheckReport check(Memory& memory) {
  CheckReport report;
  // A store without either says itself that there is nothing to check.
  report.indexes = check_indexes(memory);
  if (memory.capabilities().maintenance || report.indexes.empty()) {
    report.integrity = memory.maintenance().check_integrity({});
  }
  return report;
}

MemoryValue list_of(const std::vector<std::string>& texts) {
  return MemoryValue::list(std::vector<MemoryValue>(texts.begin(), texts.end()));
}

MemoryValue to_value(const CheckReport& report) {
  std::vector<MemoryValue> indexes;
  for (const IndexReport& index : report.indexes) {
    indexes.push_back(MemoryValue::map({{"namespace", index.ns.text()},
                                        {"ok", index.is_ok()},
                                        {"needs_reindex", index.needs_reindex},
                                        {"entries", index.check.documents},
                                        {"problems", list_of(index.check.problems)}}));
  }
  return MemoryValue::map({{"ok", !report.is_damaged() && !report.needs_reindex()},
                           {"problems", list_of(report.integrity ? report.integrity->problems
                                                                 : std::vector<std::string>())},
                           {"search", MemoryValue::list(indexes)}});
}

void print(Output& output, const IndexReport& index) {
  const std::string name = "search index of " + escape_controls(shown_namespace(index.ns)) + ": ";
  if (index.needs_reindex) {
    output.line(name + "not checked, as it has to be made anew (" +
                escape_controls(reindex_command(index.ns)) + ")");
  } else if (index.is_ok()) {
    output.line(name + "ok, " + counted(index.check.documents, "entry", "entries"));
  }
  for (const std::string& problem : index.check.problems) {
    output.line(name + escape_controls(problem));
  }
}

void print(Output& output, const CheckReport& report) {
  if (report.integrity) {
    if (report.integrity->ok) output.line("ok");
    for (const std::string& problem : report.integrity->problems) {
      output.line(escape_controls(problem));
    }
  }
  for (const IndexReport& index : report.indexes) print(output, index);
}

ExitCode run_check(Program& program, bool json) {
  Memory memory = program.open_existing();
  const CheckReport found = check(memory);
  if (json) {
    program.output.line(to_value(found).json_text());
  } else {
    print(program.output, found);
  }
  if (found.is_damaged()) {
    report("the store is damaged: " + counted(found.problems(), "problem", "problems") + " found");
    return ExitCode::failed;
  }
  if (found.needs_reindex()) {
    report("no damage was found, but a search index has to be made anew");
    return ExitCode::failed;
  }
  return ExitCode::done;
}

}  // namespace

void add_check_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "check",
      "Read everything and report damage; exit code 3 where there is any\n"
      "Of a store in files all that they hold is read, and of each search index all that "
      "it\nshould have of the entries.",
      {"--store sqlite:m.db check", "check --json"});
  auto json = std::make_shared<bool>(false);
  add_json_flag(command, *json,
                "one JSON document, {\"ok\":...,\"problems\":[...],\"search\":[...]}");
  when_chosen(command, program, [json](Program& p) { return run_check(p, *json); });
}

}  // namespace holdfast::program
