#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "display.hpp"
#include "entry_text.hpp"
#include "holdfast/error.hpp"
#include "program.hpp"
#include "query_arguments.hpp"
#include "search_configuration.hpp"
#include "search_text.hpp"

namespace holdfast::program {
namespace {

struct SearchArguments {
  std::string ns;
  std::vector<std::string> words;
  std::string filter;
  std::string cursor;
  TimeArguments times;
  std::int64_t limit = SearchQuery::default_limit;
  bool recursive = false;
  bool explain = false;
  bool json = false;
  CLI::Option* filter_option = nullptr;
};

SearchQuery make_query(const SearchArguments& arguments) {
  SearchQuery query;
  query.scope = {Namespace(arguments.ns), arguments.recursive};
  for (const std::string& word : arguments.words) {
    query.text += (query.text.empty() ? "" : " ") + word;
  }
  query.filter = read_filter(*arguments.filter_option, arguments.filter);
  query.created = read_created(arguments.times);
  query.updated = read_updated(arguments.times);
  query.limit = static_cast<std::size_t>(arguments.limit);
  query.explain = arguments.explain;
  query.cursor = arguments.cursor;
  return query;
}

/// Prints hits: where and when, who speaks, and below it the texts that were searched.
class HitPrinter {
 public:
  HitPrinter(Output& output, const SearchConfig& config, const SearchQuery& query)
      : output_(output), config_(config), found_(config, query.text, output.columns()) {}

  void print(const SearchHit& hit) {
    std::array<char, 32> score{};
    std::snprintf(score.data(), score.size(), "%.6f", hit.score);
    std::string head = std::string(score.data()) + "  " + format_time(hit.entry.created_at) + "  " +
                       escape_controls(shown_namespace(hit.entry.ns)) + "  " +
                       escape_controls(hit.entry.key);
    for (const std::string& name : texts_of(config_, SearchField::Kind::name, hit.entry.value)) {
      head += "  " + escape_controls(name);
    }
    output_.line(head);
    const auto texts = texts_of(config_, SearchField::Kind::text, hit.entry.value);
    for (const std::string& text : texts) output_.write(found_.show(text, "  "));
    if (texts.empty()) output_.write(found_.show(plain_text(hit.entry.value), "  "));
    if (hit.explanation) output_.write(explanation_text(*hit.explanation, config_, "    "));
  }

 private:
  Output& output_;
  const SearchConfig& config_;
  FoundText found_;
};

ExitCode run_search(Program& program, const SearchArguments& arguments) {
  const SearchQuery query = make_query(arguments);
  Memory memory = program.open_existing();
  const SearchConfig config = require_searchable(memory, query.scope.ns).config;
  const SearchPage page = memory.search(query);
  if (arguments.json) {
    for (const SearchHit& hit : page.hits) program.output.line(hit_json(hit, config));
  } else {
    HitPrinter printer(program.output, config, query);
    for (const SearchHit& hit : page.hits) printer.print(hit);
  }
  program.output.flush();
  if (!page.cursor.empty()) note("next cursor: " + page.cursor);
  return ExitCode::done;
}

void add_options(CLI::App& command, SearchArguments& arguments) {
  add_recursive(command, arguments.recursive);
  arguments.filter_option = add_filter(command, arguments.filter);
  add_times(command, arguments.times);
  add_number(
      command, "--limit", arguments.limit, 1,
      "At most so many, 10 without it; where there are more, the cursor for the rest goes to\n"
      "standard error");
  command.add_option("--cursor", arguments.cursor, "Go on after an earlier search")
      ->type_name("CURSOR");
  command.add_flag("--explain", arguments.explain, "With what each word added to the score");
  add_json_flag(command, arguments.json, "JSON Lines, one entry each with its score");
}

}  // namespace

void add_search_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "search",
      "Find entries by words, best first\n"
      "NS, or a namespace above it, has to be searchable: see search-config. Words are found in\n"
      "their other forms too, and nothing in TEXT is an operator.",
      {"--store sqlite:m.db search users/42/chats/1 'where did we go camping?'",
       "search users/42 red canoe --recursive --limit 3",
       "search users/42 -r canoe --filter '{\"role\":\"user\"}' --created-from 2026-01-01 --json"});
  auto arguments = std::make_shared<SearchArguments>();
  add_namespace(command, arguments->ns);
  command.add_option("TEXT", arguments->words, "What to look for")->type_name("")->required();
  add_options(command, *arguments);
  when_chosen(command, program, [arguments](Program& p) { return run_search(p, *arguments); });
}

}  // namespace holdfast::program
