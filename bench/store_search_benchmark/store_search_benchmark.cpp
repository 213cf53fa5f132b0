// What an index costs appends, and how long searches of a store take: turns and questions are
// LoCoMo's, over and over until there are enough.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "holdfast/open.hpp"
#include "latencies.hpp"
#include "locomo_file/locomo_file.hpp"

namespace {

using namespace holdfast;
using bench::Clock;
using bench::Latencies;
using bench::us_since;

struct Plan {
  std::string file;
  std::string url;
  std::size_t turns = 10'000;
  std::size_t conversations = 1;
  std::size_t asked = 0;
  std::size_t appends = 1'000;
  std::size_t searches = 1'000;
  bool is_plain = false;
};

Namespace talk(std::size_t conversation) {
  return Namespace("talk") / std::to_string(conversation);
}

std::string key_of(std::size_t turn) {
  const std::string digits = std::to_string(turn);
  return std::string(8 - std::min<std::size_t>(digits.size(), 8), '0') + digits;
}

class Run {
 public:
  explicit Run(const Plan& plan)
      : plan_(plan),
        memory_(holdfast::open(plan.url)),
        data_(locomo::read_file_with_questions(plan.file)) {
    for (const locomo::Session& session : data_.sessions) {
      for (const Message& turn : session.turns) turns_.push_back(turn.to_json());
    }
  }

  void fill() {
    const auto begin = Clock::now();
    for (std::size_t conversation = 0; conversation < plan_.conversations; ++conversation) {
      WriteBatch batch;
      for (std::size_t turn = 0; turn < plan_.turns; ++turn) {
        batch.set(talk(conversation), key_of(turn),
                  turns_[(conversation * 7 + turn) % turns_.size()]);
        if (batch.size() < 1000 && turn + 1 < plan_.turns) continue;
        memory_.write(batch);
        batch = {};
      }
    }
    std::cout << "filling: " << us_since(begin) / 1e6 << " s\n";
  }

  void configure() {
    const auto begin = Clock::now();
    memory_.configure_search("talk", SearchConfig::conversation());
    std::cout << "making the index: " << us_since(begin) / 1e6 << " s\n";
  }

  void append() {
    Latencies latencies;
    for (std::size_t i = 0; i < plan_.appends; ++i) {
      const std::size_t turn = plan_.turns + i;
      latencies.measure([&] {
        memory_.set(talk(i % plan_.conversations), key_of(turn), turns_[turn * 13 % turns_.size()]);
      });
    }
    latencies.print("one append");
  }

  void search() {
    Latencies latencies;
    std::size_t hits = 0;
    const std::size_t asked = plan_.asked == 0 ? plan_.conversations : plan_.asked;
    for (std::size_t i = 0; i < plan_.searches; ++i) {
      const SearchQuery query{.scope = {talk(i * 31 % asked), false},
                              .text = data_.questions[i % data_.questions.size()].text};
      latencies.measure([&] { hits += memory_.search(query).hits.size(); });
    }
    latencies.print("one search");
    std::cout << "hits: " << hits << "\n";
  }

  void sizes() {
    const MemoryStats stats = memory_.stats();
    std::cout << stats.entries << " entries of " << stats.bytes << " bytes; details "
              << stats.details.json_text() << "\n";
  }

 private:
  const Plan& plan_;
  Memory memory_;
  locomo::File data_;
  std::vector<MemoryValue> turns_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures appends to and searches of a store.");
  Plan plan;
  app.add_option("FILE", plan.file, "LoCoMo's file, such as locomo10.json")->required();
  app.add_option("STORE", plan.url, "The URL of a store without a namespace `talk`")->required();
  app.add_option("--turns", plan.turns, "Turns of each conversation");
  app.add_option("--conversations", plan.conversations, "How many");
  app.add_option("--asked", plan.asked, "Ask so many of them in turn; 0: all")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1'000'000}));
  app.add_option("--appends", plan.appends, "Turns that are appended one by one, and measured");
  app.add_option("--searches", plan.searches, "Questions that are asked");
  app.add_flag("--plain", plan.is_plain, "Without an index");
  CLI11_PARSE(app, argc, argv);
  if (plan.asked > plan.conversations) {
    std::cerr << "store_search_benchmark: --asked is more than --conversations\n";
    return 2;
  }
  try {
    std::cout << std::fixed << std::setprecision(1);
    Run run(plan);
    run.fill();
    if (!plan.is_plain) run.configure();
    run.append();
    if (!plan.is_plain) run.search();
    run.sizes();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "store_search_benchmark: " << error.what() << '\n';
    return 3;
  }
}
