// Orders are bytewise, whatever the database's collation is.
#include <algorithm>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

const std::vector<std::string> names{"10",
                                     "9",
                                     "A",
                                     "B",
                                     "Z",
                                     "_",
                                     "a",
                                     "aa",
                                     "a-b",
                                     "b",
                                     "a_b",
                                     "ab",
                                     "\xC3\xA4",
                                     "\xC3\x84",
                                     "z",
                                     "\xC3\xA9",
                                     "e",
                                     "E",
                                     "ss",
                                     "\xC3\x9F",
                                     "\xE2\x82\xAC",
                                     "\xF0\x9F\x98\x80",
                                     "\xEF\xBF\xBD",
                                     "~",
                                     "a b",
                                     "a.b",
                                     "I"};

std::vector<std::string> in_order(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

void expect_bytewise_orders(Memory& memory) {
  for (const std::string& name : names) {
    memory.set("ns", name, MemoryValue::map({{"name", name}}));
    memory.set(Namespace("root") / name, "key", 1);
  }
  const std::vector<std::string> ascending = in_order(names);
  std::vector<std::string> descending(ascending.rbegin(), ascending.rend());
  MemoryQuery query;
  query.scope = Scope{"ns"};
  EXPECT_EQ(keys_of(memory.query(query)), ascending);
  query.direction = Direction::descending;
  EXPECT_EQ(keys_of(memory.query(query)), descending);

  // Pages, prefixes and comparisons go by the same order.
  query.direction = Direction::ascending;
  query.limit = 5;
  std::vector<std::string> paged;
  do {
    const Page page = memory.query(query);
    for (const Entry& entry : page.entries) paged.push_back(entry.key);
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(paged, ascending);

  for (const std::string& name : names) {
    std::vector<std::string> beginning;
    std::vector<std::string> above;
    for (const std::string& other : ascending) {
      if (other.starts_with(name)) beginning.push_back(other);
      if (other > name) above.push_back(other);
    }
    MemoryQuery prefixed;
    prefixed.scope = Scope{"ns"};
    prefixed.key_prefix = name;
    EXPECT_EQ(keys_of(memory.query(prefixed)), beginning) << name;
    MemoryQuery compared;
    compared.scope = Scope{"ns"};
    compared.filter =
        Filter::parse(MemoryValue::map({{"name", MemoryValue::map({{"$gt", name}})}}).json_text());
    EXPECT_EQ(keys_of(memory.query(compared)), above) << name;
  }

  std::vector<std::string> namespaces;
  for (const std::string& name : names) namespaces.emplace_back((Namespace("root") / name).text());
  std::vector<std::string> listed;
  for (const Namespace& ns :
       memory.list_namespaces({.prefix = NamespacePattern("root")}).namespaces) {
    listed.emplace_back(ns.text());
  }
  EXPECT_EQ(listed, in_order(namespaces));
  MemoryQuery below;
  below.scope = Scope{"root", true};
  std::vector<std::string> delivered;
  for (const Entry& entry : memory.query(below).entries) delivered.emplace_back(entry.ns.text());
  EXPECT_EQ(delivered, in_order(namespaces));
}

TEST(Locales, DoNotChangeTheOrderOfKeysAndNamespaces) {
  testing::PostgresqlServerOptions server_options;
  server_options.durable = false;
  const testing::PostgresqlServer server(server_options);
  for (const std::string locale : {"en-US", "de-DE", "tr-TR", "en-US-u-kn-true"}) {
    server.execute("CREATE DATABASE \"" + locale +
                   "\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu "
                   "ICU_LOCALE '" +
                   locale + "'");
    ASSERT_EQ(server.execute("SELECT 'a' < 'B'", locale), "t") << "the collation is another one";
    PostgresqlOptions options;
    options.connection = server.url(locale);
    options.indexed_paths = {Path("name")};
    Memory memory = open_postgresql(options);
    expect_bytewise_orders(memory);
  }
}

}  // namespace
}  // namespace holdfast::postgresql
