#include "operations.hpp"

#include <array>
#include <utility>

#include "vfs/older_format.hpp"

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours long_ttl{1};
const char* const notes = "notes/1";

std::string text_of(const WriteResult& result) {
  return std::to_string(static_cast<int>(result.status)) + " at " + std::to_string(result.revision);
}

std::string text_of(const std::optional<Entry>& entry) {
  if (!entry) return "nothing\n";
  return std::string(entry->ns.text()) + ":" + entry->key + " = " +
         std::string(entry->value.json_text()) + " of " + std::to_string(entry->revision) + "\n";
}

template <typename Entries>
std::string text_of_all(const Entries& entries) {
  std::string text;
  for (const auto& entry : entries) text += text_of(std::optional<Entry>(entry));
  return text;
}

MemoryQuery query_of(OrderBy order) {
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = order;
  query.limit = 10'000;
  return query;
}

std::string text_of(const SearchPage& page) {
  std::string text;
  for (const SearchHit& hit : page.hits) {
    text += text_of(std::optional(hit.entry)) + " scores " + std::to_string(hit.score);
  }
  return text;
}

std::string text_of_changes(Memory& memory) {
  std::string text;
  for (const Change& change : memory.changes(0, 10'000).changes) {
    text += std::string(change.address.ns.text()) + ":" + change.address.key +
            (change.record ? " is there\n" : " is gone\n");
  }
  return text;
}

SearchQuery bicycles() {
  SearchQuery query;
  query.scope = {"talk", true};
  query.text = "bicycle";
  return query;
}

VectorQuery near_x() {
  VectorQuery query;
  query.scope = {"talk", true};
  query.vector = {1, 0, 0};
  return query;
}

std::string words(const std::vector<Namespace>& namespaces) {
  std::string text;
  for (const Namespace& ns : namespaces) text += std::string(ns.text()) + " ";
  return text;
}

SearchConfig searchable() {
  SearchConfig config = SearchConfig::texts({""});
  config.embedding = SearchEmbedding{"m", 3};
  return config;
}

std::string put_vectors(Memory& memory) {
  std::vector<EntryVector> vectors;
  for (const Entry& entry : memory.without_vector({"talk", true}, 100)) {
    vectors.push_back({{entry.ns, entry.key}, entry.revision, {1, 2, 3}});
  }
  return vectors.empty() ? "" : std::to_string(memory.put_vectors(vectors));
}

std::string batch(Memory& memory) {
  WriteBatch batch;
  for (int i = 0; i < 30; ++i) batch.set("batch", std::to_string(i), std::string(900, 'b'));
  batch.erase(notes, "3").increment("counters", "n", 2).touch(notes, "4", long_ttl);
  batch.set("talk/1", "new", "yet another bicycle");
  const BatchResult result = memory.write(batch);
  std::string text;
  for (const WriteResult& each : result.results) text += text_of(each) + "\n";
  return text;
}

std::string transact(Memory& memory) {
  std::string seen;
  memory.transaction([&](Transaction& transaction) {
    seen = transaction.get(notes, "5").value_or(MemoryValue("nothing")).json_text();
    transaction.set("transaction", "k", seen);
    static_cast<void>(transaction.erase(notes, "6"));
    static_cast<void>(transaction.increment("counters", "n", 3));
  });
  return seen;
}

std::string restore(Memory& memory) {
  Entry entry;
  entry.ns = "restored";
  entry.key = "k";
  entry.value = "v";
  memory.restore(std::array{entry}, RestoreRevisions::assign);
  return {};
}

std::string restore_with_note(Memory& memory) {
  Record record;
  record.value = "put";
  const std::vector<RestoreOp> ops{
      {.address = {notes, "0"}, .record = &record, .created_rank = 0, .rank = 0},
      {.kind = RestoreOp::Kind::erase, .address = {notes, "3"}, .created_rank = 1, .rank = 1}};
  const Note note{"progress", "at the second step"};
  memory.restore(RestoreBatch{.ops = ops, .ranks = 2, .note = &note});
  return {};
}

std::string backup(Memory& memory, const fs::path& folder) {
  memory.maintenance().backup((folder / "copy.db").string(), {}, {});
  return {};
}

// Health is told and not thrown.
std::string ask_health(Memory& memory) {
  const Health health = memory.health();
  if (health.ok) return {};
  // The code is the store's own affair here; the words are not.
  const bool full = health.message.find("full") != std::string::npos;
  throw Error(full ? ErrorCode::resource_exhausted : ErrorCode::unavailable, health.message);
}

std::string integrity(Memory& memory) {
  const auto report = memory.maintenance().check_integrity({});
  return report.ok ? "" : report.problems.at(0);
}

using Call = std::string (*)(Memory&);

Operation operation(std::string name, Call call) {
  return {std::move(name), [call](Memory& memory, const fs::path&) { return call(memory); }};
}

std::vector<Operation> reads() {
  return {
      operation("get", [](Memory& m) { return text_of(m.get_entry(notes, "1")); }),
      operation("get of a large value",
                [](Memory& m) { return text_of(m.get_entry("large", "1")); }),
      operation("exists", [](Memory& m) { return std::to_string(m.exists(notes, "1")); }),
      operation("get_many",
                [](Memory& m) {
                  const std::vector<std::string> keys{"1", "none", "2", "1"};
                  std::string text;
                  for (const auto& entry : m.get_many(notes, keys)) text += text_of(entry);
                  return text;
                }),
      operation("query by key",
                [](Memory& m) { return text_of_all(m.query(query_of(OrderBy::key)).entries); }),
      operation("query by revision",
                [](Memory& m) { return text_of_all(m.query(query_of(OrderBy::updated)).entries); }),
      operation("scan",
                [](Memory& m) {
                  std::string text;
                  m.scan(query_of(OrderBy::created), [&](const ScanRow& row) {
                    text += std::string(row.address.key) + " ";
                    return true;
                  });
                  return text;
                }),
      operation("count",
                [](Memory& m) {
                  return std::to_string(m.count({"notes", true}));
                }),
      operation("list_namespaces", [](Memory& m) { return words(m.list_namespaces().namespaces); }),
      operation("stats", [](Memory& m) { return std::to_string(m.stats().entries); }),
      operation("health", ask_health),
      operation("stable_revision", [](Memory& m) { return std::to_string(m.stable_revision()); }),
      operation("changes", text_of_changes),
      operation("note", [](Memory& m) { return m.note("progress").value_or("none"); }),
      operation("search", [](Memory& m) { return text_of(m.search(bicycles())); }),
      operation("search_configurations",
                [](Memory& m) { return std::to_string(m.search_configurations().size()); }),
      operation("check_search",
                [](Memory& m) { return std::to_string(m.check_search("talk").problems.size()); }),
      operation("nearest", [](Memory& m) { return text_of(m.nearest(near_x())); }),
      operation("without_vector",
                [](Memory& m) {
                  return text_of_all(m.without_vector({"talk", true}));
                }),
      operation("check_integrity", integrity),
  };
}

std::vector<Operation> writes() {
  return {
      operation("set", [](Memory& m) { return text_of(m.set("new", "k", "v")); }),
      operation("set of a large value",
                [](Memory& m) { return text_of(m.set("large", "1", std::string(60'000, 'n'))); }),
      operation("erase", [](Memory& m) { return text_of(m.erase(notes, "1")); }),
      operation("take", [](Memory& m) { return text_of(m.take(notes, "2")); }),
      operation("increment",
                [](Memory& m) { return std::to_string(m.increment("counters", "n")); }),
      operation("touch", [](Memory& m) { return std::to_string(m.touch(notes, "4", long_ttl)); }),
      operation(
          "read that refreshes",
          [](Memory& m) { return text_of(m.get_entry(notes, "4", {.refresh_ttl = long_ttl})); }),
      operation("update",
                [](Memory& m) {
                  return text_of(m.update(
                      notes, "7", [](const Record*) { return std::optional<MemoryValue>("u"); }));
                }),
      operation("batch", batch),
      operation("transaction", transact),
      operation("clear",
                [](Memory& m) {
                  return std::to_string(m.clear({"notes", true}));
                }),
      operation("sweep", [](Memory& m) { return std::to_string(m.sweep()); }),
      operation("restore", restore),
      operation("restore with a note", restore_with_note),
      operation("configure_search",
                [](Memory& m) {
                  m.configure_search("notes", searchable());
                  return std::string();
                }),
      operation("remove_search", [](Memory& m) { return std::to_string(m.remove_search("talk")); }),
      operation("reindex", [](Memory& m) { return std::to_string(m.reindex("talk")); }),
      operation("put_vectors", put_vectors),
      operation("erase_subject",
                [](Memory& m) {
                  static_cast<void>(m.erase_subject("talk"));
                  return std::string();
                }),
      operation("compact",
                [](Memory& m) {
                  m.maintenance().compact({});
                  return std::string();
                }),
      operation("checkpoint",
                [](Memory& m) {
                  m.maintenance().checkpoint({});
                  return std::string();
                }),
      {"backup", backup},
  };
}

}  // namespace

std::vector<Operation> all_operations() {
  std::vector<Operation> all = reads();
  for (Operation& each : writes()) all.push_back(std::move(each));
  return all;
}

SqliteOptions store_options(const fs::path& folder, Writing writing) {
  SqliteOptions options;
  if (writing == Writing::normal) options.durability = SqliteDurability::normal;
  options.secure_erase = writing == Writing::secure_erase;
  options.path = (folder / store_name).string();
  options.clock = std::make_shared<ManualClock>();
  options.change_log = true;
  options.readers = 2;
  options.page_cache_bytes = std::uint64_t{64} << 10;
  options.busy_timeout = std::chrono::milliseconds(200);
  return options;
}

void fill_store(const fs::path& folder) {
  Memory memory = open_sqlite(store_options(folder));
  memory.configure_search("talk", searchable());
  WriteBatch batch;
  for (int i = 0; i < 60; ++i) {
    const std::string key = std::to_string(i);
    batch.set("notes/" + std::to_string(i % 3), key, "note " + std::string(200, 'n') + key);
    batch.set(notes, key, i);
  }
  for (int i = 0; i < 4; ++i) {
    batch.set("large", std::to_string(i), std::string(20'000, 'l'));
    batch.set("talk/" + std::to_string(i % 2), std::to_string(i),
              "a bicycle, the " + std::to_string(i) + "th");
  }
  batch.set("counters", "n", 1).erase(notes, "59");
  memory.write(batch);
  static_cast<void>(put_vectors(memory));
  memory.set("talk/0", "awaits", "a bicycle without a vector");
  // Written as of an earlier instant, at which it lived.
  Context earlier;
  earlier.instant = Timestamp(std::chrono::milliseconds(1'600'000'000'000));
  memory.set("expired", "k", "v", {.ttl = long_ttl}, earlier);
  const Note note{"progress", "at the first step"};
  memory.restore(RestoreBatch{.note = &note});
}

std::string everything_shown(Memory& memory) {
  std::string text = text_of_all(memory.query(query_of(OrderBy::created)).entries);
  text += "changes:\n" + text_of_changes(memory);
  if (memory.capabilities().restore) {
    text += "note: " + memory.note("progress").value_or("none") + "\n";
  }
  text += "entries " + std::to_string(memory.stats().entries) + "\n";
  for (const SearchConfiguration& each : memory.search_configurations()) {
    text += "searchable: " + std::string(each.ns.text()) + "\n";
    if (each.ns == Namespace("talk")) {
      text += text_of(memory.search(bicycles())) + text_of(memory.nearest(near_x()));
    }
  }
  return text;
}

std::vector<Opening> all_openings() {
  const auto older = [](const fs::path& folder) {
    fill_store(folder);
    take_back_to_version_2(folder / store_name);
  };
  const auto killed = [](const fs::path& folder) {
    const fs::path running = folder / "running";
    fs::create_directory(running);
    fill_store(running);
    {
      Memory memory = open_sqlite(store_options(running));
      for (int i = 0; i < 5; ++i) memory.set("killed", std::to_string(i), std::string(3000, 'k'));
      for (const char* name : {"store.db", "store.db-wal"}) {
        fs::copy_file(running / name, folder / name);
      }
    }
    fs::remove_all(running);
  };
  return {{"a new store", [](const fs::path&) {}},
          {"a store", fill_store},
          {"a store to be read only", fill_store, true},
          {"a store of an older format", older},
          {"a store whose process was killed", killed}};
}

}  // namespace holdfast::fault_tests
