// Holdfast's stores, through the same interface.
#include <functional>
#include <holdfast/in_memory.hpp>
#include <holdfast/postgresql.hpp>
#include <holdfast/sqlite.hpp>
#include <memory>

#include "contests.hpp"
#include "postgresql_server.hpp"
#include "support/contest.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::bench {
namespace {

class Holdfast {
 public:
  explicit Holdfast(Memory memory) : memory_(std::move(memory)) {
    for (const std::uint32_t entry : prepared().entries) {
      addresses_.emplace_back(Namespace(namespace_text(entry)), key_text(entry));
    }
    WriteBatch batch;
    for (std::uint64_t entry = 0; entry < redis_entries; ++entry) {
      batch.set(Namespace(namespace_text(entry)), key_text(entry),
                MemoryValue::parse(value_text(redis_value_bytes, entry)));
      if (batch.size() < 1'000) continue;
      require(memory_.write(batch).applied);
      batch.clear();
    }
  }

  void get(std::size_t call) {
    const Address& at = address(call);
    require(memory_.get(at.ns, at.key).has_value());
  }
  void set(std::size_t call) {
    const Address& at = address(call);
    const std::string& text = prepared().texts[call % prepared().texts.size()];
    const MemoryValue value = MemoryValue::from_canonical(SharedText::of_static(text));
    require(memory_.set(at.ns, at.key, value).status == WriteStatus::updated);
  }
  void get_many(std::size_t call) {
    const std::size_t first = call % (places_prepared - keys_at_once);
    const auto found =
        memory_.get_many(std::span<const Address>(addresses_).subspan(first, keys_at_once));
    require(found.size() == keys_at_once && found.front().has_value());
  }
  void newest(std::size_t call) {
    MemoryQuery query;
    query.scope.ns = address(call).ns;
    query.order = OrderBy::created;
    query.direction = Direction::descending;
    query.limit = newest_entries;
    require(memory_.query(query).entries.size() == newest_entries);
  }

 private:
  [[nodiscard]] const Address& address(std::size_t call) const {
    return addresses_[call & (places_prepared - 1)];
  }

  Memory memory_;
  std::vector<Address> addresses_;
};

// A file in a folder that goes with the program.
Memory open_file(SqliteDurability durability) {
  static const TemporaryFolder folder;
  const char* name = durability == SqliteDurability::full ? "full.db" : "normal.db";
  return open_sqlite({.path = folder.file(name), .durability = durability});
}

Memory open_server() {
  static const testing::PostgresqlServer server(
      {.settings = {"checkpoint_timeout = 1h", "max_wal_size = 16GB"}});
  return open_postgresql({.connection = server.url()});
}

// Opened and filled when it is first asked for.
class Contestant {
 public:
  Contestant(const char* name, std::function<Memory()> open)
      : name_(name),
        open_(std::move(open)),
        store_(std::make_shared<std::unique_ptr<Holdfast>>()) {}

  void add(const char* operation, void (Holdfast::*call)(std::size_t), std::size_t items) const {
    register_contestant(
        redis_contest(operation), name_,
        [=, open = open_, store = store_](benchmark::State& state) {
          if (*store == nullptr) *store = std::make_unique<Holdfast>(open());
          static std::size_t next = 0;
          for (auto _ : state) {
            (**store.*call)(next);
            next += items;
          }
          state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
        });
  }
  void add_reads() const {
    add("get", &Holdfast::get, 1);
    add("get_many", &Holdfast::get_many, keys_at_once);
    add("newest", &Holdfast::newest, 1);
  }

 private:
  const char* name_;
  std::function<Memory()> open_;
  std::shared_ptr<std::unique_ptr<Holdfast>> store_;
};

}  // namespace

void register_holdfast() {
  const Contestant in_memory("holdfast_in_memory", [] { return open_in_memory(); });
  const Contestant sqlite("holdfast_sqlite", [] { return open_file(SqliteDurability::full); });
  const Contestant normal("holdfast_sqlite_normal",
                          [] { return open_file(SqliteDurability::normal); });
  const Contestant postgresql("holdfast_postgresql", open_server);
  for (const Contestant* each : {&in_memory, &sqlite, &postgresql}) {
    each->add_reads();
    each->add("set", &Holdfast::set, 1);
  }
  normal.add("set", &Holdfast::set, 1);
}

}  // namespace holdfast::bench
