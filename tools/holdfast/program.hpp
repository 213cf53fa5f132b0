/// @file
/// What all commands share: the store, standard output, and how a command is declared.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "exit_code.hpp"
#include "holdfast/memory.hpp"
#include "interrupt.hpp"
#include "output.hpp"

namespace holdfast::program {

/// The state of one run.
class Program {
 public:
  using Action = std::function<ExitCode(Program&)>;

  std::string store_url;
  Output output;
  Action action;  ///< Set by the command that was chosen.
  /// The values that an option or argument may take, for shell completion.
  std::map<const CLI::Option*, std::vector<std::string>> choices;

  /// Opens the store for a command that writes new entries; a store in files is created where
  /// its backend creates one.
  [[nodiscard]] Memory open_or_create() const;
  /// Opens the store for every other command: a missing file is an error, and stays missing.
  [[nodiscard]] Memory open_existing() const;
  /// The same for stores that a command is given by arguments of its own.
  [[nodiscard]] static Memory open_or_create(const std::string& url);
  [[nodiscard]] static Memory open_existing(const std::string& url);
  /// Throws `InvalidArgument` where --store was given to a command that takes stores by arguments.
  /// HOLDFAST_STORE, which is meant for other commands, is passed over.
  void refuse_store_option() const;

  /// For `Context::stop`: from the first call on, Ctrl-C and SIGTERM trigger this token instead of
  /// ending the program, the second time excepted. To be called before a store is opened, by
  /// commands that say how to go on.
  [[nodiscard]] std::stop_token interruption();
  /// What a failure means to the shell: a call that a signal cancelled says which one.
  [[nodiscard]] ExitCode exit_code_after(const Error& error) const noexcept;

 private:
  std::optional<Interrupt> interrupt_;
};

/// How a command is told its store or stores.
enum class StoresFrom { option, arguments };

/// Declares a command under `parent`. The first line of `description` stands in the list of
/// commands, the rest in the command's own help. `examples`: without the program's name.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::vector<std::string>& examples,
                      StoresFrom stores = StoresFrom::option);

/// What is done when `command` was chosen.
void when_chosen(CLI::App& command, Program& program, Program::Action action);

/// The argument NS; `required` unless the root is what its absence means.
CLI::Option* add_namespace(CLI::App& command, std::string& ns, bool required = true);
/// The arguments NS and KEY.
void add_address(CLI::App& command, std::string& ns, std::string& key);
CLI::Option* add_json_flag(CLI::App& command, bool& json, const std::string& what);
/// An option that takes one of `values`.
CLI::Option* add_choice(CLI::App& command, Program& program, const std::string& name,
                        std::string& target, const std::vector<std::string>& values,
                        const std::string& description);

/// An option that takes a whole decimal number of at least `minimum`.
CLI::Option* add_number(CLI::App& command, const std::string& name, std::int64_t& target,
                        std::int64_t minimum, const std::string& description);

/// One function a command or family of commands; main.cpp calls them all.
void add_set_command(CLI::App& root, Program& program);
void add_get_command(CLI::App& root, Program& program);
void add_erase_commands(CLI::App& root, Program& program);
void add_change_commands(CLI::App& root, Program& program);
void add_list_command(CLI::App& root, Program& program);
void add_count_commands(CLI::App& root, Program& program);
void add_digest_command(CLI::App& root, Program& program);
void add_diff_command(CLI::App& root, Program& program);
void add_migrate_command(CLI::App& root, Program& program);
void add_store_commands(CLI::App& root, Program& program);
void add_upkeep_commands(CLI::App& root, Program& program);
void add_search_command(CLI::App& root, Program& program);
void add_search_config_commands(CLI::App& root, Program& program);
void add_check_command(CLI::App& root, Program& program);
void add_export_command(CLI::App& root, Program& program);
void add_import_command(CLI::App& root, Program& program);
void add_chat_commands(CLI::App& root, Program& program);
void add_completion_command(CLI::App& root, Program& program);

}  // namespace holdfast::program
