#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "display.hpp"
#include "entry_text.hpp"
#include "program.hpp"

namespace holdfast::program {
namespace {

struct IncrementArguments {
  std::string ns;
  std::string key;
  std::int64_t by = 1;
};

ExitCode run_increment(Program& program, const IncrementArguments& arguments) {
  const Namespace ns(arguments.ns);
  Memory memory = program.open_or_create();
  program.output.line(std::to_string(memory.increment(ns, arguments.key, arguments.by)));
  return ExitCode::done;
}

void add_increment(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "increment", "Add to a whole number, from 0 where nothing lies, and print the result",
      {"--store sqlite:m.db increment users/42 visits", "increment users/42 credit --by -5"});
  auto arguments = std::make_shared<IncrementArguments>();
  add_address(command, arguments->ns, arguments->key);
  add_number(command, "--by", arguments->by, std::numeric_limits<std::int64_t>::min(),
             "What is added; 1 without it");
  when_chosen(command, program, [arguments](Program& p) { return run_increment(p, *arguments); });
}

struct TouchArguments {
  std::string ns;
  std::string key;
  std::string ttl;
  bool never = false;
};

ExitCode run_touch(Program& program, const TouchArguments& arguments) {
  const Namespace ns(arguments.ns);
  if (arguments.ttl.empty() && !arguments.never) {
    throw_invalid_argument("no deadline given: pass --ttl DURATION or --never");
  }
  std::optional<Ttl> ttl;
  if (!arguments.never) ttl = parse_duration(arguments.ttl);
  Memory memory = program.open_existing();
  if (memory.touch(ns, arguments.key, ttl)) return ExitCode::done;
  report(absence_of(arguments.ns, arguments.key));
  return ExitCode::absent;
}

void add_touch(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "touch", "Move the deadline of an entry and leave its value alone",
                  {"--store sqlite:m.db touch sessions s1 --ttl 2h", "touch sessions s1 --never"});
  auto arguments = std::make_shared<TouchArguments>();
  add_address(command, arguments->ns, arguments->key);
  auto* const ttl = command.add_option(
      "--ttl", arguments->ttl, "The entry expires this long from now: 500ms, 30s, 5min, 2h, 1d");
  ttl->type_name("DURATION");
  command.add_flag("--never", arguments->never, "The entry does not expire")->excludes(ttl);
  when_chosen(command, program, [arguments](Program& p) { return run_touch(p, *arguments); });
}

}  // namespace

void add_change_commands(CLI::App& root, Program& program) {
  add_increment(root, program);
  add_touch(root, program);
}

}  // namespace holdfast::program
