#include "query_arguments.hpp"

#include <optional>

#include "display.hpp"
#include "holdfast/error.hpp"
#include "program.hpp"

namespace holdfast::program {
namespace {

std::optional<Timestamp> optional_time(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return parse_time(text);
}

/// Runs `read`, putting the argument's name before what it complains about.
template <typename Read>
auto naming(const char* argument, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw_invalid_argument(std::string(argument) + ": " + error.message());
  }
}

}  // namespace

void add_query_arguments(CLI::App& command, QueryArguments& arguments) {
  add_namespace(command, arguments.ns, false);
  add_recursive(command, arguments.recursive);
  command.add_option("--prefix", arguments.prefix, "Keys that begin with this")->type_name("TEXT");
  command
      .add_option("--pattern", arguments.pattern,
                  "Keys that match: * any text, ? one character, \\ makes the next literal")
      ->type_name("PATTERN");
  arguments.filter_option = add_filter(command, arguments.filter);
  add_times(command, arguments.times);
}

void add_recursive(CLI::App& command, bool& recursive) {
  command.add_flag("-r,--recursive", recursive, "And everything below the namespace");
}

void add_times(CLI::App& command, TimeArguments& arguments) {
  const auto time = [&](const char* name, std::string& target, const char* description) {
    command.add_option(name, target, description)->type_name("TIME");
  };
  time("--created-from", arguments.created_from, "Created at this time (ISO 8601 or ms) or later");
  time("--created-until", arguments.created_until, "Created before this time");
  time("--updated-from", arguments.updated_from, "Last written at this time or later");
  time("--updated-until", arguments.updated_until, "Last written before this time");
}

TimeRange read_created(const TimeArguments& arguments) {
  return {optional_time(arguments.created_from), optional_time(arguments.created_until)};
}

TimeRange read_updated(const TimeArguments& arguments) {
  return {optional_time(arguments.updated_from), optional_time(arguments.updated_until)};
}

CLI::Option* add_filter(CLI::App& command, std::string& filter) {
  CLI::Option* const option = command.add_option(
      "--filter", filter,
      "Values that meet this, for example {\"role\":\"user\",\"n\":{\"$gte\":10}}");
  return option->type_name("JSON");
}

Filter read_filter(const CLI::Option& option, const std::string& filter) {
  if (option.count() == 0) return Filter();
  return naming("--filter", [&] { return Filter::parse(filter); });
}

MemoryQuery to_query(const QueryArguments& arguments) {
  MemoryQuery query;
  query.scope = {Namespace(arguments.ns), arguments.recursive};
  query.key_prefix = arguments.prefix;
  query.key_pattern = naming("--pattern", [&] { return KeyPattern(arguments.pattern); });
  query.filter = read_filter(*arguments.filter_option, arguments.filter);
  query.created = read_created(arguments.times);
  query.updated = read_updated(arguments.times);
  return query;
}

}  // namespace holdfast::program
