#include <memory>
#include <string>

#include "display.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

ExitCode run_backup(Program& program, const std::string& file) {
  Memory memory = program.open_existing();
  {
    Progress progress("copied", "pages");
    memory.maintenance().backup(
        file, [&](const Maintenance::Progress& p) { progress.show(p.done, p.total); }, {});
  }
  program.output.line("copied to " + escape_controls(file));
  return ExitCode::done;
}

ExitCode run_compact(Program& program) {
  Memory memory = program.open_existing();
  memory.maintenance().compact({});
  program.output.line("compacted");
  return ExitCode::done;
}

ExitCode run_checkpoint(Program& program) {
  Memory memory = program.open_existing();
  memory.maintenance().checkpoint({});
  program.output.line("write-ahead log moved into the main file");
  return ExitCode::done;
}

ExitCode run_sweep(Program& program, bool json) {
  constexpr std::size_t step = 10'000;
  Memory memory = program.open_existing();
  std::size_t reclaimed = 0;
  std::size_t last = 0;
  Progress progress("reclaimed", "entries");
  do {
    last = memory.sweep(step);
    reclaimed += last;
    progress.show(reclaimed);
  } while (last == step);
  program.output.line(json ? std::to_string(reclaimed)
                           : counted(reclaimed, "expired entry", "expired entries") + " reclaimed");
  return ExitCode::done;
}

void add_backup(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "backup", "Copy the whole store, as of one instant, to a new file while it is in use",
      {"--store sqlite:m.db backup m-2026-01-31.db"});
  auto file = std::make_shared<std::string>();
  command.add_option("FILE", *file, "Must not exist")->type_name("")->required();
  when_chosen(command, program, [file](Program& p) { return run_backup(p, *file); });
}

}  // namespace

void add_upkeep_commands(CLI::App& root, Program& program) {
  auto json = std::make_shared<bool>(false);
  add_backup(root, program);
  add_check_command(root, program);
  CLI::App& compact = add_command(root, "compact", "Give free space back to the file system",
                                  {"--store sqlite:m.db compact"});
  when_chosen(compact, program, run_compact);
  CLI::App& checkpoint =
      add_command(root, "checkpoint", "Move the write-ahead log into the main file",
                  {"--store sqlite:m.db checkpoint"});
  when_chosen(checkpoint, program, run_checkpoint);
  CLI::App& sweep =
      add_command(root, "sweep", "Reclaim the space of expired entries, which are absent already",
                  {"--store sqlite:m.db sweep"});
  add_json_flag(sweep, *json, "how many were reclaimed, as a JSON number");
  when_chosen(sweep, program, [json](Program& p) { return run_sweep(p, *json); });
}

}  // namespace holdfast::program
