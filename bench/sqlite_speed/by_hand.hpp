// What a careful engineer would write with SQLite's C interface: on the tables of the Holdfast
// store, for the same result, and on a plain table of keys and values.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "support/row_by_hand.hpp"

namespace holdfast::bench::by_hand {

struct Close {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

// A connection with the pragmas of the Holdfast store.
[[nodiscard]] Database open(const std::string& path, bool syncs_fully);
[[nodiscard]] Prepared prepare(sqlite3* db, std::string_view sql);

struct PageByHand {
  std::vector<RowByHand> entries;
  bool has_more = false;
};

// The tables of memory/backends/sqlite/schema.cpp. For one thread at a time.
class SameTables {
 public:
  SameTables(const std::string& path, bool syncs_fully);

  [[nodiscard]] std::optional<std::string> get(std::string_view ns, std::string_view key);
  [[nodiscard]] std::vector<std::optional<RowByHand>> get_many(std::span<const Address> addresses);
  [[nodiscard]] PageByHand page_by_key(std::string_view ns, std::int64_t limit);
  [[nodiscard]] PageByHand newest(std::string_view ns, std::int64_t limit);

  // Both give an entry a new revision, and keep the counters of its namespace and of the store.
  std::int64_t set(std::string_view ns, std::string_view key, std::string_view value);
  void set_many(std::span<const Address> addresses, std::span<const std::string> values);

 private:
  struct Totals {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
  };
  struct Placed {
    std::string path;
    std::int64_t id = 0;
    Totals added{};
  };

  [[nodiscard]] std::optional<RowByHand> find(std::string_view ns, std::string_view key);
  [[nodiscard]] PageByHand page(sqlite3_stmt* statement, std::string_view ns, std::int64_t limit);
  void put(std::string_view ns, std::string_view key, std::string_view value,
           std::int64_t revision);
  void write_namespace();
  void begin();
  void commit(std::int64_t last_revision);

  Database db_;
  Prepared get_, find_, large_, page_, newest_;
  Prepared begin_, commit_, revision_, look_, insert_namespace_, insert_, update_, count_,
      count_namespace_;
  Placed placed_;
  Totals added_;
};

// `SameTables` for many threads: one after the other.
class WithMutex {
 public:
  WithMutex(const std::string& path, bool syncs_fully) : tables_(path, syncs_fully) {}
  std::int64_t set(std::string_view ns, std::string_view key, std::string_view value) {
    const std::lock_guard lock(mutex_);
    return tables_.set(ns, key, value);
  }

 private:
  std::mutex mutex_;
  SameTables tables_;
};

// Keys and values, and nothing else. For one thread at a time.
class KeyValue {
 public:
  static void create(const std::string& path);
  KeyValue(const std::string& path, bool syncs_fully);

  [[nodiscard]] std::optional<std::string> get(std::string_view ns, std::string_view key);
  [[nodiscard]] std::vector<std::optional<std::string>> get_many(
      std::span<const Address> addresses);
  [[nodiscard]] PageByHand page_by_key(std::string_view ns, std::int64_t limit);
  void set(std::string_view ns, std::string_view key, std::string_view value);
  void set_many(std::span<const Address> addresses, std::span<const std::string> values);

 private:
  Database db_;
  Prepared get_, page_, set_, begin_, commit_;
};

}  // namespace holdfast::bench::by_hand
