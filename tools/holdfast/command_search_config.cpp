#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "display.hpp"
#include "entry_text.hpp"
#include "holdfast/analyzer.hpp"
#include "holdfast/error.hpp"
#include "input.hpp"
#include "program.hpp"
#include "search_configuration.hpp"
#include "table.hpp"

namespace holdfast::program {
namespace {

struct ConfigArguments {
  std::string ns;
  std::string set;
  std::string file;
  std::string language;
  std::string embedding;
  std::vector<std::string> text;
  bool conversation = false;
  bool remove = false;
  bool json = false;
  CLI::Option* ns_option = nullptr;
  CLI::Option* set_option = nullptr;
  CLI::Option* file_option = nullptr;
  CLI::Option* embedding_option = nullptr;

  [[nodiscard]] bool sets() const {
    return set_option->count() + file_option->count() > 0 || conversation || !text.empty();
  }
  /// What only goes with something that is set.
  [[nodiscard]] bool refines() const { return !language.empty() || embedding_option->count() > 0; }
};

std::string config_text(const ConfigArguments& arguments) {
  const bool from_file = arguments.file_option->count() > 0;
  if (!from_file && arguments.set != "-") return arguments.set;
  InputFile file(from_file ? arguments.file : "-");
  return read_all(file, max_line_bytes);
}

/// MODEL:DIMENSIONS; names of models have colons too.
SearchEmbedding read_embedding(const std::string& text) {
  SearchEmbedding embedding;
  const std::size_t colon = std::min(text.rfind(':'), text.size());
  embedding.model = text.substr(0, colon);
  const char* const end = text.data() + text.size();
  const char* const begin = std::min(text.data() + colon + 1, end);
  const auto [stop, problem] = std::from_chars(begin, end, embedding.dimensions);
  if (problem != std::errc() || stop != end) {
    throw_invalid_argument("--embedding: '" + text +
                           "' is not MODEL:DIMENSIONS, such as nomic-embed-text:768");
  }
  return embedding;
}

/// As `read_embedding` takes it.
std::string embedding_text(const SearchConfig& config) {
  if (!config.embedding) return "none";
  return config.embedding->model + ":" + std::to_string(config.embedding->dimensions);
}

SearchConfig read_config(const ConfigArguments& arguments) {
  SearchConfig config;
  if (arguments.conversation) {
    config = SearchConfig::conversation();
  } else if (!arguments.text.empty()) {
    config =
        SearchConfig::texts(std::vector<SearchPath>(arguments.text.begin(), arguments.text.end()));
  } else {
    config = SearchConfig::from_value(MemoryValue::parse(config_text(arguments)));
  }
  if (!arguments.language.empty()) config.language = arguments.language;
  if (arguments.embedding_option->count() > 0) {
    config.embedding = read_embedding(arguments.embedding);
  }
  // Before a store is created.
  config.check();
  (void)Analyzer(config.language);  // Refuses an unknown one.
  return config;
}

/// The paths of the fields, for the list.
std::string paths_of(const SearchConfig& config) {
  std::string paths;
  for (const SearchField& field : config.fields) {
    if (!paths.empty()) paths += ", ";
    paths += field.path.text().empty() ? "''" : field.path.text();
  }
  return paths.empty() ? "nothing" : paths;
}

void print(Output& output, const SearchConfiguration& configuration, bool json) {
  if (json) return output.line(configuration_json(configuration));
  Table table(output, {{"FACT"}, {"VALUE"}});
  table.add({"namespace", shown_namespace(configuration.ns)});
  table.add({"configuration", std::string(configuration.config.to_value().json_text())});
  table.add({"analyzer", configuration.analyzer_version});
  table.add({"index", configuration.needs_reindex ? "has to be made anew" : "ready"});
  table.finish();
}

ExitCode list(Program& program, bool json) {
  Memory memory = program.open_existing();
  Table table(program.output, {{"NAMESPACE", false, true},
                               {"LANGUAGE"},
                               {"INDEX"},
                               {"EMBEDDING", false, true},
                               {"FIELDS", false, true}});
  for (const SearchConfiguration& each : memory.search_configurations()) {
    if (json) {
      program.output.line(configuration_json(each));
    } else {
      table.add({shown_namespace(each.ns), each.config.language,
                 each.needs_reindex ? "make anew" : "ready", embedding_text(each.config),
                 paths_of(each.config)});
    }
  }
  table.finish();
  return ExitCode::done;
}

ExitCode show(Program& program, const Namespace& ns, bool json) {
  Memory memory = program.open_existing();
  const auto governing = governing_configuration(memory, ns);
  if (!governing) {
    report(not_searchable(ns));
    return ExitCode::absent;
  }
  print(program.output, *governing, json);
  return ExitCode::done;
}

ExitCode remove(Program& program, const Namespace& ns) {
  Memory memory = program.open_existing();
  if (memory.remove_search(ns)) return ExitCode::done;
  report("'" + std::string(ns.text()) + "' has no search configuration of its own");
  return ExitCode::absent;
}

ExitCode set(Program& program, const Namespace& ns, const ConfigArguments& arguments) {
  const SearchConfig config = read_config(arguments);
  Memory memory = program.open_or_create();
  memory.configure_search(ns, config);
  // A namespace with a configuration of its own is governed by it.
  print(program.output, governing_configuration(memory, ns).value(), arguments.json);
  return ExitCode::done;
}

ExitCode run_search_config(Program& program, const ConfigArguments& arguments) {
  if (arguments.ns_option->count() == 0) {
    if (arguments.sets() || arguments.refines() || arguments.remove) {
      throw_invalid_argument("no namespace given");
    }
    return list(program, arguments.json);
  }
  const Namespace ns(arguments.ns);
  if (arguments.sets()) return set(program, ns, arguments);
  if (arguments.refines()) {
    throw_invalid_argument(
        "--language and --embedding go with --conversation, --text, --set or --file");
  }
  if (arguments.remove) return remove(program, ns);
  return show(program, ns, arguments.json);
}

void add_sources(CLI::App& command, ConfigArguments& arguments) {
  auto* const conversation = command.add_flag("--conversation", arguments.conversation,
                                              "As turns of conversations: chat messages");
  auto* const text = command.add_option(
      "--text", arguments.text,
      "As independent entries with text at this path, such as title or notes[*].text; '' is the\n"
      "value itself. May be given more than once");
  // One value each: CLI11 would take "[*]" for a list of values otherwise.
  text->type_name("PATH")->allow_extra_args(false)->excludes(conversation);
  arguments.set_option =
      command.add_option("--set", arguments.set, "By a configuration; '-' reads standard input");
  arguments.set_option->type_name("JSON")->excludes(conversation)->excludes(text);
  arguments.file_option =
      command.add_option("--file", arguments.file, "Read it from a file ('-': standard input)");
  arguments.file_option->type_name("FILE")
      ->excludes(arguments.set_option)
      ->excludes(conversation)
      ->excludes(text);
  auto* const remove =
      command.add_flag("--remove", arguments.remove, "Take the configuration away, with its index");
  for (CLI::Option* const other :
       {conversation, text, arguments.set_option, arguments.file_option}) {
    remove->excludes(other);
  }
}

ExitCode run_reindex(Program& program, const std::string& ns, bool json) {
  Memory memory = program.open_existing();
  const std::uint64_t entries = memory.reindex(Namespace(ns));
  program.output.line(json ? std::to_string(entries)
                           : counted(entries, "entry", "entries") + " indexed");
  return ExitCode::done;
}

void add_reindex(CLI::App& root, Program& program) {
  CLI::App& command =
      add_command(root, "reindex",
                  "Make the search index of a namespace anew; writers may wait meanwhile\n"
                  "NS has a search configuration of its own. Needed after an update of the program "
                  "or its\nlibraries that changes how words are read, which a search then says.",
                  {"--store sqlite:m.db reindex users/42", "reindex users/42 --json"});
  auto ns = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  add_namespace(command, *ns);
  add_json_flag(command, *json, "how many entries were indexed, as a JSON number");
  when_chosen(command, program, [ns, json](Program& p) { return run_reindex(p, *ns, *json); });
}

void add_search_config(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "search-config",
      "Make a namespace searchable, or show what is\n"
      "A configuration says what of an entry's value a search looks at. It governs NS and all\n"
      "below it that have none of their own: what is there is indexed now, while writers wait, "
      "and\n"
      "every later write keeps the index in step. Without an option that sets or removes one, the\n"
      "configuration that governs NS is shown; without NS, all are listed.",
      {"--store sqlite:m.db search-config users/42/chats --conversation",
       "search-config notes --text title --text body",
       "search-config notes --text '' --language german",
       "search-config users/42/chats --conversation --embedding nomic-embed-text:768",
       "search-config notes --set '{\"fields\":[{\"path\":\"title\",\"weight\":300},"
       "{\"path\":\"body\"}]}'",
       "search-config", "search-config notes --remove"});
  auto arguments = std::make_shared<ConfigArguments>();
  arguments->ns_option = command.add_option("NS", arguments->ns, "Namespace; '' is the root");
  arguments->ns_option->type_name("");
  add_sources(command, *arguments);
  command
      .add_option("--language", arguments->language,
                  "Of the texts; english without it. 'none' compares words as they stand")
      ->type_name("NAME");
  arguments->embedding_option = command.add_option(
      "--embedding", arguments->embedding,
      "Keep a vector of this model beside each entry, for programs that search by meaning; a\n"
      "configuration without it, or of another model, forgets those that are there");
  arguments->embedding_option->type_name("MODEL:DIMENSIONS");
  add_json_flag(command, arguments->json, "the configuration as one JSON document, all as lines");
  when_chosen(command, program,
              [arguments](Program& p) { return run_search_config(p, *arguments); });
}

}  // namespace

void add_search_config_commands(CLI::App& root, Program& program) {
  add_search_config(root, program);
  add_reindex(root, program);
}

}  // namespace holdfast::program
