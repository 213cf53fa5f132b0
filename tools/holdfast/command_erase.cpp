#include <memory>
#include <string>

#include "display.hpp"
#include "entry_text.hpp"
#include "program.hpp"
#include "terminal.hpp"
#include "write_text.hpp"

namespace holdfast::program {
namespace {

struct EraseArguments {
  std::string ns;
  std::string key;
  Revision if_revision = 0;
  bool json = false;
  CLI::Option* if_revision_option = nullptr;
};

ExitCode run_erase(Program& program, const EraseArguments& arguments) {
  const Namespace ns(arguments.ns);
  EraseOptions options;
  if (arguments.if_revision_option->count() > 0) {
    options.precondition = Precondition::if_revision(arguments.if_revision);
  }
  Memory memory = program.open_existing();
  const WriteResult result = memory.erase(ns, arguments.key, options);
  return print_write_result(program.output, result, arguments.json);
}

void add_erase(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "erase", "Erase an entry",
                  {"--store sqlite:m.db erase users/42 name", "erase locks job --if-revision 17"});
  auto arguments = std::make_shared<EraseArguments>();
  add_address(command, arguments->ns, arguments->key);
  arguments->if_revision_option =
      add_number(command, "--if-revision", arguments->if_revision, 1,
                 "Only the entry of this revision; exit code 1 otherwise");
  add_json_flag(command, arguments->json, "what was done as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_erase(p, *arguments); });
}

struct TakeArguments {
  std::string ns;
  std::string key;
  bool json = false;
};

ExitCode run_take(Program& program, const TakeArguments& arguments) {
  const Namespace ns(arguments.ns);
  Memory memory = program.open_existing();
  const auto entry = memory.take(ns, arguments.key);
  if (!entry) {
    report(absence_of(arguments.ns, arguments.key));
    return ExitCode::absent;
  }
  program.output.line(arguments.json ? std::string(entry->value.json_text())
                                     : plain_text(entry->value));
  return ExitCode::done;
}

void add_take(CLI::App& root, Program& program) {
  CLI::App& command = add_command(root, "take", "Erase an entry and print the value it had",
                                  {"--store sqlite:m.db take jobs next", "take jobs next --json"});
  auto arguments = std::make_shared<TakeArguments>();
  add_address(command, arguments->ns, arguments->key);
  add_json_flag(command, arguments->json, "the value as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_take(p, *arguments); });
}

struct ClearArguments {
  std::string ns;
  bool recursive = false;
  bool yes = false;
  bool json = false;
};

ExitCode run_clear(Program& program, const ClearArguments& arguments) {
  const Scope scope{Namespace(arguments.ns), arguments.recursive};
  Memory memory = program.open_existing();
  if (!arguments.yes) {
    const std::string what = counted(memory.count(scope), "entry", "entries") + " of " +
                             escape_controls(shown_namespace(scope.ns)) +
                             (scope.subtree ? " and everything below it?" : "?");
    if (!confirm("Erase " + what)) {
      report("nothing was erased");
      return ExitCode::absent;
    }
  }
  const std::uint64_t erased = memory.clear(scope);
  if (arguments.json) {
    program.output.line(std::to_string(erased));
  } else {
    program.output.line(counted(erased, "entry", "entries") + " erased");
  }
  return ExitCode::done;
}

void add_clear(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "clear", "Erase every entry of a namespace; asks first",
                  {"--store sqlite:m.db clear users/42 --recursive", "clear tmp --yes"});
  auto arguments = std::make_shared<ClearArguments>();
  add_namespace(command, arguments->ns);
  command.add_flag("-r,--recursive", arguments->recursive, "And of everything below it");
  command.add_flag("-y,--yes", arguments->yes, "Do not ask; needed where there is no terminal");
  add_json_flag(command, arguments->json, "how many entries went, as a JSON number");
  when_chosen(command, program, [arguments](Program& p) { return run_clear(p, *arguments); });
}

struct EraseSubjectArguments {
  std::string ns;
  bool yes = false;
  bool json = false;
};

std::string json_of(const SubjectErasure& erasure) {
  const auto list_of = [](const std::vector<std::string>& texts) {
    return MemoryValue::list(std::vector<MemoryValue>(texts.begin(), texts.end()));
  };
  return std::string(MemoryValue::map({{"entries", erasure.entries},
                                       {"erased", list_of(erasure.erased)},
                                       {"may_remain", list_of(erasure.may_remain)}})
                         .json_text());
}

void print(Output& output, const SubjectErasure& erasure) {
  output.line(counted(erasure.entries, "entry", "entries") + " erased");
  output.line("Erased from:");
  for (const std::string& place : erasure.erased) output.line("  " + place);
  output.line("Out of this store's reach, and may remain in:");
  for (const std::string& place : erasure.may_remain) output.line("  " + place);
}

ExitCode run_erase_subject(Program& program, const EraseSubjectArguments& arguments) {
  const Namespace ns(arguments.ns);
  Memory memory = program.open_existing();
  if (!arguments.yes) {
    const std::string what = counted(memory.count(Scope{ns, true}), "entry", "entries") + " of " +
                             escape_controls(shown_namespace(ns)) +
                             " and everything below it, with every trace of them?";
    if (!confirm("Erase " + what)) {
      report("nothing was erased");
      return ExitCode::absent;
    }
  }
  const SubjectErasure erasure = memory.erase_subject(ns);
  if (arguments.json) {
    program.output.line(json_of(erasure));
  } else {
    print(program.output, erasure);
  }
  return ExitCode::done;
}

void add_erase_subject(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "erase-subject",
      "Erase everything under a namespace for good, and say what may remain; asks first.\n"
      "Entries go, and what earlier writes have left of them in free space and in the change log,\n"
      "as far as the store can reach it. May take as long as copying the store.",
      {"--store sqlite:m.db erase-subject users/42", "erase-subject users/42 --yes --json"});
  auto arguments = std::make_shared<EraseSubjectArguments>();
  add_namespace(command, arguments->ns);
  command.add_flag("-y,--yes", arguments->yes, "Do not ask; needed where there is no terminal");
  add_json_flag(command, arguments->json,
                "one JSON document, {\"entries\":N,\"erased\":[...],\"may_remain\":[...]}");
  when_chosen(command, program,
              [arguments](Program& p) { return run_erase_subject(p, *arguments); });
}

}  // namespace

void add_erase_commands(CLI::App& root, Program& program) {
  add_erase(root, program);
  add_take(root, program);
  add_clear(root, program);
  add_erase_subject(root, program);
}

}  // namespace holdfast::program
