#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "display.hpp"
#include "entry_import.hpp"
#include "json_text.hpp"
#include "program.hpp"

namespace holdfast::program {
namespace {

struct ImportArguments {
  std::string file;
  std::string format = "holdfast";
  std::string into;
  std::string on_conflict = "fail";
  std::string revisions = "auto";
  std::string report;
  bool json = false;
  CLI::Option* into_option = nullptr;
};

ConflictPolicy policy_of(const std::string& name) {
  if (name == "skip") return ConflictPolicy::skip;
  if (name == "overwrite") return ConflictPolicy::overwrite;
  if (name == "newer") return ConflictPolicy::newer;
  return ConflictPolicy::fail;
}

std::optional<RestoreRevisions> revisions_of(const std::string& name) {
  if (name == "keep") return RestoreRevisions::keep;
  if (name == "assign") return RestoreRevisions::assign;
  return std::nullopt;
}

ImportForm form_of(const ImportArguments& arguments) {
  ImportForm form;
  form.now = system_clock()->now();
  if (arguments.format == "plain") form.format = ImportFormat::plain;
  if (arguments.format == "mcp-memory") form.format = ImportFormat::mcp_memory;
  const bool has_graph = arguments.into_option->count() > 0;
  if (has_graph != (form.format == ImportFormat::mcp_memory)) {
    throw_invalid_argument(
        has_graph ? "--into goes with --format mcp-memory: other formats name their namespaces"
                  : "--format mcp-memory needs --into NS, the namespace for the graph");
  }
  if (has_graph) form.graph = Namespace(arguments.into);
  return form;
}

void print(Output& output, const ImportOutcome& outcome, bool json) {
  if (json) {
    const auto signed_number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    output.line(std::move(JsonObject()
                              .number("imported", signed_number(outcome.imported))
                              .number("overwritten", signed_number(outcome.overwritten))
                              .number("skipped", signed_number(outcome.skipped))
                              .number("expired", signed_number(outcome.expired)))
                    .finish());
    return;
  }
  std::string text = counted(outcome.imported, "entry", "entries") + " imported";
  if (outcome.overwritten > 0) text += ", " + std::to_string(outcome.overwritten) + " overwritten";
  if (outcome.skipped > 0) text += ", " + std::to_string(outcome.skipped) + " skipped";
  if (outcome.expired > 0) text += ", " + std::to_string(outcome.expired) + " expired";
  output.line(text);
}

ExitCode run_import(Program& program, const ImportArguments& arguments) {
  ImportOptions options;
  options.file = arguments.file;
  options.form = form_of(arguments);
  options.policy = policy_of(arguments.on_conflict);
  options.revisions = revisions_of(arguments.revisions);
  options.report = arguments.report;
  options.stop = program.interruption();
  EntryImport import(std::move(options), [&] { return program.open_or_create(); });
  print(program.output, import.run(), arguments.json);
  return ExitCode::done;
}

void add_format(CLI::App& command, Program& program, ImportArguments& arguments) {
  add_choice(command, program, "--format", arguments.format, {"holdfast", "plain", "mcp-memory"},
             "What export wrote (the default); JSON Lines of {\"namespace\":...,\"key\":...,"
             "\"value\":...}, such as list --json prints; or the memory.jsonl of the MCP reference "
             "memory server");
  arguments.into_option = command.add_option("--into", arguments.into,
                                             "The namespace that a knowledge graph goes under");
  arguments.into_option->type_name("NS");
}

void add_conflicts(CLI::App& command, Program& program, ImportArguments& arguments) {
  add_choice(command, program, "--on-conflict", arguments.on_conflict,
             {"fail", "skip", "overwrite", "newer"},
             "Where an entry lies there already: refuse (the default), leave it, replace it, or "
             "keep the one that was written later");
  command
      .add_option("--report", arguments.report,
                  "Each conflict, as a line of JSON, to this file, which is replaced")
      ->type_name("FILE");
}

}  // namespace

void add_import_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "import",
      "Write the entries of an export, with their times and deadlines, in their order.\n"
      "A file is checked wholly before anything is written; from a pipe, entries are written as\n"
      "they come, and an error says how many were. What is compressed with gzip or zstd is read\n"
      "as it is.",
      {"--store sqlite:m.db import all.jsonl.zst",
       "import all.jsonl --on-conflict newer --report conflicts.jsonl",
       "import facts.jsonl --format plain",
       "import memory.jsonl --format mcp-memory --into agents/1/graph",
       "--store sqlite:old.db export | holdfast --store sqlite:new.db import -"});
  auto arguments = std::make_shared<ImportArguments>();
  command.add_option("FILE", arguments->file, "What to read; '-' reads standard input")
      ->type_name("")
      ->required();
  add_format(command, program, *arguments);
  add_conflicts(command, program, *arguments);
  add_choice(command, program, "--revisions", arguments->revisions, {"auto", "keep", "assign"},
             "Keep the file's revisions, which an empty store alone can, or assign new ones in "
             "order; auto keeps them where it can");
  add_json_flag(command, arguments->json, "how many were imported, as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_import(p, *arguments); });
}

}  // namespace holdfast::program
