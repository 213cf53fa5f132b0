#include "program.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <utility>

#include "holdfast/open.hpp"

namespace holdfast::program {
namespace {

void require_store(const std::string& url) {
  if (!url.empty()) return;
  throw_invalid_argument(
      "no store given: use --store URL, for example --store sqlite:memory.db, or set "
      "HOLDFAST_STORE");
}

/// The URL with "create=off" where opening would make a store that outlives the program.
std::string without_creation(const std::string& url) {
  StoreUrl parts(url);
  if (parts.scheme() == "memory" || parts.take_text("create")) return url;
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "create=off";
}

}  // namespace

Memory Program::open_or_create() const {
  require_store(store_url);
  return open_or_create(store_url);
}

Memory Program::open_or_create(const std::string& url) { return open(url); }

Memory Program::open_existing() const {
  require_store(store_url);
  return open_existing(store_url);
}

Memory Program::open_existing(const std::string& url) { return open(without_creation(url)); }

void Program::refuse_store_option() const {
  const char* const from_environment = std::getenv("HOLDFAST_STORE");
  if (store_url.empty()) return;
  if (from_environment != nullptr && store_url == from_environment) return;
  throw_invalid_argument(
      "--store has no part in this command, which takes the URLs of its stores as arguments");
}

std::stop_token Program::interruption() {
  if (!interrupt_) interrupt_.emplace();
  return interrupt_->token();
}

ExitCode Program::exit_code_after(const Error& error) const noexcept {
  const int signal = interrupt_ ? interrupt_->signal() : 0;
  if (signal == 0 || error.code() != ErrorCode::cancelled) return exit_code_of(error);
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::vector<std::string>& examples, StoresFrom stores) {
  const std::size_t first_line = std::min(description.find('\n'), description.size());
  CLI::App* const command = parent.add_subcommand(name, description.substr(0, first_line));
  if (examples.empty()) return *command;
  std::string footer = description.substr(std::min(first_line + 1, description.size()));
  if (!footer.empty()) footer += "\n\n";
  footer += "Examples:";
  for (const std::string& example : examples) footer += "\n  holdfast " + example;
  footer += "\n\n";
  footer += stores == StoresFrom::option
                ? "The store is --store URL, before or after the command, or HOLDFAST_STORE."
                : "The stores are given by arguments alone, not by --store or HOLDFAST_STORE.";
  footer +=
      "\nNS is a namespace such as users/42 ('' is the root). Put -- before arguments that\n"
      "begin with '-'. Exit codes: 0 done, 1 not there, 2 wrong usage, 3 the store refused\n"
      "or failed.";
  command->footer(footer);
  return *command;
}

void when_chosen(CLI::App& command, Program& program, Program::Action action) {
  command.callback([&program, action = std::move(action)] { program.action = action; });
}

CLI::Option* add_namespace(CLI::App& command, std::string& ns, bool required) {
  CLI::Option* const option = command.add_option(
      "NS", ns, required ? "Namespace; '' is the root" : "Namespace; without it the root");
  option->type_name("");
  return option->required(required);
}

void add_address(CLI::App& command, std::string& ns, std::string& key) {
  add_namespace(command, ns);
  command.add_option("KEY", key, "Key within the namespace")->type_name("")->required();
}

CLI::Option* add_json_flag(CLI::App& command, bool& json, const std::string& what) {
  return command.add_flag("--json", json, "For programs: " + what);
}

CLI::Option* add_choice(CLI::App& command, Program& program, const std::string& name,
                        std::string& target, const std::vector<std::string>& values,
                        const std::string& description) {
  std::string allowed;
  for (const std::string& value : values) allowed += (allowed.empty() ? "" : "|") + value;
  CLI::Option* const option = command.add_option(name, target, description);
  option->type_name(allowed);
  option->check(CLI::Validator(
      [values, allowed, name](std::string& given) {
        const bool known = std::find(values.begin(), values.end(), given) != values.end();
        return known ? std::string() : "\"" + given + "\" is none of " + allowed;
      },
      "", "choice"));
  program.choices[option] = values;
  return option;
}

CLI::Option* add_number(CLI::App& command, const std::string& name, std::int64_t& target,
                        std::int64_t minimum, const std::string& description) {
  // CLI11 by itself would read "-1" as a great unsigned number and "010" as eight.
  const auto read = [&target, name, minimum](const std::string& text) {
    const char* const end = text.data() + text.size();
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number < minimum) {
      std::string allowed = "a whole number";
      if (minimum > std::numeric_limits<std::int64_t>::min()) {
        allowed += " of at least " + std::to_string(minimum);
      }
      throw CLI::ValidationError(name, "\"" + text + "\" is not " + allowed);
    }
    target = number;
  };
  CLI::Option* const option = command.add_option_function<std::string>(name, read, description);
  return option->type_name("N");
}

}  // namespace holdfast::program
