#include <memory>
#include <span>
#include <string>

#include "display.hpp"
#include "entry_text.hpp"
#include "input.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "write_text.hpp"

namespace holdfast::program {
namespace {

struct SetArguments {
  std::string ns;
  std::string key;
  std::string value;
  std::string file;
  std::string ttl;
  Revision if_revision = 0;
  bool string = false;
  bool bytes = false;
  bool if_absent = false;
  bool if_present = false;
  bool keep_ttl = false;
  bool json = false;
  CLI::Option* value_option = nullptr;
  CLI::Option* file_option = nullptr;
  CLI::Option* if_revision_option = nullptr;
};

std::string value_text(const SetArguments& arguments) {
  const bool from_file = arguments.file_option->count() > 0;
  if (!from_file && arguments.value_option->count() == 0) {
    throw_invalid_argument("no value given: pass JSON, '-' for standard input, or --file F");
  }
  if (!from_file && arguments.value != "-") return arguments.value;
  InputFile file(from_file ? arguments.file : "-");
  return read_all(file, max_line_bytes);
}

MemoryValue read_value(const SetArguments& arguments) {
  const std::string text = value_text(arguments);
  if (arguments.string) return MemoryValue(text);
  if (arguments.bytes) return MemoryValue::bytes(std::as_bytes(std::span(text)));
  try {
    return MemoryValue::parse(text);
  } catch (const Error& error) {
    throw_invalid_argument("the value is not JSON that can be kept: " + error.message() +
                           " (--string takes it as plain text)");
  }
}

SetOptions set_options(const SetArguments& arguments) {
  SetOptions options;
  if (arguments.if_absent) options.precondition = Precondition::if_absent();
  if (arguments.if_present) options.precondition = Precondition::if_present();
  if (arguments.if_revision_option->count() > 0) {
    options.precondition = Precondition::if_revision(arguments.if_revision);
  }
  if (!arguments.ttl.empty()) options.ttl = parse_duration(arguments.ttl);
  options.keep_ttl = arguments.keep_ttl;
  return options;
}

ExitCode run_set(Program& program, const SetArguments& arguments) {
  const Namespace ns(arguments.ns);
  const SetOptions options = set_options(arguments);
  const MemoryValue value = read_value(arguments);
  Memory memory = program.open_or_create();
  const WriteResult result = memory.set(ns, arguments.key, value, options);
  return print_write_result(program.output, result, arguments.json);
}

void add_preconditions(CLI::App& command, SetArguments& arguments) {
  auto* const absent = command.add_flag("--if-absent", arguments.if_absent,
                                        "Only where nothing lies there; exit code 1 otherwise");
  auto* const present = command.add_flag("--if-present", arguments.if_present,
                                         "Only where an entry lies there; exit code 1 otherwise");
  arguments.if_revision_option =
      add_number(command, "--if-revision", arguments.if_revision, 1,
                 "Only over the entry of this revision; exit code 1 otherwise");
  arguments.if_revision_option->excludes(absent)->excludes(present);
  present->excludes(absent);
}

void add_value_source(CLI::App& command, SetArguments& arguments) {
  arguments.value_option =
      command.add_option("VALUE", arguments.value, "JSON; '-' reads standard input");
  arguments.value_option->type_name("");
  arguments.file_option = command.add_option("--file", arguments.file,
                                             "Read the value from a file ('-': standard input)");
  arguments.file_option->type_name("FILE")->excludes(arguments.value_option);
  auto* const string =
      command.add_flag("--string", arguments.string, "The text is the string itself, not JSON");
  command.add_flag("--bytes", arguments.bytes, "Keep what was read as bytes, not JSON")
      ->excludes(string);
}

}  // namespace

void add_set_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "set", "Create or overwrite an entry",
      {"--store sqlite:m.db set users/42 profile '{\"name\":\"Ada\"}'",
       "set users/42 note --string 'likes tea'", "set sessions s1 --file state.json --ttl 2h",
       "set locks job --string me --if-absent --ttl 30s", "date | set users/42 seen - --string"});
  auto arguments = std::make_shared<SetArguments>();
  add_address(command, arguments->ns, arguments->key);
  add_value_source(command, *arguments);
  auto* const ttl = command.add_option(
      "--ttl", arguments->ttl, "The entry expires after this long: 500ms, 30s, 5min, 2h, 1d");
  ttl->type_name("DURATION");
  command.add_flag("--keep-ttl", arguments->keep_ttl, "Keep the deadline that the entry has")
      ->excludes(ttl);
  add_preconditions(command, *arguments);
  add_json_flag(command, arguments->json, "what was done as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_set(p, *arguments); });
}

}  // namespace holdfast::program
