// How long exact searches by a vector take, and what memory they take, beside a loop over the same
// vectors in one array.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/open.hpp"
#include "latencies.hpp"

namespace {

using namespace holdfast;
using bench::Clock;
using bench::Latencies;
using bench::us_since;

struct Plan {
  std::string url;
  std::size_t vectors = 100'000;
  int dimensions = 768;
  std::size_t searches = 200;
};

std::vector<float> random_unit(std::mt19937& random, int dimensions) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(static_cast<std::size_t>(dimensions));
  double squares = 0;
  for (float& number : vector) {
    number = normal(random);
    squares += static_cast<double>(number) * static_cast<double>(number);
  }
  for (float& number : vector) number /= static_cast<float>(std::sqrt(squares));
  return vector;
}

// What the process has in memory, in MB.
double resident_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

class Run {
 public:
  explicit Run(const Plan& plan) : plan_(plan), memory_(holdfast::open(plan.url)) {}

  void fill() {
    SearchConfig config = SearchConfig::texts({"text"});
    config.embedding = SearchEmbedding{"random", plan_.dimensions};
    memory_.configure_search("vectors", config);
    const auto begin = Clock::now();
    for (std::size_t first = 0; first < plan_.vectors; first += at_once) {
      WriteBatch batch;
      for (std::size_t i = first; i < std::min(first + at_once, plan_.vectors); ++i) {
        batch.set("vectors", std::to_string(i), MemoryValue::map({{"text", "turn"}}));
      }
      memory_.write(batch);
    }
    std::cout << "writing the entries: " << us_since(begin) / 1e6 << " s\n";
    put_vectors();
  }

  void search() {
    const double before = resident_mb();
    std::mt19937 random(2);
    const auto begin = Clock::now();
    static_cast<void>(memory_.nearest(query(random_unit(random, plan_.dimensions))));
    std::cout << "first search: " << us_since(begin) / 1e3 << " ms, resident " << before << " to "
              << resident_mb() << " MB\n";
    Latencies ours;
    Latencies loops;
    std::size_t hits = 0;
    for (std::size_t i = 0; i < plan_.searches; ++i) {
      const std::vector<float> unit = random_unit(random, plan_.dimensions);
      std::string key;
      ours.measure([&] {
        const SearchPage page = memory_.nearest(query(unit));
        key = page.hits.at(0).entry.key;
      });
      loops.measure([&] { hits += std::to_string(best_by_loop(unit)) == key ? 1U : 0U; });
    }
    ours.print("Memory::nearest");
    loops.print("a loop over an array");
    std::cout << "the best is the same in " << hits << " of " << plan_.searches << "\n"
              << memory_.stats().details.json_text() << "\n";
  }

 private:
  static constexpr std::size_t at_once = 1'000;

  [[nodiscard]] VectorQuery query(std::vector<float> vector) const {
    VectorQuery query;
    query.scope = {"vectors", false};
    query.vector = std::move(vector);
    return query;
  }

  void put_vectors() {
    std::mt19937 random(1);
    all_.reserve(plan_.vectors * static_cast<std::size_t>(plan_.dimensions));
    double seconds = 0;
    while (true) {
      std::vector<EntryVector> vectors;
      const auto begin = Clock::now();
      for (const Entry& entry : memory_.without_vector({"vectors", false}, at_once)) {
        vectors.push_back({{entry.ns, entry.key}, entry.revision, {}});
      }
      seconds += us_since(begin) / 1e6;
      if (vectors.empty()) break;
      for (EntryVector& each : vectors) {
        each.vector = random_unit(random, plan_.dimensions);
        all_.insert(all_.end(), each.vector.begin(), each.vector.end());
      }
      const auto putting = Clock::now();
      memory_.put_vectors(vectors);
      seconds += us_since(putting) / 1e6;
    }
    std::cout << "keeping the vectors: " << seconds << " s\n";
  }

  // As one writes it without a second thought. Entries come in the order of their numbers.
  [[nodiscard]] std::size_t best_by_loop(const std::vector<float>& unit) const {
    std::size_t best = 0;
    float most = -2;
    for (std::size_t row = 0; row < plan_.vectors; ++row) {
      float product = 0;
      for (std::size_t i = 0; i < unit.size(); ++i) {
        product += all_[row * unit.size() + i] * unit[i];
      }
      if (product > most) {
        most = product;
        best = row;
      }
    }
    return best;
  }

  const Plan& plan_;
  Memory memory_;
  std::vector<float> all_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures searches by a vector.");
  Plan plan;
  app.add_option("STORE", plan.url, "The URL of a store without a namespace `vectors`")->required();
  app.add_option("--vectors", plan.vectors, "How many")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  app.add_option("--dimensions", plan.dimensions, "Of each");
  app.add_option("--searches", plan.searches, "How many are measured")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  CLI11_PARSE(app, argc, argv);
  try {
    std::cout << std::fixed << std::setprecision(1);
    Run run(plan);
    run.fill();
    run.search();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "vector_benchmark: " << error.what() << '\n';
    return 3;
  }
}
