// What keeping track of use for eviction costs a read.
#include <holdfast/in_memory.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contests.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t calls_prepared = std::size_t{1} << 19;

InMemoryOptions options_of(Eviction eviction, std::uint64_t entries) {
  InMemoryOptions options;
  options.eviction = eviction;
  options.max_entries = entries + 1;  // All stay.
  return options;
}

Memory& filled(Eviction eviction, std::uint64_t entries) {
  struct Kept {
    std::uint64_t entries = 0;
    std::unique_ptr<Memory> memory;
  };
  static Kept kept[3];
  Kept& one = kept[static_cast<std::size_t>(eviction)];
  if (one.memory == nullptr || one.entries != entries) {
    one.memory = std::make_unique<Memory>(open_in_memory(options_of(eviction, entries)));
    one.entries = entries;
    for (std::uint64_t entry = 0; entry < entries; ++entry) {
      one.memory->set(Namespace(namespace_text(entry)), key_text(entry),
                      MemoryValue::parse(value_text(200, entry)));
    }
  }
  return *one.memory;
}

void get(benchmark::State& state, Eviction eviction, Keys keys, std::uint64_t entries) {
  if (state.thread_index() == 0) filled(eviction, entries);
  std::vector<std::pair<Namespace, std::string>> calls;
  const auto seed = static_cast<std::uint64_t>(state.thread_index()) + 1;
  for (const std::uint32_t entry : picks(keys, entries, calls_prepared, seed)) {
    calls.emplace_back(Namespace(namespace_text(entry)), key_text(entry));
  }
  std::size_t next = 0;
  Memory* memory = nullptr;
  for (auto _ : state) {
    if (memory == nullptr) memory = &filled(eviction, entries);
    benchmark::DoNotOptimize(memory->get(calls[next].first, calls[next].second));
    next = (next + 1) & (calls_prepared - 1);
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void register_evicting(std::uint64_t entries) {
  const std::pair<const char*, Eviction> contestants[] = {
      {"none", Eviction::none}, {"lru", Eviction::lru}, {"s3_fifo", Eviction::s3fifo}};
  for (const Keys keys : {Keys::uniform, Keys::zipf}) {
    const std::string contest = "in_memory/get_evicting/" + std::string(to_string(keys)) +
                                "/200B/" + std::to_string(entries);
    for (const auto& [name, eviction] : contestants) {
      register_contestant(contest, name,
                          [=, eviction = eviction](benchmark::State& state) {
                            get(state, eviction, keys, entries);
                          })
          ->Threads(1)
          ->Threads(2);
    }
  }
}

}  // namespace holdfast::bench
