#include <memory>
#include <string>

#include "display.hpp"
#include "entry_text.hpp"
#include "program.hpp"

namespace holdfast::program {
namespace {

struct GetArguments {
  std::string ns;
  std::string key;
  std::string refresh_ttl;
  bool json = false;
  bool entry = false;
  bool raw = false;
};

void print_entry_for_people(Output& output, const Entry& entry) {
  const auto line = [&](const char* name, const std::string& text) {
    std::string padded = name;
    padded.resize(18, ' ');
    output.line(padded + escape_controls(text));
  };
  line("namespace", shown_namespace(entry.ns));
  line("key", entry.key);
  line("revision", std::to_string(entry.revision));
  line("created revision", std::to_string(entry.created_revision));
  line("created", format_time(entry.created_at));
  line("updated", format_time(entry.updated_at));
  line("expires", entry.expires_at ? format_time(*entry.expires_at) : "never");
  line("size", format_bytes(entry.size_bytes()));
  line("kind", std::string(to_string(entry.value.kind())));
  line("value", plain_text(entry.value));
}

/// What a string or bytes hold, and nothing else.
void write_raw(Output& output, const MemoryValue& value) {
  if (value.kind() == ValueKind::bytes) {
    const Bytes bytes = value.get<Bytes>();
    output.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } else if (value.kind() == ValueKind::string) {
    output.write(value.get<std::string>());
  } else {
    throw_invalid_argument("--raw is for strings and bytes, and the value is of the kind " +
                           std::string(to_string(value.kind())));
  }
}

void print(Output& output, const GetArguments& arguments, const Entry& entry) {
  if (arguments.raw) {
    write_raw(output, entry.value);
  } else if (arguments.entry) {
    if (arguments.json) {
      output.line(entry_json(entry));
    } else {
      print_entry_for_people(output, entry);
    }
  } else {
    output.line(arguments.json ? std::string(entry.value.json_text()) : plain_text(entry.value));
  }
}

ExitCode run_get(Program& program, const GetArguments& arguments) {
  const Namespace ns(arguments.ns);
  ReadOptions options;
  if (!arguments.refresh_ttl.empty()) options.refresh_ttl = parse_duration(arguments.refresh_ttl);
  Memory memory = program.open_existing();
  const auto entry = memory.get_entry(ns, arguments.key, options);
  if (!entry) {
    report(absence_of(arguments.ns, arguments.key));
    return ExitCode::absent;
  }
  print(program.output, arguments, *entry);
  return ExitCode::done;
}

}  // namespace

void add_get_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "get", "Print the value of an entry: a string as it is, everything else as JSON",
      {"--store sqlite:m.db get users/42 name", "get users/42 name --json",
       "get users/42 name --entry --json", "get files logo.png --raw > logo.png"});
  auto arguments = std::make_shared<GetArguments>();
  add_address(command, arguments->ns, arguments->key);
  add_json_flag(command, arguments->json,
                "the value (with --entry the entry) as one JSON document");
  command.add_flag("--entry", arguments->entry, "With revisions, times and size");
  command.add_flag("--raw", arguments->raw, "The text of a string, or the bytes, and nothing else")
      ->excludes("--json")
      ->excludes("--entry");
  command
      .add_option("--refresh-ttl", arguments->refresh_ttl,
                  "Move the entry's deadline to this long from now")
      ->type_name("DURATION");
  when_chosen(command, program, [arguments](Program& p) { return run_get(p, *arguments); });
}

}  // namespace holdfast::program
