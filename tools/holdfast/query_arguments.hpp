/// @file
/// The arguments that say which entries are meant, shared by the commands that search.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "holdfast/query.hpp"

namespace holdfast::program {

struct QueryArguments {
  std::string ns;
  std::string prefix;
  std::string pattern;
  std::string filter;
  std::string created_from;
  std::string created_until;
  std::string updated_from;
  std::string updated_until;
  bool recursive = false;
  CLI::Option* filter_option = nullptr;
};

void add_query_arguments(CLI::App& command, QueryArguments& arguments);

/// The option --filter alone, for commands that take no other of these.
CLI::Option* add_filter(CLI::App& command, std::string& filter);
/// What --filter says; everything where it was not given. Throws `InvalidArgument` naming it.
[[nodiscard]] Filter read_filter(const CLI::Option& option, const std::string& filter);

/// Throws `InvalidArgument` naming the argument that is wrong.
[[nodiscard]] MemoryQuery to_query(const QueryArguments& arguments);

}  // namespace holdfast::program
