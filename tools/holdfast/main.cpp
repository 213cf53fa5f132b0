#include <CLI/CLI.hpp>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "exit_code.hpp"
#include "holdfast/error.hpp"
#include "output.hpp"
#include "program.hpp"

namespace holdfast::program {
namespace {

void declare(CLI::App& root, Program& program) {
  root.name("holdfast");
  root.set_version_flag("--version", "holdfast " HOLDFAST_VERSION, "Print the version");
  root.add_option("--store", program.store_url,
                  "The store, for example sqlite:memory.db, postgresql://host/database or "
                  "memory:; before or after the command")
      ->type_name("URL")
      ->envname("HOLDFAST_STORE");
  root.require_subcommand(1);
  root.fallthrough();
  add_set_command(root, program);
  add_get_command(root, program);
  add_erase_commands(root, program);
  add_change_commands(root, program);
  add_list_command(root, program);
  add_count_commands(root, program);
  add_search_command(root, program);
  add_search_config_commands(root, program);
  add_digest_command(root, program);
  add_diff_command(root, program);
  add_migrate_command(root, program);
  add_store_commands(root, program);
  add_upkeep_commands(root, program);
  add_export_command(root, program);
  add_import_command(root, program);
  add_chat_commands(root, program);
  add_completion_command(root, program);
  root.footer(
      "`holdfast COMMAND --help` explains a command, with examples.\n"
      "Exit codes: 0 done, 1 not there, 2 wrong usage, 3 the store refused or failed.");
}

/// The command that was reached before parsing ended.
const CLI::App& deepest(const CLI::App& command) {
  const auto chosen = command.get_subcommands();
  return chosen.empty() ? command : deepest(*chosen.back());
}

std::string full_name(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return (parent == nullptr ? "" : full_name(*parent) + " ") + command.get_name();
}

/// An argument may be a store's URL, in the wrong place, with a password behind its first colon.
std::string without_urls(std::string text, std::span<char* const> arguments) {
  for (const std::string_view argument : arguments) {
    const std::size_t colon = argument.find(':');
    if (colon == std::string_view::npos || colon + 1 == argument.size()) continue;
    const std::string_view rest = argument.substr(colon + 1);
    for (std::size_t at = text.find(rest); at != std::string::npos; at = text.find(rest, at + 3)) {
      text.replace(at, rest.size(), "...");
    }
  }
  return text;
}

ExitCode refuse_usage(const CLI::App& root, const CLI::ParseError& error,
                      std::span<char* const> arguments) {
  const CLI::App& command = deepest(root);
  const bool needs_command = command.get_require_subcommand_min() > 0;
  const std::vector<std::string> unknown = root.remaining(true);
  std::string text = error.what();
  if (needs_command) {
    text = unknown.empty() ? "no command given" : "unknown command \"" + unknown.front() + "\"";
  }
  report(without_urls(text, arguments) + "; see " + full_name(command) + " --help");
  return ExitCode::usage;
}

ExitCode parse_and_run(CLI::App& root, Program& program, int argc, char** argv) {
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    program.output.write(root.help());
    return ExitCode::done;
  } catch (const CLI::CallForVersion&) {
    program.output.line("holdfast " HOLDFAST_VERSION);
    return ExitCode::done;
  } catch (const CLI::ParseError& error) {
    return refuse_usage(root, error, {argv, static_cast<std::size_t>(argc)});
  }
  return program.action(program);
}

/// What was printed before a failure still belongs to its reader.
void flush_after_failure(Output& output) noexcept {
  try {
    output.flush();
  } catch (const std::exception&) {
    return;  // The first failure is the one that is reported.
  }
}

ExitCode run(int argc, char** argv) {
  Program program;
  CLI::App root("Store, find, move and look after the memory of agents.");
  declare(root, program);
  try {
    const ExitCode code = parse_and_run(root, program, argc, argv);
    program.output.finish();
    return code;
  } catch (const OutputClosed&) {
    return ExitCode::done;
  } catch (const Error& error) {
    flush_after_failure(program.output);
    report(describe(error));
    return program.exit_code_after(error);
  } catch (const std::bad_alloc&) {
    report("out of memory");
    return ExitCode::failed;
  } catch (const std::exception& error) {
    flush_after_failure(program.output);
    report(std::string("internal error: ") + error.what());
    return ExitCode::failed;
  }
}

}  // namespace
}  // namespace holdfast::program

int main(int argc, char** argv) {
  holdfast::program::prepare_standard_streams();
  return static_cast<int>(holdfast::program::run(argc, argv));
}
