// What an entry takes of the process's memory: a hundred bytes of address, two hundred of value.
#include <malloc.h>

#include <holdfast/in_memory.hpp>
#include <string>
#include <unordered_map>

#include "alternatives.hpp"
#include "contests.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

std::size_t heap_bytes() {
  const auto use = mallinfo2();
  return use.uordblks + use.hblkhd;
}

template <typename Make>
void bytes_per_entry(benchmark::State& state, std::uint64_t entries, const Make& make) {
  double bytes = 0;
  for (auto _ : state) {
    malloc_trim(0);
    const std::size_t before = heap_bytes();
    const auto store = make();
    bytes = static_cast<double>(heap_bytes() - before) / static_cast<double>(entries);
  }
  state.counters["bytes_per_entry"] = bytes;
}

std::unique_ptr<Memory> holdfast_with(std::uint64_t entries) {
  auto memory = std::make_unique<Memory>(open_in_memory());
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    memory->set(namespace_text(entry), key_text(entry), MemoryValue::parse(value_text(200, entry)));
  }
  return memory;
}

std::unique_ptr<std::unordered_map<std::string, std::string>> unordered_map_with(
    std::uint64_t entries) {
  auto map = std::make_unique<std::unordered_map<std::string, std::string>>();
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    map->emplace(whole_key(entry), value_text(200, entry));
  }
  return map;
}

std::unique_ptr<ShardedMap> sharded_map_with(std::uint64_t entries) {
  auto map = std::make_unique<ShardedMap>();
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    map->set(whole_key(entry), value_text(200, entry));
  }
  return map;
}

}  // namespace

void register_resident_bytes(std::uint64_t entries) {
  const std::string contest = "in_memory/bytes/200B/" + std::to_string(entries);
  const auto add = [&](const char* name, const auto& make) {
    register_contestant(contest, name, [=](benchmark::State& state) {
      bytes_per_entry(state, entries, [=] { return make(entries); });
    })->Iterations(1);
  };
  add("holdfast", holdfast_with);
  add("unordered_map", unordered_map_with);
  add("absl_shared_ptr", sharded_map_with);
}

}  // namespace holdfast::bench
