// What the tests of costs share: a large store, and what the server did for a statement.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reader.hpp"
#include "scan.hpp"
#include "schema.hpp"
#include "store.hpp"
#include "store_fixture.hpp"

#ifndef HOLDFAST_COST_ENTRIES
#define HOLDFAST_COST_ENTRIES 20000
#endif

namespace holdfast::postgresql {

inline constexpr std::int64_t cost_entries = HOLDFAST_COST_ENTRIES;
inline constexpr std::int64_t expired_entries = 20;
// Every one of the others of `app/big` has one of so many values of the indexed path.
inline constexpr std::int64_t different_roles = 200;

// What the server looked at for one statement.
struct Effort {
  std::int64_t returned = 0;
  std::int64_t examined = 0;       // Rows of `entry` that came out of its indexes.
  std::int64_t buffers = 0;        // Pages.
  std::int64_t sorted = 0;         // Rows that went into the largest sort.
  bool reads_whole_table = false;  // Of `entry`.
  std::string plan;
};

inline void add_node(Effort& effort, const MemoryValue& node) {
  const auto number = [&](const char* name) -> std::int64_t {
    const auto found = node.find(name);
    return found ? static_cast<std::int64_t>(std::stod(std::string(found->json_text()))) : 0;
  };
  const std::string type = node["Node Type"].get<std::string>();
  const auto relation = node.find("Relation Name");
  const std::int64_t loops = number("Actual Loops");
  if (relation && relation->get<std::string>() == "entry" && type.ends_with("Scan")) {
    effort.examined += loops * (number("Actual Rows") + number("Rows Removed by Filter") +
                                number("Rows Removed by Index Recheck"));
    if (type == "Seq Scan" && loops > 0) effort.reads_whole_table = true;
  }
  const auto children = node.find("Plans");
  if (!children) return;
  for (const MemoryItem& child : children->items()) {
    add_node(effort, child.value);
    if (type != "Sort" && type != "Incremental Sort") continue;
    const auto rows = child.value.find("Actual Rows");
    effort.sorted = std::max(effort.sorted,
                             static_cast<std::int64_t>(std::stod(std::string(rows->json_text()))));
  }
}

inline Effort effort_of(std::string_view explained) {
  const MemoryValue plans = MemoryValue::parse(explained);
  const MemoryValue root = plans.at(0).value()["Plan"];
  Effort effort;
  effort.plan = std::string(explained);
  effort.returned =
      static_cast<std::int64_t>(std::stod(std::string(root["Actual Rows"].json_text())));
  effort.buffers = root["Shared Hit Blocks"].get<std::int64_t>() +
                   root["Shared Read Blocks"].get<std::int64_t>();
  add_node(effort, root);
  return effort;
}

// A store half of which is one namespace, in a schema of its own. Its statistics are gathered once
// or never, and its rows lie in no order.
class CostStore {
 public:
  explicit CostStore(bool analysed)
      : schema_(std::string("cost_") + (analysed ? "known_" : "unknown_") +
                std::to_string(::getpid())) {
    testing::drop_schema(schema_);
    PostgresqlOptions options;
    options.connection = testing::shared_server_url();
    options.schema = schema_;
    options.indexed_paths = {"role"};
    options.change_log = true;
    make_postgresql_backend(options)->close();
    store_ = std::make_unique<Store>(
        options, PoolOptions{{ConnectionString(options.connection), true, std::nullopt}});
    store_->indexed_paths = options.indexed_paths;
    fill();
    if (analysed) run("ANALYZE @schema@.entry, @schema@.tally, @schema@.tombstone");
  }
  ~CostStore() { testing::drop_schema(schema_); }
  CostStore(const CostStore&) = delete;
  CostStore& operator=(const CostStore&) = delete;

  [[nodiscard]] Store& store() const { return *store_; }
  std::string run(std::string_view sql) { return sql_.run(in_schema(sql, schema_)); }
  [[nodiscard]] const std::string& schema() const { return schema_; }

 private:
  void fill() {
    for (const char* table : {"entry", "tally", "tombstone"}) {
      run("ALTER TABLE @schema@." + std::string(table) + " SET (autovacuum_enabled = off)");
    }
    const std::string count = std::to_string(cost_entries);
    run("INSERT INTO @schema@.entry SELECT CASE WHEN i % 2 = 0 THEN 'app/big' ELSE 'app/users/u' ||"
        " lpad((i % 301)::text, 4, '0') END, 'key/' || lpad(i::text, 8, '0'), 2 * " +
        count +
        " - i, i, 1700000000000 + i, 1700000000000 + i,"
        " CASE WHEN i % 5 = 0 THEN 32503680000000 END, 100,"
        " '{\"n\":' || i || ',\"role\":\"r' || i / 2 % " +
        std::to_string(different_roles) + " || '\"}' FROM generate_series(1, " + count +
        ") i ORDER BY hashint8(i)");
    run("INSERT INTO @schema@.entry SELECT 'app/old', 'key/' || i, 3 * " + count + " + i, 3 * " +
        count + " + i, 1, 1, 1, 100, '1' FROM generate_series(1, " +
        std::to_string(expired_entries) + ") i");
    run("INSERT INTO @schema@.tally SELECT namespace, 1, count(*), sum(size) FROM @schema@.entry"
        " GROUP BY namespace");
    run("INSERT INTO @schema@.tombstone SELECT 2 * " + count +
        " + i, 'app/gone', 'key/' || i"
        " FROM generate_series(1, " +
        count + " / 2) i");
    run("SELECT setval('@schema@.revision', 4 * " + count + ")");
  }

  std::string schema_;
  Sql sql_;
  std::unique_ptr<Store> store_;
};

}  // namespace holdfast::postgresql
