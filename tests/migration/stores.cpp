#include "stores.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <stdexcept>

#include "postgresql_server.hpp"
#include "test_schema.hpp"

namespace holdfast::migration_tests {

std::string to_string(Engine engine) { return engine == Engine::sqlite ? "sqlite" : "postgresql"; }

Stores::Stores() {
  std::string name = (std::filesystem::temp_directory_path() / "holdfast-move-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
}

Stores::~Stores() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Stores::path(const std::string& name) const { return (folder_ / name).string(); }

std::string Stores::url(Engine engine, const std::string& name, const std::string& options) const {
  if (engine == Engine::sqlite) {
    return "sqlite:" + path(name + ".db") + "?durability=normal&busy_timeout=60s" + options;
  }
  return testing::with_url_options(
             testing::shared_server_url(),
             {{"schema", testing::schema_for(path(name))}, {"durability", "normal"}}) +
         options;
}

std::vector<Entry> entries_of(Memory& memory, OrderBy order, const Scope& scope) {
  std::vector<Entry> entries;
  MemoryQuery query{.scope = scope};
  query.order = order;
  query.limit = MemoryQuery::max_limit;
  do {
    Page page = memory.query(query);
    for (Entry& entry : page.entries) entries.push_back(std::move(entry));
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return entries;
}

std::vector<Entry> without_revisions(std::vector<Entry> entries) {
  for (Entry& entry : entries) entry.created_revision = entry.revision = 0;
  return entries;
}

Values values_of(Memory& memory, const Scope& scope) {
  Values values;
  for (const Entry& entry : entries_of(memory, OrderBy::key, scope)) {
    values[{std::string(entry.ns.text()), entry.key}] = std::string(entry.value.json_text());
  }
  return values;
}

void expect_sound(Memory& memory) {
  if (memory.stats().backend != "sqlite") return;
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
}

}  // namespace holdfast::migration_tests
