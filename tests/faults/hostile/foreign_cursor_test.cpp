// A cursor is good for its own query alone, and one that is forged or damaged gives nothing beyond
// that query (contract, clauses 7.2 and 13.4).
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "../support/tries.hpp"
#include "tenants.hpp"

namespace holdfast::fault_tests {
namespace {

class ForeignCursor : public Tenants {
 protected:
  // A question in pages: what it gives for a cursor, and the cursor that it gives itself.
  struct Asked {
    std::string name;
    std::function<std::string(const std::string& cursor, std::vector<Namespace>& seen)> ask;
  };

  ForeignCursor() {
    WriteBatch batch;
    for (int i = 0; i < 9; ++i) {
      const std::string ns = i % 3 == 0 ? "mine" : i % 3 == 1 ? "mine/a" : "mine/b";
      batch.set(ns, "k" + std::to_string(i), MemoryValue::map({{"text", "a word"}, {"n", i}}));
    }
    memory().write(batch);
    if (memory().capabilities().search) {
      memory().configure_search(mine, SearchConfig::texts({"text"}));
    }
  }

  Asked of_entries(std::string name, const std::function<void(MemoryQuery&)>& change) {
    MemoryQuery query;
    query.scope = {mine, true};
    query.limit = 1;
    change(query);
    return {std::move(name), [this, query](const std::string& cursor, auto& seen) mutable {
              query.cursor = cursor;
              const Page page = memory().query(query);
              for (const Entry& entry : page.entries) seen.push_back(entry.ns);
              return page.cursor;
            }};
  }
  Asked of_namespaces(std::string name, const std::function<void(NamespaceQuery&)>& change) {
    NamespaceQuery query;
    query.prefix = NamespacePattern(mine);
    query.limit = 1;
    change(query);
    return {std::move(name), [this, query](const std::string& cursor, auto& seen) mutable {
              query.cursor = cursor;
              NamespacePage page = memory().list_namespaces(query);
              seen.insert(seen.end(), page.namespaces.begin(), page.namespaces.end());
              return page.cursor;
            }};
  }
  Asked of_search(std::string name, const std::function<void(SearchQuery&)>& change) {
    SearchQuery query;
    query.scope = {mine, true};
    query.text = "word";
    query.limit = 1;
    change(query);
    return {std::move(name), [this, query](const std::string& cursor, auto& seen) mutable {
              query.cursor = cursor;
              const SearchPage page = memory().search(query);
              for (const SearchHit& hit : page.hits) seen.push_back(hit.entry.ns);
              return page.cursor;
            }};
  }

  std::vector<Asked> questions() {
    std::vector<Asked> all{
        of_entries("entries", [](MemoryQuery&) {}),
        of_entries("entries of one namespace", [](auto& q) { q.scope.subtree = false; }),
        of_entries("entries of another", [](auto& q) { q.scope.ns = "mine/a"; }),
        of_entries("the neighbour's entries", [](auto& q) { q.scope.ns = "theirs"; }),
        of_entries("everybody's entries", [](auto& q) { q.scope.ns = {}; }),
        of_entries("by creation", [](auto& q) { q.order = OrderBy::created; }),
        of_entries("by writing", [](auto& q) { q.order = OrderBy::updated; }),
        of_entries("backwards", [](auto& q) { q.direction = Direction::descending; }),
        of_entries("by prefix", [](auto& q) { q.key_prefix = "k"; }),
        of_entries("by pattern", [](auto& q) { q.key_pattern = "k*"; }),
        of_entries("filtered", [](auto& q) { q.filter = Filter::parse(R"({"n":{"$gte":0}})"); }),
        of_entries("otherwise", [](auto& q) { q.filter = Filter::parse(R"({"n":{"$lte":9}})"); }),
        of_entries("since", [](auto& q) { q.created.from = Timestamp(); }),
        of_entries("keys", [](auto& q) { q.keys_only = true; }),
        of_namespaces("namespaces", [](NamespaceQuery&) {}),
        of_namespaces("all namespaces", [](auto& q) { q.prefix = {}; }),
        of_namespaces("to a depth", [](auto& q) { q.max_depth = 2; })};
    if (!memory().capabilities().search) return all;
    all.push_back(of_search("found", [](SearchQuery&) {}));
    all.push_back(of_search("found by another word", [](auto& q) { q.text = "word word"; }));
    all.push_back(of_search("found in one", [](auto& q) { q.scope.subtree = false; }));
    return all;
  }

  // Asks with a cursor that may be anything: it is refused, or what comes lies in the tenant's.
  void expect_nothing_beyond(const Asked& asked, const std::string& cursor) {
    std::vector<Namespace> seen;
    static_cast<void>(is_taken([&] { static_cast<void>(asked.ask(cursor, seen)); }, cursor));
    for (const Namespace& ns : seen) EXPECT_TRUE(mine.contains(ns)) << asked.name << ": " << cursor;
  }
};

TEST_P(ForeignCursor, OfAnyOtherQueryIsRefused) {
  const std::vector<Asked> all = questions();
  std::size_t tries = 0;
  for (const Asked& from : all) {
    std::vector<Namespace> seen;
    const std::string cursor = from.ask({}, seen);
    ASSERT_FALSE(cursor.empty()) << from.name;
    for (const Asked& to : all) {
      if (&from == &to) continue;
      seen.clear();
      EXPECT_FALSE(is_taken([&] { static_cast<void>(to.ask(cursor, seen)); }, to.name))
          << "the cursor of " << from.name << " is good for " << to.name;
      EXPECT_TRUE(seen.empty());
      ++tries;
    }
    EXPECT_TRUE(is_taken([&] { static_cast<void>(from.ask(cursor, seen)); }, from.name));
  }
  expect_others_untouched("cursors");
  count_tries("a cursor is good for its own query alone", tries);
}

TEST_P(ForeignCursor, ThatIsDamagedByOneBitGivesNothingBeyondItsQuery) {
  std::size_t tries = 0;
  for (const Asked& asked : questions()) {
    if (asked.name.starts_with("everybody") || asked.name.starts_with("the neighbour") ||
        asked.name.starts_with("all ")) {
      continue;
    }
    std::vector<Namespace> seen;
    const std::string good = asked.ask({}, seen);
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      expect_nothing_beyond(asked, damaged);
      ++tries;
    }
  }
  count_tries("a damaged or forged cursor gives nothing beyond its query", tries);
}

TEST_P(ForeignCursor, OfAnotherStoreGivesNothingBeyondItsQuery) {
  Memory other = open_another();
  WriteBatch batch;
  for (const char* ns : {"mine", "mine/a", "theirs"}) {
    for (const char* key : {"a", "k0", "k8", "z"}) batch.set(ns, key, MemoryValue::map({{"n", 1}}));
  }
  other.write(batch);
  std::size_t tries = 0;
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      MemoryQuery query;
      query.scope = {mine, true};
      query.order = order;
      query.direction = direction;
      query.limit = 3;
      query.cursor = memory().query(query).cursor;
      ASSERT_FALSE(query.cursor.empty());
      std::vector<Entry> entries;
      static_cast<void>(is_taken([&] { entries = other.query(query).entries; }, "another store's"));
      expect_mine(entries, "another store's cursor");
      ++tries;
    }
  }
  count_tries("a damaged or forged cursor gives nothing beyond its query", tries);
}

INSTANTIATE_TEST_SUITE_P(Stores, ForeignCursor, ::testing::ValuesIn(differential::all_stores()),
                         name_of_store);

}  // namespace
}  // namespace holdfast::fault_tests
