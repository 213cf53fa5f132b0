#include "operations.hpp"

#include <stdexcept>

#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::size_t page_entries = 50;
constexpr std::size_t most_calls = 20'000;
constexpr std::size_t warming_calls = 500;
constexpr std::uint64_t expiring_entries = 1'000;

void require(bool holds) {
  if (!holds) throw std::runtime_error("an answer is wrong");
}

MemoryValue value(std::uint64_t version) {
  return MemoryValue::parse(value_text(value_bytes, version));
}

std::uint64_t next_version() {
  static std::uint64_t last = std::uint64_t{1} << 40;
  return ++last;
}

struct At {
  Namespace ns;
  std::string key;
};

std::vector<At> some(const Grown& grown, std::uint64_t seed) {
  std::vector<At> chosen;
  for (const auto entry : picks(Keys::uniform, grown.entries, most_calls + warming_calls, seed)) {
    chosen.push_back({Namespace(namespace_text(entry)), key_text(entry)});
  }
  return chosen;
}

// Calls at places here and there; `call` is given the place and the number of the call.
template <typename Call>
Samples sample_places(const Grown& grown, std::uint64_t seed, const Call& call) {
  const std::vector<At> at = some(grown, seed);
  Sampler sampler(most_calls + warming_calls);
  for (std::size_t i = 0; i < at.size() && sampler.wants_more(); ++i) {
    if (i == warming_calls) sampler.forget();
    sampler.take([&] { call(at[i], i); });
  }
  return std::move(sampler).samples();
}

Samples get(Grown& grown) {
  return sample_places(grown, 1, [&](const At& at, std::size_t) {
    require(grown.memory->get(at.ns, at.key).has_value());
  });
}

Samples get_miss(Grown& grown) {
  return sample_places(grown, 2, [&](const At& at, std::size_t) {
    require(!grown.memory->get(at.ns, "conversation/summary").has_value());
  });
}

Samples overwrite(Grown& grown) {
  std::vector<MemoryValue> values;
  for (std::size_t i = 0; i < most_calls + warming_calls; ++i) {
    values.push_back(value(next_version()));
  }
  return sample_places(grown, 3, [&](const At& at, std::size_t i) {
    require(grown.memory->set(at.ns, at.key, values[i]).status == WriteStatus::updated);
  });
}

// A new key in a namespace that is there, and away again, which is measured on its own.
Samples set_new_or_erase(Grown& grown, bool erasing) {
  const std::vector<At> at = some(grown, 4);
  Sampler sampler(most_calls / 4);
  for (std::size_t i = 0; i < at.size() && sampler.wants_more(); ++i) {
    const std::string key = "conversation/note/" + std::to_string(i);
    const MemoryValue given = value(next_version());
    const auto set = [&] {
      require(grown.memory->set(at[i].ns, key, given).status == WriteStatus::created);
    };
    const auto erase = [&] {
      require(grown.memory->erase(at[i].ns, key).status == WriteStatus::erased);
    };
    if (erasing) {
      set();
      sampler.take(erase);
    } else {
      sampler.take(set);
      erase();
    }
  }
  return std::move(sampler).samples();
}

Samples page(Grown& grown, OrderBy order) {
  MemoryQuery query;
  query.order = order;
  if (order == OrderBy::created) query.direction = Direction::descending;
  query.limit = page_entries;
  return sample_places(grown, 5, [&](const At& at, std::size_t) {
    query.scope.ns = at.ns;
    require(grown.memory->query(query).entries.size() == page_entries);
  });
}

// The first page of all entries, and those after it.
Samples page_of_all(Grown& grown) {
  MemoryQuery query{.scope = {Namespace(), true}, .limit = page_entries};
  Sampler sampler(most_calls);
  while (sampler.wants_more()) {
    sampler.take([&] {
      Page page = grown.memory->query(query);
      require(!page.entries.empty());
      query.cursor = std::move(page.cursor);
    });
  }
  return std::move(sampler).samples();
}

Samples list_namespaces(Grown& grown) {
  NamespaceQuery query{.limit = page_entries};
  Sampler sampler(most_calls);
  while (sampler.wants_more()) {
    sampler.take([&] {
      NamespacePage page = grown.memory->list_namespaces(query);
      require(!page.namespaces.empty());
      query.cursor = std::move(page.cursor);
    });
  }
  return std::move(sampler).samples();
}

Samples count_namespace(Grown& grown) {
  return sample_places(grown, 6, [&](const At& at, std::size_t) {
    require(grown.memory->count(Scope(at.ns)) == entries_of_namespace);
  });
}

// A call without arguments that matter.
template <typename Call>
Samples sample_repeated(const Call& call) {
  Sampler sampler(2'000);
  while (sampler.wants_more()) sampler.take(call);
  return std::move(sampler).samples();
}

Samples count_all(Grown& grown) {
  return sample_repeated(
      [&] { require(grown.memory->count(Scope(Namespace(), true)) == grown.entries); });
}

Samples stats(Grown& grown) {
  return sample_repeated([&] { require(grown.memory->stats().entries == grown.entries); });
}

// A namespace of a hundred entries, which are written again afterwards.
Samples clear(Grown& grown) {
  Sampler sampler(200);
  for (const auto picked : picks(Keys::uniform, grown.entries, 200, 7)) {
    if (!sampler.wants_more()) break;
    const Namespace ns(namespace_text(picked));
    sampler.take([&] { require(grown.memory->clear(Scope(ns)) == entries_of_namespace); });
    const std::uint64_t first = picked - picked % entries_of_namespace;
    load(*grown.memory, first, first + entries_of_namespace);
  }
  return std::move(sampler).samples();
}

// A thousand expired entries in namespaces here and there.
Samples sweep(Grown& grown) {
  Sampler sampler(24);
  std::uint64_t seed = 8;
  while (sampler.wants_more()) {
    WriteBatch batch;
    std::uint64_t i = 0;
    for (const auto entry : picks(Keys::uniform, grown.entries, expiring_entries, ++seed)) {
      batch.set(Namespace(namespace_text(entry)), "expiring/" + std::to_string(i++),
                value(next_version()), {.ttl = Ttl(std::chrono::seconds(60))});
    }
    require(grown.memory->write(batch).applied);
    grown.clock->forward(std::chrono::seconds(61));
    sampler.take([&] { require(grown.memory->sweep() == expiring_entries); });
  }
  return std::move(sampler).samples();
}

}  // namespace

void load(Memory& memory, std::uint64_t from, std::uint64_t until) {
  constexpr std::size_t batch_entries = 5'000;
  WriteBatch batch;
  for (std::uint64_t entry = from; entry < until; ++entry) {
    batch.set(Namespace(namespace_text(entry)), key_text(entry), value(entry));
    if (batch.size() < batch_entries && entry + 1 < until) continue;
    require(memory.write(batch).applied);
    batch.clear();
  }
}

std::vector<Operation> operations() {
  return {
      {"get", get},
      {"get_miss", get_miss},
      {"set_overwrite", overwrite},
      {"set_new", [](Grown& grown) { return set_new_or_erase(grown, false); }},
      {"erase", [](Grown& grown) { return set_new_or_erase(grown, true); }},
      {"page_by_key", [](Grown& grown) { return page(grown, OrderBy::key); }},
      {"page_newest", [](Grown& grown) { return page(grown, OrderBy::created); }},
      {"page_of_all_by_key", page_of_all},
      {"list_namespaces", list_namespaces},
      {"count_namespace", count_namespace},
      {"count_all", count_all},
      {"stats", stats},
      {"clear_namespace", clear},
      {"sweep_1000", sweep},
  };
}

}  // namespace holdfast::bench
