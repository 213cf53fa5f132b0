#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "entry_text.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "query_arguments.hpp"
#include "table.hpp"

namespace holdfast::program {
namespace {

struct CountArguments {
  QueryArguments query;
  bool json = false;
};

ExitCode run_count(Program& program, const CountArguments& arguments) {
  const MemoryQuery query = to_query(arguments.query);
  Memory memory = program.open_existing();
  program.output.line(std::to_string(memory.count(query)));
  return ExitCode::done;
}

void add_count(CLI::App& root, Program& program) {
  CLI::App& command = add_command(root, "count", "Print the number of entries",
                                  {"--store sqlite:m.db count users/42", "count '' --recursive",
                                   "count chats -r --filter '{\"role\":\"user\"}'"});
  auto arguments = std::make_shared<CountArguments>();
  add_query_arguments(command, arguments->query);
  add_json_flag(command, arguments->json, "a JSON number, which is what is printed anyway");
  when_chosen(command, program, [arguments](Program& p) { return run_count(p, *arguments); });
}

struct NamespacesArguments {
  std::string prefix;
  std::string suffix;
  std::string cursor;
  std::int64_t max_depth = 0;
  std::int64_t limit = 0;
  bool counts = false;
  bool json = false;
  CLI::Option* max_depth_option = nullptr;
  CLI::Option* limit_option = nullptr;
};

NamespaceQuery make_query(const NamespacesArguments& arguments) {
  NamespaceQuery query;
  query.prefix = NamespacePattern(arguments.prefix);
  query.suffix = NamespacePattern(arguments.suffix);
  if (arguments.max_depth_option->count() > 0) {
    query.max_depth = static_cast<std::size_t>(arguments.max_depth);
  }
  query.cursor = arguments.cursor;
  return query;
}

/// Prints namespaces, each on a line, with the number of its entries where that is asked for.
class NamespacePrinter {
 public:
  NamespacePrinter(Program& program, Memory& memory, const NamespacesArguments& arguments)
      : output_(program.output),
        memory_(memory),
        arguments_(arguments),
        table_(program.output, {{"NAMESPACE", false, true}, {"ENTRIES", true, false}}) {}

  void print(const Namespace& ns) {
    std::optional<std::uint64_t> entries;
    // A namespace at the greatest depth stands for everything below it.
    const bool cut = arguments_.max_depth_option->count() > 0 &&
                     std::cmp_equal(ns.depth(), arguments_.max_depth);
    if (arguments_.counts) entries = memory_.count(Scope{ns, cut});
    if (arguments_.json) {
      JsonObject json;
      json.text("namespace", ns.text());
      if (entries) json.number("entries", static_cast<std::int64_t>(*entries));
      output_.line(std::move(json).finish());
    } else if (entries) {
      table_.add({shown_namespace(ns), std::to_string(*entries)});
    } else {
      output_.line(shown_namespace(ns));
    }
  }
  void finish() { table_.finish(); }

 private:
  Output& output_;
  Memory& memory_;
  const NamespacesArguments& arguments_;
  Table table_;
};

ExitCode run_namespaces(Program& program, const NamespacesArguments& arguments) {
  NamespaceQuery query = make_query(arguments);
  const bool limited = arguments.limit_option->count() > 0;
  std::int64_t left = arguments.limit;
  Memory memory = program.open_existing();
  NamespacePrinter printer(program, memory, arguments);
  do {
    query.limit = NamespaceQuery::default_limit;
    if (limited) query.limit = std::min(query.limit, static_cast<std::size_t>(left));
    const NamespacePage page = memory.list_namespaces(query);
    for (const Namespace& ns : page.namespaces) printer.print(ns);
    left -= static_cast<std::int64_t>(page.namespaces.size());
    query.cursor = page.cursor;
  } while (!query.cursor.empty() && (!limited || left > 0));
  printer.finish();
  program.output.flush();
  if (!query.cursor.empty()) note("next cursor: " + query.cursor);
  return ExitCode::done;
}

void add_namespaces(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "namespaces", "List the namespaces that hold entries",
                  {"--store sqlite:m.db namespaces", "namespaces --prefix users --max-depth 2",
                   "namespaces --prefix 'users/*/chats' --counts --json"});
  auto arguments = std::make_shared<NamespacesArguments>();
  command
      .add_option("--prefix", arguments->prefix, "At or below this; * stands for any one segment")
      ->type_name("NS");
  command.add_option("--suffix", arguments->suffix, "Ending with these segments")->type_name("NS");
  arguments->max_depth_option =
      add_number(command, "--max-depth", arguments->max_depth, 1,
                 "Deeper ones are cut to so many segments, each listed once");
  arguments->limit_option =
      add_number(command, "--limit", arguments->limit, 1,
                 "At most so many; the cursor for the rest goes to standard error");
  command.add_option("--cursor", arguments->cursor, "Go on after an earlier list with --limit")
      ->type_name("CURSOR");
  command.add_flag("--counts", arguments->counts, "With the number of entries in each");
  add_json_flag(command, arguments->json, "JSON Lines, {\"namespace\":...} each");
  when_chosen(command, program, [arguments](Program& p) { return run_namespaces(p, *arguments); });
}

}  // namespace

void add_count_commands(CLI::App& root, Program& program) {
  add_count(root, program);
  add_namespaces(root, program);
}

}  // namespace holdfast::program
