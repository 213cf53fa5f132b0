#include <gtest/gtest.h>

#include <algorithm>

#include "support.hpp"

namespace holdfast {
namespace {

// Namespaces that sort between a namespace and what lies below it.
constexpr const char* namespaces[] = {"a", "a/b", "a!", "a.b", "a0", "ab", "b", "a/b/c", ""};

class InMemoryOrder : public ::testing::Test {
 protected:
  InMemoryOrder() {
    for (const char* ns : namespaces) {
      for (const char* key : {"2", "1", "10", ""}) memory_.set(ns, key, 1);
    }
    for (const char* ns : namespaces) memory_.set(ns, "1", 2);
  }
  [[nodiscard]] std::vector<std::string> keys(OrderBy order, Direction direction, std::size_t limit,
                                              const Scope& scope) {
    return keys_of(memory_,
                   {.scope = scope, .order = order, .direction = direction, .limit = limit});
  }

  Memory memory_ = open_in_memory();
};

TEST_F(InMemoryOrder, SubtreeByKeyGoesByNamespaceThenKeyInBothDirections) {
  std::vector<std::string> expected;
  for (const char* ns : {"a", "a/b", "a/b/c"}) {
    for (const char* key : {"", "1", "10", "2"}) expected.push_back(std::string(ns) + ":" + key);
  }
  for (const std::size_t limit : {1U, 3U, 4U, 100U}) {
    EXPECT_EQ(keys(OrderBy::key, Direction::ascending, limit, {"a", true}), expected);
    auto reversed = keys(OrderBy::key, Direction::descending, limit, {"a", true});
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(reversed, expected);
  }
}

TEST_F(InMemoryOrder, TheRootsSubtreeIsEverythingOnceInEveryOrder) {
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const std::size_t limit : {1U, 7U, 100U}) {
      const auto up = keys(order, Direction::ascending, limit, everything());
      auto down = keys(order, Direction::descending, limit, everything());
      EXPECT_EQ(up.size(), 36U);
      std::reverse(down.begin(), down.end());
      EXPECT_EQ(up, down);
    }
  }
}

TEST_F(InMemoryOrder, CreationAndUpdateHaveOrdersOfTheirOwn) {
  EXPECT_EQ(keys(OrderBy::created, Direction::ascending, 2, {"b", false}),
            (std::vector<std::string>{"b:2", "b:1", "b:10", "b:"}));
  EXPECT_EQ(keys(OrderBy::updated, Direction::ascending, 2, {"b", false}),
            (std::vector<std::string>{"b:2", "b:10", "b:", "b:1"}));
}

TEST_F(InMemoryOrder, PrefixesAndPatternsNarrowTheWalk) {
  for (const Direction direction : {Direction::ascending, Direction::descending}) {
    auto found = keys_of(
        memory_, {.scope = {"a", true}, .key_prefix = "1", .direction = direction, .limit = 1});
    EXPECT_EQ(found.size(), 6U);
    found = keys_of(memory_, {.scope = {"a", true}, .key_pattern = "1?", .direction = direction});
    EXPECT_EQ(found.size(), 3U);
  }
}

TEST_F(InMemoryOrder, NamespacesAreListedInTheirOrderWhileTheyHoldEntries) {
  const auto listed = [&] {
    std::vector<std::string> texts;
    for (const Namespace& ns : memory_.list_namespaces().namespaces) {
      texts.emplace_back(ns.text());
    }
    return texts;
  };
  std::vector<std::string> expected(std::begin(namespaces), std::end(namespaces));
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(listed(), expected);
  memory_.clear({"a", true});
  expected.erase(
      std::remove_if(expected.begin(), expected.end(),
                     [](const std::string& text) { return subtree_contains("a", text); }),
      expected.end());
  EXPECT_EQ(listed(), expected);
  EXPECT_EQ(memory_.stats().details["namespaces_held"], MemoryValue(expected.size()));
}

}  // namespace
}  // namespace holdfast
