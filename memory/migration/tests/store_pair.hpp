// A store in memory and one in a file, with one clock that stands still.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "holdfast/in_memory.hpp"
#include "holdfast/sqlite.hpp"

namespace holdfast::migration_tests {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-move-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class StorePairTest : public testing::Test {
 protected:
  [[nodiscard]] SqliteOptions sqlite_options(const std::string& name = "right.db") const {
    SqliteOptions options;
    options.path = folder_.path(name);
    options.durability = SqliteDurability::normal;  // Nothing here is about loss of power.
    options.clock = clock_;
    return options;
  }
  void set_in_both(const Namespace& ns, const std::string& key, const MemoryValue& value,
                   std::optional<std::chrono::milliseconds> ttl = {}) {
    for (Memory* store : {&left_, &right_}) {
      if (ttl) {
        store->set(ns, key, value, {.ttl = Ttl(*ttl)});
      } else {
        store->set(ns, key, value);
      }
    }
  }
  void tick() { clock_->advance(std::chrono::milliseconds(1)); }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  const Folder folder_;
  Memory left_ = open_in_memory({.clock = clock_});
  Memory right_ = open_sqlite(sqlite_options());
};

}  // namespace holdfast::migration_tests
