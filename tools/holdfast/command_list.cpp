#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "display.hpp"
#include "entry_text.hpp"
#include "page_size.hpp"
#include "program.hpp"
#include "query_arguments.hpp"
#include "table.hpp"

namespace holdfast::program {
namespace {

struct ListArguments {
  QueryArguments query;
  std::string order = "key";
  std::string top;
  std::string cursor;
  std::int64_t limit = 0;
  bool descending = false;
  bool keys_only = false;
  bool json = false;
  CLI::Option* limit_option = nullptr;
  CLI::Option* top_option = nullptr;
};

MemoryQuery make_query(const ListArguments& arguments) {
  MemoryQuery query = to_query(arguments.query);
  if (arguments.order == "created") query.order = OrderBy::created;
  if (arguments.order == "updated") query.order = OrderBy::updated;
  const Direction direction = arguments.descending ? Direction::descending : Direction::ascending;
  query.direction = direction;
  if (arguments.top_option->count() > 0) query.top = TopBy{Path(arguments.top), direction};
  query.keys_only = arguments.keys_only;
  query.cursor = arguments.cursor;
  return query;
}

/// Prints entries one by one, as lines of JSON or rows of a table.
class EntryPrinter {
 public:
  EntryPrinter(Output& output, const ListArguments& arguments)
      : output_(output),
        json_(arguments.json),
        with_value_(!arguments.keys_only),
        table_(output, columns(with_value_)) {}

  void print(const Entry& entry) {
    if (json_) {
      output_.line(with_value_ ? entry_json(entry) : entry_json_without_value(entry));
      return;
    }
    std::vector<std::string> cells{shown_namespace(entry.ns), entry.key,
                                   std::to_string(entry.revision), format_time(entry.updated_at)};
    if (with_value_) cells.emplace_back(entry.value.json_text());
    table_.add(std::move(cells));
  }
  void finish() { table_.finish(); }

 private:
  static std::vector<Column> columns(bool with_value) {
    std::vector<Column> columns{{"NAMESPACE", false, true},
                                {"KEY", false, true},
                                {"REVISION", true, false},
                                {"UPDATED", false, false}};
    if (with_value) columns.push_back({"VALUE", false, true});
    return columns;
  }

  Output& output_;
  bool json_;
  bool with_value_;
  Table table_;
};

/// Prints page after page, up to the limit; returns the cursor for what comes after.
std::string print_pages(Memory& memory, MemoryQuery query, const ListArguments& arguments,
                        EntryPrinter& printer) {
  const bool limited = arguments.limit_option->count() > 0;
  std::int64_t left = arguments.limit;
  PageSize page_size;
  do {
    query.limit = page_size.next();
    if (limited) query.limit = std::min(query.limit, static_cast<std::size_t>(left));
    const Page page = memory.query(query);
    for (const Entry& entry : page.entries) printer.print(entry);
    page_size.learn(page);
    left -= static_cast<std::int64_t>(page.entries.size());
    query.cursor = page.cursor;
  } while (!query.cursor.empty() && (!limited || left > 0));
  return query.cursor;
}

/// The best come as one page, which has no cursor.
void print_top(Memory& memory, MemoryQuery query, const ListArguments& arguments,
               EntryPrinter& printer) {
  if (arguments.limit_option->count() > 0) {
    if (std::cmp_greater(arguments.limit, MemoryQuery::max_limit)) {
      throw_invalid_argument("--limit goes up to " + std::to_string(MemoryQuery::max_limit) +
                             " with --top");
    }
    query.limit = static_cast<std::size_t>(arguments.limit);
  }
  for (const Entry& entry : memory.query(query).entries) printer.print(entry);
}

ExitCode run_list(Program& program, const ListArguments& arguments) {
  const MemoryQuery query = make_query(arguments);
  Memory memory = program.open_existing();
  EntryPrinter printer(program.output, arguments);
  std::string cursor;
  if (query.top) {
    print_top(memory, query, arguments, printer);
  } else {
    cursor = print_pages(memory, query, arguments, printer);
  }
  printer.finish();
  program.output.flush();
  if (!cursor.empty()) note("next cursor: " + cursor);
  return ExitCode::done;
}

void add_order(CLI::App& command, Program& program, ListArguments& arguments) {
  auto* const order =
      add_choice(command, program, "--order", arguments.order, {"key", "created", "updated"},
                 "By namespace and key (the default), by insertion, or by last write");
  command.add_flag("--descending", arguments.descending, "The other way round");
  arguments.top_option = command.add_option(
      "--top", arguments.top, "By the value at this path instead; with --limit, 50 without it");
  arguments.top_option->type_name("PATH")->excludes(order);
}

void add_paging(CLI::App& command, ListArguments& arguments) {
  arguments.limit_option = add_number(
      command, "--limit", arguments.limit, 1,
      "At most so many; where there are more, the cursor for the rest goes to standard error");
  command.add_option("--cursor", arguments.cursor, "Go on after an earlier list with --limit")
      ->type_name("CURSOR")
      ->excludes(arguments.top_option);
}

}  // namespace

void add_list_command(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "list", "List entries",
                  {"--store sqlite:m.db list users/42", "list users --recursive --keys-only",
                   "list users --recursive --json --filter '{\"age\":{\"$gte\":18}}'",
                   "list '' -r --pattern 'msg-*' --order created --descending --limit 20",
                   "list scores --top points --descending --limit 10"});
  auto arguments = std::make_shared<ListArguments>();
  add_query_arguments(command, arguments->query);
  add_order(command, program, *arguments);
  add_paging(command, *arguments);
  command.add_flag("--keys-only", arguments->keys_only, "Without values");
  add_json_flag(command, arguments->json, "JSON Lines, one entry each");
  when_chosen(command, program, [arguments](Program& p) { return run_list(p, *arguments); });
}

}  // namespace holdfast::program
