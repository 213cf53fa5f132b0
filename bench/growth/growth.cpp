// What calls cost as a store grows from ten thousand entries to ten million (PostgreSQL: one).
//
//   growth [--store in_memory] [--entries 10000,100000] [--quick] [--folder DIR] --out FILE
//
// One store is grown from size to size, and at each size every operation is sampled: the median
// and the 99th percentile of its time, and the median of its instructions outside the kernel (of
// this thread, where the system lets them be counted). FILE gets all of it as JSON.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "operations.hpp"
#include "places.hpp"

namespace holdfast::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::vector<std::string> stores{"in_memory", "sqlite", "postgresql"};
  std::vector<std::uint64_t> entries;  // Empty: those of the store.
  bool quick = false;
  std::string folder = "/tmp";
  std::string out;
};

std::vector<std::uint64_t> sizes_of(const std::string& store, const Arguments& arguments) {
  if (!arguments.entries.empty()) return arguments.entries;
  std::vector<std::uint64_t> sizes{10'000, 100'000, 1'000'000, 10'000'000};
  if (store == "postgresql") sizes.pop_back();
  if (arguments.quick) sizes.pop_back();
  return sizes;
}

class Growth {
 public:
  Growth(std::string store, const std::string& folder)
      : store_(std::move(store)), place_(make_place(store_, folder)) {
    memory_.emplace(place_->open(clock_));
  }

  void grow_to(std::uint64_t entries) {
    std::fprintf(stderr, "%s: growing to %lu entries\n", store_.c_str(), entries);
    const auto began = std::chrono::steady_clock::now();
    load(*memory_, entries_, entries);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    add_number("load_entries_per_second", entries,
               static_cast<double>(entries - entries_) / took.count());
    entries_ = entries;
    place_->settle();
    if (place_->persists()) add_samples("open", open_again());
    add_bytes();
    Grown grown{&*memory_, clock_.get(), entries};
    for (const Operation& operation : operations()) {
      add_samples(operation.name, operation.sample(grown));
    }
  }

  [[nodiscard]] const Json& results() const { return results_; }

 private:
  Samples open_again() {
    Sampler sampler(32);
    while (sampler.wants_more()) {
      memory_.reset();
      sampler.take([&] { memory_.emplace(place_->open(clock_)); });
    }
    return std::move(sampler).samples();
  }

  void add_bytes() {
    if (place_->persists()) memory_.reset();
    add_number("bytes_per_entry", entries_,
               static_cast<double>(place_->bytes()) / static_cast<double>(entries_));
    if (place_->persists()) memory_.emplace(place_->open(clock_));
  }

  void add_number(const char* operation, std::uint64_t entries, double number) {
    results_.push_back(
        {{"store", store_}, {"operation", operation}, {"entries", entries}, {"value", number}});
    std::fprintf(stderr, "  %-24s %14.0f\n", operation, number);
  }

  void add_samples(const std::string& operation, const Samples& samples) {
    const std::uint64_t median = percentile(samples.nanoseconds, 50).value();
    const std::uint64_t slow = percentile(samples.nanoseconds, 99).value();
    Json result{{"store", store_},     {"operation", operation},
                {"entries", entries_}, {"samples", samples.nanoseconds.size()},
                {"median_ns", median}, {"p99_ns", slow}};
    const auto instructions = percentile(samples.instructions, 50);
    if (instructions) result["median_instructions"] = *instructions;
    results_.push_back(std::move(result));
    const std::string counted = instructions ? std::to_string(*instructions) : "-";
    std::fprintf(stderr, "  %-24s %14lu ns %14lu ns (p99) %12s instructions\n", operation.c_str(),
                 median, slow, counted.c_str());
  }

  std::string store_;
  std::shared_ptr<ForwardClock> clock_ = std::make_shared<ForwardClock>();
  std::unique_ptr<Place> place_;
  std::optional<Memory> memory_;
  std::uint64_t entries_ = 0;
  Json results_ = Json::array();
};

// For each operation of a store, how many times its cost at the greatest size is that at the least.
Json factors(const Json& results) {
  Json all = Json::array();
  for (const Json& last : results) {
    const Json* first = nullptr;
    const Json* greatest = nullptr;
    for (const Json& result : results) {
      if (result["operation"] != last["operation"]) continue;
      if (first == nullptr) first = &result;
      greatest = &result;
    }
    if (greatest != &last || first == &last) continue;
    Json factor{{"store", last["store"]},
                {"operation", last["operation"]},
                {"from", (*first)["entries"]},
                {"to", last["entries"]}};
    for (const char* name : {"value", "median_ns", "p99_ns", "median_instructions"}) {
      if (!last.contains(name) || !first->contains(name)) continue;
      factor[name] = last[name].get<double>() / (*first)[name].get<double>();
    }
    all.push_back(std::move(factor));
  }
  return all;
}

void print(const Json& factors) {
  std::printf("%-12s %-24s %10s %10s %8s %8s %12s\n", "store", "operation", "from", "to", "median",
              "p99", "instructions");
  for (const Json& factor : factors) {
    const auto number = [&](const char* name) {
      if (!factor.contains(name)) return std::string("-");
      std::array<char, 32> text{};
      std::snprintf(text.data(), text.size(), "%.2f", factor[name].get<double>());
      return std::string(text.data());
    };
    std::printf("%-12s %-24s %10lu %10lu %8s %8s %12s\n",
                factor["store"].get<std::string>().c_str(),
                factor["operation"].get<std::string>().c_str(), factor["from"].get<std::uint64_t>(),
                factor["to"].get<std::uint64_t>(),
                number(factor.contains("value") ? "value" : "median_ns").c_str(),
                number("p99_ns").c_str(), number("median_instructions").c_str());
  }
}

void run(const Arguments& arguments) {
  Json report{{"results", Json::array()}, {"factors", Json::array()}};
  for (const std::string& store : arguments.stores) {
    Growth growth(store, arguments.folder);
    for (const std::uint64_t entries : sizes_of(store, arguments)) growth.grow_to(entries);
    for (const Json& result : growth.results()) report["results"].push_back(result);
    for (const Json& factor : factors(growth.results())) report["factors"].push_back(factor);
    // After each store, so that what was measured is there whatever becomes of the next.
    std::ofstream file(arguments.out);
    file << report.dump(1) << '\n';
    if (!file.flush()) throw std::runtime_error("cannot write " + arguments.out);
  }
  print(report["factors"]);
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  holdfast::bench::Arguments arguments;
  CLI::App app("What calls cost as a store grows");
  app.add_option("--store", arguments.stores, "in_memory, sqlite, postgresql; default: all")
      ->delimiter(',');
  app.add_option("--entries", arguments.entries, "Sizes, ascending, multiples of 100")
      ->delimiter(',');
  app.add_flag("--quick", arguments.quick, "Without the greatest size");
  app.add_option("--folder", arguments.folder, "Where the file of SQLite is made");
  app.add_option("--out", arguments.out, "The file for the results, as JSON")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    holdfast::bench::run(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "growth: %s\n", error.what());
    return 1;
  }
}
