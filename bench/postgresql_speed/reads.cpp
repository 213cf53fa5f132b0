// Gets, many at once, and pages.
#include <string>
#include <vector>

#include "client.hpp"
#include "contests.hpp"
#include "place.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t calls_prepared = std::size_t{1} << 14;
constexpr std::size_t keys_at_once = entries_of_namespace;
constexpr std::size_t page_entries = 50;
// Plans are settled, and caches filled, before the clock runs.
constexpr std::size_t calls_before = 200;

struct PlaceKind {
  std::size_t value_bytes;
  std::uint64_t entries;
  [[nodiscard]] Place& get() const { return place(value_bytes, entries); }
};

// The contestants, with the same calls.
class Holdfast {
 public:
  explicit Holdfast(const PlaceKind& data) : memory_(data.get().memory()) {}
  [[nodiscard]] auto get(const Namespace& ns, const std::string& key) {
    return memory_.get(ns, key);
  }
  [[nodiscard]] auto get_many(const Namespace& ns, const std::vector<std::string>& keys) {
    return memory_.get_many(ns, keys);
  }
  [[nodiscard]] std::size_t page(const Namespace& ns) { return page({ns, false}, OrderBy::key); }
  [[nodiscard]] std::size_t newest(const Namespace& ns) {
    return page({ns, false}, OrderBy::created);
  }

 private:
  [[nodiscard]] std::size_t page(Scope scope, OrderBy order) {
    MemoryQuery query;
    query.scope = std::move(scope);
    query.order = order;
    if (order == OrderBy::created) query.direction = Direction::descending;
    query.limit = page_entries;
    return memory_.query(query).entries.size();
  }

  Memory& memory_;
};

class Libpq {
 public:
  explicit Libpq(const PlaceKind& data) : client_(data.get().schema()) {}
  [[nodiscard]] auto get(const Namespace& ns, const std::string& key) {
    return client_.get(ns.text(), key);
  }
  [[nodiscard]] auto get_many(const Namespace& ns, const std::vector<std::string>& keys) {
    return client_.get_many(ns.text(), keys);
  }
  [[nodiscard]] std::size_t page(const Namespace& ns) {
    return client_.page_by_key(ns.text(), "").size();
  }
  [[nodiscard]] std::size_t newest(const Namespace& ns) { return client_.newest(ns.text()).size(); }

 private:
  Client client_;
};

// Runs `call(contestant, i)`, which says whether its answer is right, some times before the clock.
template <typename Contestant, typename Call>
void run(benchmark::State& state, const PlaceKind& data, std::size_t items, Call&& call) {
  Contestant contestant(data);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < calls_before; ++i) wrong += call(contestant, i) ? 0U : 1U;
  std::size_t next = calls_before;
  for (auto _ : state) {
    wrong += call(contestant, next) ? 0U : 1U;
    next = (next + 1) % calls_prepared;
  }
  if (wrong > 0) state.SkipWithError("an answer is wrong");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

template <typename Contestant>
void get(benchmark::State& state, const PlaceKind& data, Keys keys) {
  std::vector<std::pair<Namespace, std::string>> calls;
  const auto seed = static_cast<std::uint64_t>(state.thread_index()) + 1;
  for (const std::uint32_t entry : picks(keys, data.entries, calls_prepared, seed)) {
    calls.emplace_back(namespace_text(entry), key_text(entry));
  }
  run<Contestant>(state, data, 1, [&](Contestant& contestant, std::size_t i) {
    return contestant.get(calls[i].first, calls[i].second).has_value();
  });
}

std::vector<std::uint32_t> namespaces_asked(const PlaceKind& data) {
  auto numbers = picks(Keys::uniform, data.entries / entries_of_namespace, calls_prepared, 7);
  for (std::uint32_t& number : numbers) number *= std::uint32_t{entries_of_namespace};
  return numbers;
}

template <typename Contestant>
void get_many(benchmark::State& state, const PlaceKind& data) {
  const auto firsts = namespaces_asked(data);
  // As many lists of keys as are needed for that no two calls in a row ask for the same.
  constexpr std::size_t lists = 512;
  std::vector<std::pair<Namespace, std::vector<std::string>>> calls;
  for (std::size_t i = 0; i < lists; ++i) {
    std::vector<std::string> keys;
    for (std::size_t k = 0; k < keys_at_once; ++k) {
      keys.push_back(key_text(firsts[i] + k * 37 % entries_of_namespace));
    }
    calls.emplace_back(namespace_text(firsts[i]), std::move(keys));
  }
  run<Contestant>(state, data, keys_at_once, [&](Contestant& contestant, std::size_t i) {
    const auto& [ns, keys] = calls[i % lists];
    const auto found = contestant.get_many(ns, keys);
    return found.size() == keys_at_once && found.front() && found.back();
  });
}

template <typename Contestant>
void page(benchmark::State& state, const PlaceKind& data, bool by_key) {
  std::vector<Namespace> namespaces;
  for (const std::uint32_t first : namespaces_asked(data)) {
    namespaces.emplace_back(namespace_text(first));
  }
  run<Contestant>(state, data, page_entries, [&](Contestant& contestant, std::size_t i) {
    const std::size_t found =
        by_key ? contestant.page(namespaces[i]) : contestant.newest(namespaces[i]);
    return found == page_entries;
  });
}

template <typename Contestant>
void register_for(const std::string& name, const PlaceKind& data) {
  const std::string size = data.value_bytes == 200 ? "200B" : "1KB";
  const std::string end = "/" + size + "/" + std::to_string(data.entries);
  for (const Keys keys : {Keys::uniform, Keys::zipf}) {
    register_contestant("postgresql/get/" + std::string(to_string(keys)) + end, name,
                        [=](benchmark::State& state) { get<Contestant>(state, data, keys); })
        ->Threads(1)
        ->Threads(2);
  }
  register_contestant("postgresql/page/by_key" + end, name,
                      [=](benchmark::State& state) { page<Contestant>(state, data, true); });
  register_contestant("postgresql/page/newest" + end, name,
                      [=](benchmark::State& state) { page<Contestant>(state, data, false); });
  if (data.value_bytes != 200) return;
  register_contestant("postgresql/get_many_100" + end, name,
                      [=](benchmark::State& state) { get_many<Contestant>(state, data); });
}

}  // namespace

void register_reads(std::uint64_t entries) {
  for (const std::size_t value_bytes : {std::size_t{200}, std::size_t{1024}}) {
    register_for<Holdfast>("holdfast", {value_bytes, entries});
    register_for<Libpq>("libpq", {value_bytes, entries});
  }
}

}  // namespace holdfast::bench
