// Single entries: get, overwrite, and new keys.
#include <holdfast/in_memory.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alternatives.hpp"
#include "contests.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::size_t calls_prepared = std::size_t{1} << 19;
constexpr std::int64_t new_keys = 100'000;

// The stores under comparison, each with the same interface and the same entries.
class Holdfast {
 public:
  struct Call {
    Namespace ns;
    std::string key;
  };
  [[nodiscard]] static Call call(std::uint64_t entry) {
    return {Namespace(namespace_text(entry)), key_text(entry)};
  }
  [[nodiscard]] auto get(const Call& call) { return memory_.get(call.ns, call.key); }
  // Each of them copies the text once, into what it keeps.
  void set(const Call& call, const std::string& text) {
    memory_.set(call.ns, call.key, MemoryValue::from_canonical(SharedText::of_static(text)));
  }

 private:
  Memory memory_ = open_in_memory();
};

template <typename Map>
class ByWholeKey {
 public:
  using Call = std::string;
  [[nodiscard]] static Call call(std::uint64_t entry) { return whole_key(entry); }
  [[nodiscard]] auto get(const Call& call) { return map_.get(call); }
  void set(const Call& call, const std::string& text) { map_.set(call, text); }

 private:
  Map map_;
};

template <typename Contestant>
void fill(Contestant& store, std::uint64_t entries) {
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    store.set(Contestant::call(entry), value_text(value_bytes, entry));
  }
}

// One for each contestant and size, made when it is first asked for.
template <typename Contestant>
Contestant& filled(std::uint64_t entries) {
  static std::uint64_t filled_with = 0;
  static std::unique_ptr<Contestant> store;
  if (store == nullptr || filled_with != entries) {
    store = std::make_unique<Contestant>();
    fill(*store, entries);
    filled_with = entries;
  }
  return *store;
}

// The calls that a thread makes, in turn.
template <typename Contestant>
std::vector<typename Contestant::Call> calls(Keys keys, std::uint64_t entries, int thread) {
  std::vector<typename Contestant::Call> prepared;
  prepared.reserve(calls_prepared);
  const auto seed = static_cast<std::uint64_t>(thread) + 1;
  for (const std::uint32_t entry : picks(keys, entries, calls_prepared, seed)) {
    prepared.push_back(Contestant::call(entry));
  }
  return prepared;
}

const std::vector<std::string>& texts_to_write() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < 10'000; ++i)
      made.push_back(value_text(value_bytes, 7'000'000 + i));
    return made;
  }();
  return texts;
}

template <typename Contestant>
void get(benchmark::State& state, Keys keys, std::uint64_t entries) {
  if (state.thread_index() == 0) filled<Contestant>(entries);
  const auto prepared = calls<Contestant>(keys, entries, state.thread_index());
  std::size_t next = 0;
  std::int64_t missing = 0;
  Contestant* store = nullptr;
  for (auto _ : state) {
    // Filled by the first thread before any passes the start of the loop.
    if (store == nullptr) store = &filled<Contestant>(entries);
    const auto found = store->get(prepared[next]);
    missing += found ? 0 : 1;
    next = (next + 1) & (calls_prepared - 1);
  }
  if (missing > 0) state.SkipWithError("an entry is missing");
  state.SetItemsProcessed(state.iterations());
}

template <typename Contestant>
void overwrite(benchmark::State& state, Keys keys, std::uint64_t entries) {
  if (state.thread_index() == 0) filled<Contestant>(entries);
  const auto prepared = calls<Contestant>(keys, entries, state.thread_index());
  const auto& texts = texts_to_write();
  std::size_t next = 0;
  std::size_t text = static_cast<std::size_t>(state.thread_index()) * 17;
  Contestant* store = nullptr;
  for (auto _ : state) {
    if (store == nullptr) store = &filled<Contestant>(entries);
    store->set(prepared[next], texts[text % texts.size()]);
    ++text;
    next = (next + 1) & (calls_prepared - 1);
  }
  state.SetItemsProcessed(state.iterations());
}

// So many new keys beside the entries that are there, and away again.
template <typename Contestant>
void set_new(benchmark::State& state, std::uint64_t entries) {
  Contestant store;
  fill(store, entries);
  std::vector<typename Contestant::Call> prepared;
  for (std::int64_t i = 0; i < new_keys; ++i) {
    prepared.push_back(Contestant::call(entries + static_cast<std::uint64_t>(i)));
  }
  const auto& texts = texts_to_write();
  std::size_t next = 0;
  for (auto _ : state) {
    store.set(prepared[next], texts[next % texts.size()]);
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}

std::string contest(const char* operation, Keys keys, std::uint64_t entries) {
  return std::string("in_memory/") + operation + '/' + std::string(to_string(keys)) + "/200B/" +
         std::to_string(entries);
}

template <typename Contestant>
void register_for(const std::string& name, std::uint64_t entries) {
  for (const Keys keys : {Keys::uniform, Keys::zipf}) {
    register_contestant(contest("get", keys, entries), name,
                        [=](benchmark::State& state) { get<Contestant>(state, keys, entries); })
        ->Threads(1)
        ->Threads(2);
    register_contestant(
        contest("set", keys, entries), name,
        [=](benchmark::State& state) { overwrite<Contestant>(state, keys, entries); })
        ->Threads(1)
        ->Threads(2);
  }
  register_contestant("in_memory/set_new/200B/" + std::to_string(entries), name,
                      [=](benchmark::State& state) { set_new<Contestant>(state, entries); })
      ->Iterations(new_keys);
}

}  // namespace

void register_points(std::uint64_t entries) {
  register_for<Holdfast>("holdfast", entries);
  register_for<ByWholeKey<ShardedMap>>("absl_shared_ptr", entries);
  register_for<ByWholeKey<OneMap>>("unordered_map_shared_mutex", entries);
}

}  // namespace holdfast::bench
