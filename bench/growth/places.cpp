#include "places.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <holdfast/in_memory.hpp>
#include <holdfast/postgresql.hpp>
#include <holdfast/sqlite.hpp>
#include <stdexcept>

#include "postgresql_server.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;

std::uint64_t resident_bytes() {
  malloc_trim(0);
  std::ifstream status("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  status >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

class InMemoryPlace final : public Place {
 public:
  Memory open(std::shared_ptr<Clock> clock) override {
    return open_in_memory({.clock = std::move(clock)});
  }
  bool persists() const override { return false; }
  std::uint64_t bytes() override { return resident_bytes() - before_; }

 private:
  std::uint64_t before_ = resident_bytes();
};

class SqlitePlace final : public Place {
 public:
  explicit SqlitePlace(const std::string& folder) : folder_(folder) {}
  Memory open(std::shared_ptr<Clock> clock) override {
    return open_sqlite({.path = folder_.file("store.db"),
                        .durability = SqliteDurability::normal,
                        .clock = std::move(clock)});
  }
  std::uint64_t bytes() override {
    std::uint64_t sum = 0;
    for (const auto& file : fs::directory_iterator(folder_.path())) sum += file.file_size();
    return sum;
  }

 private:
  TemporaryFolder folder_;
};

class PostgresqlPlace final : public Place {
 public:
  Memory open(std::shared_ptr<Clock> clock) override {
    return open_postgresql({.connection = server_.url(), .clock = std::move(clock)});
  }
  void settle() override {
    // What autovacuum would do some minutes later.
    server_.execute("VACUUM ANALYZE");
    server_.execute("CHECKPOINT");
  }
  std::uint64_t bytes() override {
    return std::stoull(
        server_.execute("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
                        " AND relnamespace = 'holdfast'::regnamespace"));
  }

 private:
  static testing::PostgresqlServerOptions options() {
    testing::PostgresqlServerOptions options;
    options.settings = {"checkpoint_timeout = 1h", "max_wal_size = 16GB"};
    return options;
  }
  testing::PostgresqlServer server_{options()};
};

}  // namespace

std::unique_ptr<Place> make_place(const std::string& store, const std::string& folder) {
  if (store == "in_memory") return std::make_unique<InMemoryPlace>();
  if (store == "sqlite") return std::make_unique<SqlitePlace>(folder);
  if (store == "postgresql") return std::make_unique<PostgresqlPlace>();
  throw std::invalid_argument("there is no store '" + store + "'");
}

}  // namespace holdfast::bench
