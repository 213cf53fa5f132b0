// Writes: single entries, new ones, batches, and many threads at once. The numbers of iterations
// are fixed, so that every contestant's log grows alike.
#include <atomic>

#include "contestants.hpp"
#include "contests.hpp"
#include "support/contest.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::size_t batch_entries = 1'000;
constexpr std::int64_t batches = 10;
constexpr std::size_t calls_to_warm_up = 100;

std::string text_of(Syncs syncs) { return syncs == Syncs::full ? "full" : "normal"; }
std::int64_t sets(Syncs syncs) { return syncs == Syncs::full ? 2'000 : 5'000; }
std::int64_t sets_of_thread(int threads) { return 8'000 / threads; }

// The number of the next entries that no run of this contestant has written yet.
template <typename Contestant>
std::uint64_t take_new_entries(std::uint64_t entries, std::uint64_t count) {
  static std::map<std::uint64_t, std::uint64_t> taken;
  std::uint64_t& next = taken[entries];
  next += count;
  return entries + next - count;
}

// Overwrites, one by one, by one thread or by many.
template <typename Contestant>
void overwrite(benchmark::State& state, Keys keys, Syncs syncs, const Size& size) {
  Contestant store(size, syncs);
  static std::atomic<std::size_t> turn{0};  // Other entries each time.
  const auto asked = addresses(keys, size.entries, state.thread_index());
  const auto count = static_cast<std::size_t>(state.max_iterations);
  const auto texts = new_texts(value_bytes, count + calls_to_warm_up);
  std::size_t next = turn.fetch_add(7'919);
  std::size_t text = 0;
  const auto set_next = [&] {
    store.set((*asked)[next & (addresses_prepared - 1)], texts[text]);
    ++next;
    ++text;
  };
  while (text < calls_to_warm_up) set_next();
  for (auto _ : state) set_next();
  state.SetItemsProcessed(state.iterations());
}

template <typename Contestant>
void set_new(benchmark::State& state, Syncs syncs, const Size& size) {
  Contestant store(size, syncs);
  const auto count = static_cast<std::size_t>(state.max_iterations);
  const auto texts = new_texts(value_bytes, count);
  const std::uint64_t first = take_new_entries<Contestant>(size.entries, count);
  std::vector<Address> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(address_of(first + i));
  std::size_t next = 0;
  for (auto _ : state) {
    store.set(list[next], texts[next]);
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}

// Batches of entries that are there, or that come after all others.
template <typename Contestant>
void write_batches(benchmark::State& state, bool new_entries, const Size& size) {
  Contestant store(size, Syncs::full);
  const auto count = static_cast<std::size_t>(state.max_iterations) * batch_entries;
  const auto texts = new_texts(value_bytes, count);
  std::vector<Address> list;
  if (new_entries) {
    const std::uint64_t first = take_new_entries<Contestant>(size.entries, count);
    for (std::size_t i = 0; i < count; ++i) list.push_back(address_of(first + i));
  } else {
    static std::uint64_t seed = 1'000;
    for (const auto entry : picks(Keys::uniform, size.entries, count, ++seed)) {
      list.push_back(address_of(entry));
    }
  }
  std::vector<typename Contestant::Batch> made;
  for (std::size_t i = 0; i < count; i += batch_entries) {
    made.push_back(Contestant::batch(std::span(list).subspan(i, batch_entries),
                                     std::span(texts).subspan(i, batch_entries)));
  }
  std::size_t next = 0;
  for (auto _ : state) store.write(made[next++]);
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
}

template <typename Contestant>
void register_for(const std::string& name, const Size& size) {
  const Size growing{size.entries, size.value_bytes, true};
  for (const Syncs syncs : {Syncs::full, Syncs::normal}) {
    for (const Keys keys : {Keys::uniform, Keys::zipf}) {
      register_contestant(
          "sqlite/set/" + text_of(syncs) + '/' + std::string(to_string(keys)) + '/' + size.text(),
          name, [=](benchmark::State& state) { overwrite<Contestant>(state, keys, syncs, size); })
          ->Iterations(sets(syncs));
    }
    register_contestant(
        "sqlite/set_new/" + text_of(syncs) + '/' + size.text(), name,
        [=](benchmark::State& state) { set_new<Contestant>(state, syncs, growing); })
        ->Iterations(sets(syncs));
  }
  for (const bool new_entries : {false, true}) {
    register_contestant(
        std::string("sqlite/batch_1000/") + (new_entries ? "new/" : "overwrite/") + size.text(),
        name,
        [=](benchmark::State& state) {
          write_batches<Contestant>(state, new_entries, new_entries ? growing : size);
        })
        ->Iterations(batches);
  }
}

template <typename Contestant>
void register_threads(const std::string& name, const Size& size) {
  for (const int threads : {8, 16}) {
    register_contestant("sqlite/set_by_threads/full/uniform/" + size.text(), name,
                        [=](benchmark::State& state) {
                          overwrite<Contestant>(state, Keys::uniform, Syncs::full, size);
                        })
        ->Iterations(sets_of_thread(threads))
        ->Threads(threads);
  }
}

// Filling a new file: what Capabilities::bulk_batch_ops goes by. Keys that go round the namespaces
// come in no order of the tables, as those of a migration may.
void fill_in_batches(benchmark::State& state, std::size_t batch_size) {
  constexpr std::size_t count = 40'000;
  const auto texts = new_texts(value_bytes, count);
  Memory memory = open_sqlite({.path = new_file()});
  std::vector<WriteBatch> made(1);
  for (std::size_t i = 0; i < count; ++i) {
    if (made.back().size() == batch_size) made.emplace_back();
    const Address address = address_of(i * 7'919 % count);
    made.back().set(address.ns, address.key, value_of(texts[i]));
  }
  for (auto _ : state) {
    for (const WriteBatch& batch : made) memory.write(batch);
  }
  state.SetItemsProcessed(count);
}

}  // namespace

void register_filling() {
  for (const std::size_t batch_size : {100U, 500U, 1'000U, 2'000U, 5'000U, 10'000U}) {
    register_contestant("sqlite/fill/200B/40000", "batches_of_" + std::to_string(batch_size),
                        [=](benchmark::State& state) { fill_in_batches(state, batch_size); })
        ->Iterations(1);
  }
}

void register_writes(std::uint64_t entries) {
  const Size size{entries, value_bytes};
  register_for<Holdfast>("holdfast", size);
  register_for<SameTablesByHand>("c_api", size);
  register_for<KeyValueByHand>("c_api_key_value", size);
  register_threads<Holdfast>("holdfast", size);
  register_threads<MutexByHand>("c_api_mutex", size);
}

}  // namespace holdfast::bench
