// How much of what answers LoCoMo's questions a search finds.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/open.hpp"
#include "holdfast/search_config.hpp"
#include "locomo_store.hpp"
#include "recall.hpp"

namespace {

using namespace holdfast;

// As the program `holdfast` has them.
enum ExitCode { done = 0, wrong_usage = 2, failed = 3 };

// Conversations, with the captions of shared images as part of a turn.
SearchConfig turns_with_captions() {
  SearchConfig config = SearchConfig::conversation();
  config.fields.push_back({"metadata.blip_caption"});
  return config;
}

double rounded(double number) { return std::round(number * 10) / 10; }

MemoryValue by_depth(const locomo::Mean& mean) {
  std::vector<MemoryValue::Member> members;
  const auto percents = mean.percent();
  for (std::size_t i = 0; i < percents.size(); ++i) {
    members.emplace_back(std::to_string(locomo::depths[i]), rounded(percents[i]));
  }
  return MemoryValue::map(members);
}

template <typename Key>
MemoryValue by_name(const std::map<Key, locomo::Mean>& means) {
  std::vector<MemoryValue::Member> members;
  for (const auto& [key, mean] : means) {
    if constexpr (std::is_same_v<Key, std::string>) {
      members.emplace_back(key, by_depth(mean));
    } else {
      members.emplace_back(std::to_string(key), by_depth(mean));
    }
  }
  return MemoryValue::map(members);
}

void print_json(const locomo::Report& report) {
  const MemoryValue latency =
      MemoryValue::map({{"p50", rounded(locomo::percentile(report.latencies_us, 50))},
                        {"p99", rounded(locomo::percentile(report.latencies_us, 99))}});
  std::cout << MemoryValue::map({{"overall", by_depth(report.overall)},
                                 {"categories", by_name(report.categories)},
                                 {"conversations", by_name(report.conversations)},
                                 {"latency_us", latency}})
                   .json_text()
            << '\n';
}

void print_row(const std::string& name, const locomo::Mean& mean) {
  std::cout << std::left << std::setw(16) << name << std::right << std::setw(9) << mean.questions();
  for (const double percent : mean.percent()) std::cout << std::setw(7) << percent;
  std::cout << '\n';
}

void print_table(const locomo::Report& report) {
  std::cout << std::fixed << std::setprecision(1) << std::left << std::setw(16) << "" << std::right
            << std::setw(9) << "questions";
  for (const std::size_t depth : locomo::depths) {
    std::cout << std::setw(7) << "@" + std::to_string(depth);
  }
  std::cout << '\n';
  print_row("overall", report.overall);
  for (const auto& [category, mean] : report.categories) {
    print_row("category " + std::to_string(category), mean);
  }
  for (const auto& [conversation, mean] : report.conversations) print_row(conversation, mean);
  std::cout << "one search: p50 " << locomo::percentile(report.latencies_us, 50) << " us, p99 "
            << locomo::percentile(report.latencies_us, 99) << " us\n";
}

struct Arguments {
  std::string url;
  std::string path;
  std::string config;
  bool as_json = false;
};

int run(const Arguments& arguments) {
  const SearchConfig config = arguments.config.empty()
                                  ? turns_with_captions()
                                  : SearchConfig::from_value(MemoryValue::parse(arguments.config));
  const locomo::File file = locomo::read_file_with_questions(arguments.path);
  Memory memory = open(arguments.url);
  const std::size_t loaded = locomo::load(memory, file.sessions, config);
  const locomo::Report report = locomo::measure(
      file.questions,
      [&](const std::string& conversation, const std::string& text, std::size_t count) {
        return locomo::search(memory, conversation, text, count);
      });
  if (arguments.as_json) {
    print_json(report);
  } else {
    print_table(report);
    std::cout << "turns loaded: " << loaded << '\n';
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Loads the conversations of LoCoMo into a store, searches them for what answers the "
      "questions,\n"
      "and measures evidence recall by the official scoring.");
  Arguments arguments;
  app.add_option("--store", arguments.url, "URL of the store, such as sqlite:locomo.db")
      ->required();
  app.add_option("FILE", arguments.path, "The file, such as locomo10.json")->required();
  app.add_option("--config", arguments.config,
                 "A search configuration as JSON, instead of the usual one");
  app.add_flag("--json", arguments.as_json, "One JSON document instead of a table");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? done : wrong_usage;
  }
  try {
    return run(arguments);
  } catch (const locomo::BadFile& error) {
    std::cerr << "locomo_recall: " << error.what() << '\n';
    return wrong_usage;
  } catch (const Error& error) {
    std::cerr << "locomo_recall: " << error.what() << '\n';
    return error.code() == ErrorCode::invalid_argument ? wrong_usage : failed;
  } catch (const std::exception& error) {
    std::cerr << "locomo_recall: " << error.what() << '\n';
    return failed;
  }
}
