#include "place.hpp"

#include <holdfast/postgresql.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "postgresql_server.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t connections = 16;
constexpr std::uint64_t filled_at_once = 5'000;

testing::PostgresqlServer& server() {
  static testing::PostgresqlServer server(
      {.settings = {"shared_buffers = 2GB", "checkpoint_timeout = 1h", "max_wal_size = 16GB"}});
  return server;
}

std::string store_schema(std::size_t value_bytes, std::uint64_t entries) {
  return "store_" + std::to_string(value_bytes) + "_" + std::to_string(entries);
}

}  // namespace

std::string server_url() { return server().url(); }
std::string execute(const std::string& sql) { return server().execute(sql); }

Memory open_in(const std::string& schema) {
  return open_postgresql({.connection = server_url(), .schema = schema, .pool_size = connections});
}

std::string new_entry_namespace(std::uint64_t entry) {
  const std::string text = namespace_text(entry);
  return new_root + text.substr(text.find('/'));
}

Place::Place(std::size_t value_bytes, std::uint64_t entries)
    : schema_(store_schema(value_bytes, entries)),
      raw_schema_("raw_" + schema_),
      memory_(open_in(schema_)) {
  fill(value_bytes, entries);
  execute("CREATE SCHEMA " + raw_schema_);
  // Each number stands for a row of them, as a copy takes them.
  execute("CREATE SEQUENCE " + raw_schema_ + ".revision INCREMENT 1024 START 10000000000");
  execute("CREATE TABLE " + raw_schema_ + ".entry (LIKE " + schema_ + ".entry INCLUDING ALL)");
  execute("INSERT INTO " + raw_schema_ + ".entry SELECT * FROM " + schema_ + ".entry");
  for (const std::string& schema : {schema_, raw_schema_}) {
    execute("VACUUM ANALYZE " + schema + ".entry");
  }
  execute("CHECKPOINT");
}

void Place::fill(std::size_t value_bytes, std::uint64_t entries) {
  for (std::uint64_t first = 0; first < entries; first += filled_at_once) {
    WriteBatch batch;
    for (std::uint64_t entry = first; entry < std::min(entries, first + filled_at_once); ++entry) {
      batch.set(namespace_text(entry), key_text(entry),
                MemoryValue::parse(value_text(value_bytes, entry)));
    }
    memory_.write(batch);
  }
}

void Place::remove_new_entries() {
  memory_.clear({Namespace(new_root), true});
  const std::string table = raw_schema_ + ".entry";
  execute("DELETE FROM " + table + " WHERE namespace >= '" + new_root + "' AND namespace < '" +
          new_root + "0'");
  for (const std::string& schema : {schema_, raw_schema_}) execute("VACUUM " + schema + ".entry");
}

Place& place(std::size_t value_bytes, std::uint64_t entries) {
  static std::mutex mutex;
  static std::map<std::pair<std::size_t, std::uint64_t>, std::unique_ptr<Place>> places;
  const std::lock_guard lock(mutex);
  static_cast<void>(server());  // Lives longer than the stores in it.
  std::unique_ptr<Place>& there = places[{value_bytes, entries}];
  if (there == nullptr) there = std::make_unique<Place>(value_bytes, entries);
  return *there;
}

}  // namespace holdfast::bench
