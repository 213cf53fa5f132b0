// Overwriting one by one, and batches.
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "client.hpp"
#include "contests.hpp"
#include "place.hpp"
#include "support/contest.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::size_t batch_entries = 1'000;
constexpr std::size_t calls_prepared = std::size_t{1} << 14;
constexpr std::size_t batches_prepared = 16;
constexpr int sets_before = 100;
constexpr int batches_before = 3;
constexpr std::int64_t new_batches = 30;

struct Target {
  Namespace ns;
  std::string key;
};

// Texts that are not there yet, in turn. For one thread.
class Texts {
 public:
  Texts() {
    static std::atomic<std::uint64_t> made{1'000'000'000};
    for (std::size_t i = 0; i < calls_prepared; ++i) {
      texts_.push_back(value_text(value_bytes, ++made));
    }
  }
  [[nodiscard]] const std::string& next() { return texts_[next_++ % texts_.size()]; }

 private:
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

std::vector<Target> targets(std::uint64_t entries, int thread) {
  std::vector<Target> made;
  const auto seed = static_cast<std::uint64_t>(thread) + 100;
  for (const std::uint32_t entry : picks(Keys::uniform, entries, calls_prepared, seed)) {
    made.push_back({namespace_text(entry), key_text(entry)});
  }
  return made;
}

class Holdfast {
 public:
  explicit Holdfast(Place& place) : memory_(place.memory()) {}
  void set(const Target& target, const std::string& text) {
    memory_.set(target.ns, target.key, MemoryValue::from_canonical(SharedText::of_static(text)));
  }
  void write(const std::vector<Target>& batch, Texts& texts) {
    WriteBatch writes;
    for (const Target& target : batch) {
      writes.set(target.ns, target.key,
                 MemoryValue::from_canonical(SharedText::of_static(texts.next())));
    }
    if (!memory_.write(writes).applied) throw std::runtime_error("a batch was not applied");
  }

 private:
  Memory& memory_;
};

class Libpq {
 public:
  explicit Libpq(Place& place) : client_(place.schema()) {}
  void set(const Target& target, const std::string& text) {
    client_.set(target.ns.text(), target.key, text);
  }
  void write(const std::vector<Target>& batch, Texts& texts) {
    TextArray namespaces(batch.size());
    TextArray keys(batch.size());
    TextArray values(batch.size());
    for (const Target& target : batch) {
      namespaces.add(target.ns.text());
      keys.add(target.key);
      values.add(texts.next());
    }
    if (client_.set_many(namespaces, keys, values).size() != batch.size()) {
      throw std::runtime_error("a batch was not applied");
    }
  }

 protected:
  Client client_;
};

class LibpqCopy : public Libpq {
 public:
  using Libpq::Libpq;
  void write(const std::vector<Target>& batch, Texts& texts) {
    constexpr std::size_t most_bytes_a_row = 512;
    std::string rows("PGCOPY\n\377\r\n\0", 11);
    rows.reserve(batch.size() * most_bytes_a_row);
    append_int32(rows, 0);
    append_int32(rows, 0);
    const std::int64_t now = now_ms();
    std::int64_t revision = client_.take_revisions() - static_cast<std::int64_t>(batch.size());
    for (const Target& target : batch) add_row(rows, target, texts.next(), ++revision, now);
    append_int16(rows, -1);
    client_.copy(rows);
  }

 private:
  static void append_int16(std::string& rows, int number) {
    rows += static_cast<char>(number >> 8);
    rows += static_cast<char>(number);
  }
  static void add_text(std::string& rows, std::string_view text) {
    append_int32(rows, static_cast<std::int32_t>(text.size()));
    rows += text;
  }
  static void add_row(std::string& rows, const Target& target, const std::string& text,
                      std::int64_t revision, std::int64_t now) {
    constexpr int columns = 9;
    append_int16(rows, columns);
    add_text(rows, target.ns.text());
    add_text(rows, target.key);
    for (const std::int64_t number : {revision, revision, now, now}) {
      append_int32(rows, sizeof number);
      append_int64(rows, number);
    }
    append_int32(rows, -1);  // It does not expire.
    append_int32(rows, 4);
    append_int32(
        rows, static_cast<std::int32_t>(target.ns.text().size() + target.key.size() + text.size()));
    add_text(rows, text);
  }
};

template <typename Contestant>
void overwrite(benchmark::State& state, std::uint64_t entries) {
  const std::vector<Target> calls = targets(entries, state.thread_index());
  Texts texts;
  Contestant contestant(place(value_bytes, entries));
  std::size_t next = 0;
  const auto set = [&] {
    contestant.set(calls[next], texts.next());
    next = (next + 1) % calls_prepared;
  };
  for (int i = 0; i < sets_before; ++i) set();
  for (auto _ : state) set();
  state.SetItemsProcessed(state.iterations());
}

// Batches of different entries, scattered over all.
template <typename Contestant>
void upsert(benchmark::State& state, std::uint64_t entries) {
  constexpr std::uint64_t prime = 7'919;
  std::vector<std::vector<Target>> batches(batches_prepared);
  std::uint64_t entry = 0;
  for (std::vector<Target>& batch : batches) {
    for (std::size_t i = 0; i < batch_entries; ++i) {
      entry = (entry + prime) % entries;
      batch.push_back({namespace_text(entry), key_text(entry)});
    }
  }
  Texts texts;
  Contestant contestant(place(value_bytes, entries));
  std::size_t next = 0;
  const auto write = [&] { contestant.write(batches[next++ % batches_prepared], texts); };
  for (int i = 0; i < batches_before; ++i) write();
  for (auto _ : state) write();
  state.SetItemsProcessed(state.iterations() * std::int64_t{batch_entries});
}

// Batches of entries that are not there yet, in namespaces of their own; they go again afterwards.
template <typename Contestant>
void add_new(benchmark::State& state, std::uint64_t entries) {
  std::vector<std::vector<Target>> batches(batches_before + new_batches);
  std::uint64_t entry = 0;
  for (std::vector<Target>& batch : batches) {
    for (std::size_t i = 0; i < batch_entries; ++i, ++entry) {
      batch.push_back({new_entry_namespace(entry), key_text(entry)});
    }
  }
  Texts texts;
  Place& there = place(value_bytes, entries);
  Contestant contestant(there);
  std::size_t next = 0;
  for (int i = 0; i < batches_before; ++i) contestant.write(batches[next++], texts);
  for (auto _ : state) contestant.write(batches[next++], texts);
  state.SetItemsProcessed(state.iterations() * std::int64_t{batch_entries});
  there.remove_new_entries();
}

template <typename Contestant>
void register_new(const std::string& name, std::uint64_t entries) {
  register_contestant("postgresql/new_1000/200B/" + std::to_string(entries), name,
                      [=](benchmark::State& state) { add_new<Contestant>(state, entries); })
      ->Iterations(new_batches);
}

template <typename Contestant>
void register_for(const std::string& one_by_one, const std::string& batches,
                  std::uint64_t entries) {
  const std::string end = "/200B/" + std::to_string(entries);
  register_contestant("postgresql/set/uniform" + end, one_by_one,
                      [=](benchmark::State& state) { overwrite<Contestant>(state, entries); })
      ->Threads(1)
      ->Threads(8)
      ->Threads(16);
  register_contestant("postgresql/upsert_1000" + end, batches,
                      [=](benchmark::State& state) { upsert<Contestant>(state, entries); });
  register_new<Contestant>(batches, entries);
}

}  // namespace

void register_writes(std::uint64_t entries) {
  register_for<Holdfast>("holdfast", "holdfast", entries);
  register_for<Libpq>("libpq", "libpq_unnest", entries);
  register_new<LibpqCopy>("libpq_copy", entries);
}

}  // namespace holdfast::bench
