// Calls of stores.
#include <filesystem>
#include <holdfast/in_memory.hpp>
#include <holdfast/sqlite.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "scenarios.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::uint64_t small_store = 10'000;
constexpr std::uint64_t large_store = 300'000;
constexpr std::size_t page_entries = 50;

using Open = std::function<Memory()>;

struct Place {
  Namespace ns;
  std::string key;
};

Place place(std::uint64_t entry) { return {Namespace(namespace_text(entry)), key_text(entry)}; }

MemoryValue value(std::uint64_t version) {
  return MemoryValue::parse(value_text(value_bytes, version));
}

std::shared_ptr<Memory> filled(const Open& open, std::uint64_t entries) {
  auto memory = std::make_shared<Memory>(open());
  WriteBatch batch;
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    const Place at = place(entry);
    batch.set(at.ns, at.key, value(entry));
    if (batch.size() < 1'000 && entry + 1 < entries) continue;
    require(memory->write(batch).applied);
    batch.clear();
  }
  return memory;
}

// Entries of `entries`, here and there.
std::vector<Place> places(std::uint64_t count, std::uint64_t entries) {
  std::vector<Place> chosen;
  for (std::uint64_t i = 0; i < count; ++i) chosen.push_back(place(i * 7'919 % entries));
  return chosen;
}

std::vector<MemoryValue> values(std::uint64_t count, std::uint64_t first) {
  std::vector<MemoryValue> made;
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(value(first + i));
  return made;
}

Scenario get(const std::string& name, const Open& open, std::uint64_t entries,
             std::uint64_t count) {
  return {name, count, [=]() -> Measured {
            const auto memory = filled(open, entries);
            return [memory, asked = places(count, entries)](std::uint64_t /*round*/) {
              for (const Place& at : asked) require(memory->get(at.ns, at.key).has_value());
            };
          }};
}

Scenario get_miss(const std::string& store, const Open& open, std::uint64_t count) {
  return {store + "/get_miss", count, [=]() -> Measured {
            const auto memory = filled(open, small_store);
            std::vector<Place> asked = places(count, small_store);
            for (Place& at : asked) at.key += '?';
            return [memory, asked = std::move(asked)](std::uint64_t /*round*/) {
              for (const Place& at : asked) require(!memory->get(at.ns, at.key).has_value());
            };
          }};
}

Scenario overwrite(const std::string& store, const Open& open, std::uint64_t count) {
  return {store + "/set_overwrite", count, [=]() -> Measured {
            const auto memory = filled(open, small_store);
            return [memory, count, at = places(count, small_store),
                    given = values(2 * count, 1'000'000)](std::uint64_t round) {
              for (std::uint64_t i = 0; i < count; ++i) {
                const WriteResult result =
                    memory->set(at[i].ns, at[i].key, given[round * count + i]);
                require(result.status == WriteStatus::updated);
              }
            };
          }};
}

Scenario set_new(const std::string& store, const Open& open, std::uint64_t count) {
  return {store + "/set_new", count, [=]() -> Measured {
            const auto memory = filled(open, small_store);
            std::vector<Place> at;
            for (std::uint64_t i = 0; i < 2 * count; ++i) at.push_back(place(small_store + i));
            return [memory, count, at = std::move(at),
                    given = values(2 * count, 1'000'000)](std::uint64_t round) {
              for (std::uint64_t i = round * count; i < (round + 1) * count; ++i) {
                const WriteResult result = memory->set(at[i].ns, at[i].key, given[i]);
                require(result.status == WriteStatus::created);
              }
            };
          }};
}

Scenario page(const std::string& name, const Open& open, std::uint64_t entries, OrderBy order,
              std::uint64_t count) {
  return {name, count, [=]() -> Measured {
            const auto memory = filled(open, entries);
            std::vector<MemoryQuery> queries;
            for (const Place& at : places(count, entries)) {
              MemoryQuery& query = queries.emplace_back();
              query.scope = Scope(at.ns);
              query.order = order;
              if (order == OrderBy::created) query.direction = Direction::descending;
              query.limit = page_entries;
            }
            return [memory, queries = std::move(queries)](std::uint64_t /*round*/) {
              for (const MemoryQuery& query : queries) {
                require(memory->query(query).entries.size() == page_entries);
              }
            };
          }};
}

// Half of the entries are new, half are overwritten. Making the batch is not counted.
Scenario batch(const std::string& store, const Open& open, std::uint64_t size) {
  return {store + "/batch_of_" + std::to_string(size), size, [=]() -> Measured {
            const auto memory = filled(open, small_store);
            auto batches = std::make_shared<std::vector<WriteBatch>>(2);
            for (std::uint64_t i = 0; i < 2 * size; ++i) {
              const Place at = place(i % 2 == 0 ? i : small_store + i);
              (*batches)[i / size].set(at.ns, at.key, value(1'000'000 + i));
            }
            return [memory, batches](std::uint64_t round) {
              require(memory->write((*batches)[round]).applied);
            };
          }};
}

}  // namespace

void require(bool holds) {
  if (!holds) throw std::runtime_error("the scenario did not do what it is named for");
}

std::vector<Scenario> in_memory_scenarios() {
  const std::string store = "in_memory";
  const Open open = [] { return open_in_memory(); };
  return {get(store + "/get", open, small_store, 2'000),
          get_miss(store, open, 2'000),
          overwrite(store, open, 1'000),
          set_new(store, open, 1'000),
          page(store + "/page_by_key", open, small_store, OrderBy::key, 100),
          in_memory_scenarios_of(large_store).front(),
          page(store + "/page_newest", open, small_store, OrderBy::created, 100),
          batch(store, open, 1'000)};
}

std::vector<Scenario> in_memory_scenarios_of(std::uint64_t entries) {
  const Open open = [] { return open_in_memory(); };
  const std::string of = "_of_" + std::to_string(entries);
  return {page("in_memory/page_by_key" + of, open, entries, OrderBy::key, 100),
          get("in_memory/get" + of, open, entries, 2'000)};
}

std::vector<Scenario> sqlite_scenarios(const std::string& folder) {
  const std::string store = "sqlite";
  const Open open = [folder] {
    return open_sqlite({.path = (std::filesystem::path(folder) / "counted.db").string(),
                        .durability = SqliteDurability::normal});
  };
  return {get(store + "/get", open, small_store, 500), overwrite(store, open, 200),
          page(store + "/page_by_key", open, small_store, OrderBy::key, 50),
          batch(store, open, 100)};
}

}  // namespace holdfast::bench
