/// @file
/// The arguments that say which entries are meant, shared by the commands that search.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "holdfast/query.hpp"

namespace holdfast::program {

/// When entries were created and last written.
struct TimeArguments {
  std::string created_from;
  std::string created_until;
  std::string updated_from;
  std::string updated_until;
};

struct QueryArguments {
  std::string ns;
  std::string prefix;
  std::string pattern;
  std::string filter;
  TimeArguments times;
  bool recursive = false;
  CLI::Option* filter_option = nullptr;
};

void add_query_arguments(CLI::App& command, QueryArguments& arguments);

/// The option --recursive alone, for commands that take no other of these.
void add_recursive(CLI::App& command, bool& recursive);
/// The options --created-from, --created-until, --updated-from and --updated-until alone.
void add_times(CLI::App& command, TimeArguments& arguments);
/// Throw `InvalidArgument`.
[[nodiscard]] TimeRange read_created(const TimeArguments& arguments);
[[nodiscard]] TimeRange read_updated(const TimeArguments& arguments);

/// The option --filter alone.
CLI::Option* add_filter(CLI::App& command, std::string& filter);
/// What --filter says; everything where it was not given. Throws `InvalidArgument` naming it.
[[nodiscard]] Filter read_filter(const CLI::Option& option, const std::string& filter);

/// Throws `InvalidArgument` naming the argument that is wrong.
[[nodiscard]] MemoryQuery to_query(const QueryArguments& arguments);

}  // namespace holdfast::program
