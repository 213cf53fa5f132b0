// Pages of 50 of one namespace out of many: by key, and the newest.
#include <holdfast/in_memory.hpp>
#include <memory>
#include <string>
#include <vector>

#include "alternatives.hpp"
#include "contests.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t page_entries = 50;
constexpr std::size_t pages_prepared = std::size_t{1} << 14;

struct Stores {
  std::uint64_t entries = 0;
  Memory holdfast = open_in_memory();
  OrderedMap by_hand;
};

Stores& filled(std::uint64_t entries) {
  static std::unique_ptr<Stores> stores;
  if (stores == nullptr || stores->entries != entries) {
    stores = std::make_unique<Stores>();
    stores->entries = entries;
    // Round and round the namespaces, as conversations grow.
    const std::uint64_t namespaces = entries / entries_of_namespace;
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t entry = i % namespaces * entries_of_namespace + i / namespaces;
      const std::string text = value_text(200, entry);
      stores->holdfast.set(namespace_text(entry), key_text(entry), MemoryValue::parse(text));
      stores->by_hand.set(namespace_text(entry), key_text(entry), text);
    }
  }
  return *stores;
}

std::vector<std::uint32_t> namespaces_to_ask(std::uint64_t entries) {
  return picks(Keys::uniform, entries, pages_prepared, 1);
}

void set_items(benchmark::State& state, std::size_t entries) {
  if (entries != static_cast<std::size_t>(state.iterations()) * page_entries) {
    state.SkipWithError("a page was not full");
  }
  state.SetItemsProcessed(state.iterations());
}

void by_holdfast(benchmark::State& state, OrderBy order, std::uint64_t entries) {
  Memory& memory = filled(entries).holdfast;
  std::vector<MemoryQuery> queries;
  for (const std::uint32_t entry : namespaces_to_ask(entries)) {
    MemoryQuery& query = queries.emplace_back();
    query.scope = Scope(namespace_text(entry));
    query.order = order;
    if (order == OrderBy::created) query.direction = Direction::descending;
    query.limit = page_entries;
  }
  std::size_t next = 0;
  std::size_t seen = 0;
  for (auto _ : state) {
    const Page page = memory.query(queries[next]);
    seen += page.entries.size();
    next = (next + 1) & (pages_prepared - 1);
  }
  set_items(state, seen);
}

void by_hand(benchmark::State& state, OrderBy order, std::uint64_t entries) {
  const OrderedMap& map = filled(entries).by_hand;
  std::vector<std::string> namespaces;
  for (const std::uint32_t entry : namespaces_to_ask(entries)) {
    namespaces.push_back(namespace_text(entry));
  }
  std::size_t next = 0;
  std::size_t seen = 0;
  for (auto _ : state) {
    const auto page = order == OrderBy::key ? map.page_by_key(namespaces[next], "", page_entries)
                                            : map.newest(namespaces[next], page_entries);
    seen += page.size();
    next = (next + 1) & (pages_prepared - 1);
  }
  set_items(state, seen);
}

}  // namespace

void register_pages(std::uint64_t entries) {
  for (const OrderBy order : {OrderBy::key, OrderBy::created}) {
    const std::string contest = std::string("in_memory/page/") +
                                (order == OrderBy::key ? "by_key" : "newest") + "/200B/" +
                                std::to_string(entries);
    register_contestant(contest, "holdfast",
                        [=](benchmark::State& state) { by_holdfast(state, order, entries); });
    register_contestant(contest, "hash_and_btree",
                        [=](benchmark::State& state) { by_hand(state, order, entries); });
  }
}

}  // namespace holdfast::bench
