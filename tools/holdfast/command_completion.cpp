#include <memory>
#include <string>

#include "program.hpp"

namespace holdfast::program {
namespace {

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Collects, from the tree of commands, the branches of the script's case statements.
class BashCompletion {
 public:
  explicit BashCompletion(const Program& program) : program_(program) {}

  void visit(const CLI::App& command, const std::string& path,
             const std::vector<std::string>& inherited) {
    std::vector<std::string> options = inherited;
    std::vector<std::string> words;
    for (const CLI::Option* option : command.get_options()) {
      add_option(*option, path, options, words);
    }
    const auto subcommands =
        command.get_subcommands([](const CLI::App* app) { return !app->get_name().empty(); });
    for (const CLI::App* subcommand : subcommands) {
      words.push_back(subcommand->get_name());
      const std::string below =
          path.empty() ? subcommand->get_name() : path + " " + subcommand->get_name();
      commands_ += "      '" + path + ":" + subcommand->get_name() + "') path='" + below + "' ;;\n";
    }
    offers_ +=
        "    '" + path + "') options='" + joined(options) + "' words='" + joined(words) + "' ;;\n";
    // Only what the root declares is understood in every command.
    for (const CLI::App* subcommand : subcommands) {
      const std::string below =
          path.empty() ? subcommand->get_name() : path + " " + subcommand->get_name();
      visit(*subcommand, below, path.empty() ? root_options(command) : inherited);
    }
  }

  [[nodiscard]] std::string script() const {
    return R"(# bash completion for holdfast; load it with: source <(holdfast completion bash)
_holdfast() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local path='' options='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path:${COMP_WORDS[i]}" in
)" + commands_ +
           R"(    esac
  done
  case "$path:$prev" in
)" + values_ +
           R"(  esac
  case "$path" in
)" + offers_ +
           R"(  esac
  if [[ $cur == -* ]]; then words=$options; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _holdfast holdfast
)";
  }

 private:
  static std::vector<std::string> root_options(const CLI::App& root) {
    std::vector<std::string> options;
    for (const CLI::Option* option : root.get_options()) {
      if (option->get_name() == "--store") options.push_back("--store");
    }
    return options;
  }

  void add_option(const CLI::Option& option, const std::string& path,
                  std::vector<std::string>& options, std::vector<std::string>& words) {
    const auto choices = program_.choices.find(&option);
    const std::vector<std::string> names = names_of(option);
    if (names.empty()) {
      if (choices != program_.choices.end()) words = choices->second;
      return;
    }
    options.insert(options.end(), names.begin(), names.end());
    if (!takes_value(option)) return;
    for (const std::string& name : names) {
      values_ += "    '" + path + ":" + name + "') ";
      if (choices != program_.choices.end()) {
        values_ += "COMPREPLY=($(compgen -W '" + joined(choices->second) + "' -- \"$cur\"))";
      } else if (option.get_type_name() == "FILE") {
        values_ += "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
      } else {
        values_ += ":";  // Anything: nothing to offer but, by -o default, files.
      }
      values_ += "; return ;;\n";
    }
  }

  const Program& program_;
  std::string commands_;
  std::string values_;
  std::string offers_;
};

}  // namespace

void add_completion_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(root, "completion", "Print a script that completes commands",
                                  {"completion bash > /etc/bash_completion.d/holdfast"});
  auto shell = std::make_shared<std::string>();
  add_choice(command, program, "SHELL", *shell, {"bash"}, "The shell")->required();
  // `shell` is captured because the argument is read into it, though there is only one.
  when_chosen(command, program, [&root, shell](Program& p) {
    BashCompletion completion(p);
    completion.visit(root, "", {});
    p.output.write(completion.script());
    return ExitCode::done;
  });
}

}  // namespace holdfast::program
