#include <memory>
#include <optional>
#include <string>

#include "conflict_report.hpp"
#include "display.hpp"
#include "entry_stream.hpp"
#include "holdfast/migration.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "query_arguments.hpp"
#include "store_name.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

struct MigrateArguments {
  std::string from;
  std::string to;
  std::string ns;
  std::string to_ns;
  std::string filter;
  std::string on_conflict = "fail";
  std::string report;
  std::int64_t batch = 0;
  bool only_namespace = false;
  bool dry_run = false;
  bool restart = false;
  bool no_verify = false;
  bool json = false;
  CLI::Option* to_ns_option = nullptr;
  CLI::Option* filter_option = nullptr;
};

ConflictPolicy policy_of(const std::string& text) {
  for (const ConflictPolicy policy :
       {ConflictPolicy::skip, ConflictPolicy::overwrite, ConflictPolicy::newer}) {
    if (to_string(policy) == text) return policy;
  }
  return ConflictPolicy::fail;
}

MigrationOptions make_options(const MigrateArguments& arguments) {
  MigrationOptions options;
  options.scope = {Namespace(arguments.ns), !arguments.only_namespace};
  if (arguments.to_ns_option->count() > 0) options.destination = Namespace(arguments.to_ns);
  options.filter = read_filter(*arguments.filter_option, arguments.filter);
  options.on_conflict = policy_of(arguments.on_conflict);
  options.source_name = store_name(arguments.from);
  options.dry_run = arguments.dry_run;
  options.restart = arguments.restart;
  options.verify = !arguments.no_verify;
  options.batch_entries = static_cast<std::size_t>(arguments.batch);
  return options;
}

/// Shows each phase with what it counts.
class PhaseProgress {
 public:
  void show(const MigrationProgress& progress) {
    if (!shown_ || progress.phase != phase_) {
      phase_ = progress.phase;
      shown_.reset();
      shown_.emplace(std::string(to_string(phase_)), "entries");
    }
    shown_->show(progress.done, progress.total);
  }
  void end() { shown_.reset(); }

 private:
  MigrationPhase phase_ = MigrationPhase::checking;
  std::optional<Progress> shown_;
};

std::string text_of(const MigrationResult& result, const MigrateArguments& arguments) {
  std::string text = counted(result.copied, "entry", "entries");
  text += arguments.dry_run ? " would be copied, " : " copied, ";
  text += format_bytes(result.bytes);
  if (result.erased > 0) text += ", " + std::to_string(result.erased) + " erased";
  if (result.skipped > 0) text += ", " + std::to_string(result.skipped) + " skipped";
  if (result.overwritten > 0) text += ", " + std::to_string(result.overwritten) + " overwritten";
  if (result.configurations > 0) {
    text += ", " + counted(result.configurations, "search configuration", "search configurations");
  }
  if (result.vectors > 0) text += ", " + counted(result.vectors, "vector", "vectors");
  text += result.revisions == RestoreRevisions::keep ? "; revisions are kept"
                                                     : "; revisions are new, in the same order";
  if (arguments.dry_run) return text;
  if (result.resumed) text += "; went on where an earlier run had ended";
  if (result.verified)
    return text + "\nverified: both sides have the digest " + result.source_digest->text;
  if (arguments.no_verify) return text + "\nnot verified";
  return text +
         "\nnot verified: the source is written to as fast as it is read. Run the same command "
         "again when its writers have stopped";
}

std::string json_of(const MigrationResult& result) {
  const auto boolean = [](bool value) { return value ? "true" : "false"; };
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const auto text = [](const std::optional<Digest>& digest) {
    return digest ? "\"" + digest->text + "\"" : "null";
  };
  JsonObject json;
  json.number("copied", number(result.copied))
      .number("bytes", number(result.bytes))
      .number("erased", number(result.erased))
      .number("skipped", number(result.skipped))
      .number("overwritten", number(result.overwritten))
      .number("search_configurations", number(result.configurations))
      .number("vectors", number(result.vectors))
      .raw("revisions_kept", boolean(result.revisions == RestoreRevisions::keep))
      .raw("resumed", boolean(result.resumed))
      .raw("verified", boolean(result.verified))
      .raw("source_digest", text(result.source_digest))
      .raw("destination_digest", text(result.destination_digest));
  return std::move(json).finish();
}

/// For a dry run an empty store in memory stands for one that is not there yet, and it is said why
/// it was taken for that.
Memory open_destination(const MigrateArguments& arguments) {
  if (!arguments.dry_run) return Program::open_or_create(arguments.to);
  try {
    return Program::open_existing(arguments.to);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::failed_precondition) throw;
    report(describe(error) + "; counted as for a new one");
    return Program::open_or_create("memory:");
  }
}

/// What can be repeated says so.
MigrationResult migrate_or_say_how_to_go_on(Memory& source, Memory& destination,
                                            const MigrationOptions& options,
                                            const Context& context) {
  try {
    return migrate(source, destination, options, context);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid_argument ||
        error.code() == ErrorCode::failed_precondition) {
      throw;
    }
    throw Error(error.code(), error.message() + "; the same command goes on where this one ended",
                {error.backend(), error.operation()}, error.cause(), error.token());
  }
}

MigrationResult run(Program& program, const MigrateArguments& arguments) {
  MigrationOptions options = make_options(arguments);
  Context context;
  context.stop = program.interruption();
  ConflictReport conflicts(arguments.report, ConflictReport::Existing::appended_to);
  if (conflicts.is_wanted()) {
    options.on_conflict_found = [&](const Conflict& conflict) { conflicts.add(conflict); };
  }
  PhaseProgress progress;
  options.on_progress = [&](const MigrationProgress& at) { progress.show(at); };
  const bool same = arguments.from == arguments.to;
  Memory source = Program::open_existing(arguments.from);
  // Two subtrees of one store: a file is opened for writing once only.
  std::optional<Memory> other;
  if (!same) other.emplace(open_destination(arguments));
  MigrationResult result =
      migrate_or_say_how_to_go_on(source, same ? source : *other, options, context);
  progress.end();
  return result;
}

ExitCode run_migrate(Program& program, const MigrateArguments& arguments) {
  program.refuse_store_option();
  const MigrationResult result = run(program, arguments);
  program.output.line(arguments.json ? json_of(result) : text_of(result, arguments));
  const bool is_done = result.verified || arguments.no_verify || arguments.dry_run;
  return is_done ? ExitCode::done : ExitCode::absent;
}

void add_scope_options(CLI::App& command, MigrateArguments& arguments) {
  command
      .add_option("--namespace", arguments.ns,
                  "This namespace and everything below it; without it everything")
      ->type_name("NS");
  command.add_flag("--only-namespace", arguments.only_namespace,
                   "That namespace without what lies below it");
  arguments.to_ns_option = command.add_option("--to-namespace", arguments.to_ns,
                                              "What stands for it at the destination");
  arguments.to_ns_option->type_name("NS");
  arguments.filter_option = add_filter(command, arguments.filter);
}

}  // namespace

void add_migrate_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "migrate",
      "Copy what one store holds to another, verify it, and catch up when run again.\n"
      "Values, times, deadlines and both orders (of insertion and of the last writes) stay as "
      "they\n"
      "are; revisions too where the destination is new. The source may be in use. Stopped at any\n"
      "point, the same command goes on where it was; when it is done, the same command brings "
      "what\n"
      "was written since. Exit code 0: done, and both sides are equal; 1: the source was written\n"
      "to so fast that they never were.",
      {"migrate --from sqlite:m.db --to postgresql://host/db",
       "migrate --from sqlite:m.db --to postgresql://host/db --dry-run",
       "migrate --from sqlite:m.db --to sqlite:all.db --namespace users/42 --to-namespace old/42 "
       "\\\n"
       "      --on-conflict newer --report conflicts.jsonl"});
  auto arguments = std::make_shared<MigrateArguments>();
  command.add_option("--from", arguments->from, "URL of the source")->type_name("URL")->required();
  command.add_option("--to", arguments->to, "URL of the destination, made where it is not there")
      ->type_name("URL")
      ->required();
  add_scope_options(command, *arguments);
  add_choice(command, program, "--on-conflict", arguments->on_conflict,
             {"fail", "skip", "overwrite", "newer"},
             "Where an entry of others lies at the destination: refuse (the default), leave it, "
             "replace it, or keep the one written last");
  command
      .add_option("--report", arguments->report, "Append each conflict to this file, as JSON Lines")
      ->type_name("FILE");
  command.add_flag("--dry-run", arguments->dry_run, "Only say what would be done");
  command.add_flag("--restart", arguments->restart,
                   "Forget what an earlier run of this migration did");
  command.add_flag("--no-verify", arguments->no_verify, "Do not compare the two sides at the end");
  add_number(command, "--batch", arguments->batch, 1,
             "Entries a batch; otherwise what the destination takes best");
  add_json_flag(command, arguments->json, "one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_migrate(p, *arguments); });
}

}  // namespace holdfast::program
