// The stores that are moved between: files and schemas of a test's own.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/memory.hpp"
#include "holdfast/open.hpp"

namespace holdfast::migration_tests {

enum class Engine : std::uint8_t { sqlite, postgresql };

[[nodiscard]] std::string to_string(Engine engine);

// A folder with a test's files, which its schemas are named after; gone at the end.
class Stores {
 public:
  Stores();
  ~Stores();
  Stores(const Stores&) = delete;
  Stores& operator=(const Stores&) = delete;

  // The URL of a store that goes by this name. `options` follow in it: "&name=value...".
  [[nodiscard]] std::string url(Engine engine, const std::string& name,
                                const std::string& options = {}) const;
  [[nodiscard]] std::string path(const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

// All entries in this order.
[[nodiscard]] std::vector<Entry> entries_of(Memory& memory, OrderBy order = OrderBy::key,
                                            const Scope& scope = {Namespace(), true});
// The same with revisions left out, for stores that were given other ones.
[[nodiscard]] std::vector<Entry> without_revisions(std::vector<Entry> entries);

// What a reader would see, whatever the times and revisions.
using Values = std::map<std::pair<std::string, std::string>, std::string>;
[[nodiscard]] Values values_of(Memory& memory, const Scope& scope = {Namespace(), true});

// Fails the test where the engine finds its store unsound; PostgreSQL has no such question.
void expect_sound(Memory& memory);

}  // namespace holdfast::migration_tests
