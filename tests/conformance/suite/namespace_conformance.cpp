// Clause 7.7: listing namespaces.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(namespaces)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(NamespaceConformance);

namespace {

using Texts = std::vector<std::string>;

void fill(Memory& memory) {
  for (const char* ns : {"users/1/chat", "users/1/facts", "users/2/chat", "users/21/chat",
                         "agents/1/chat", "agents/1/chat/old", "users", "agents-x"}) {
    memory.set(ns, "1", 1);
    memory.set(ns, "2", 2);
  }
}

NamespaceQuery matching(NamespacePattern prefix, NamespacePattern suffix) {
  NamespaceQuery query;
  query.prefix = std::move(prefix);
  query.suffix = std::move(suffix);
  return query;
}

}  // namespace

TEST_P(NamespaceConformance, ListsThoseThatHoldEntriesOnceAndSorted) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  EXPECT_EQ(listed(memory()),
            (Texts{"agents-x", "agents/1/chat", "agents/1/chat/old", "users", "users/1/chat",
                   "users/1/facts", "users/2/chat", "users/21/chat"}));
}

TEST_P(NamespaceConformance, ListsTheRootWhereItHoldsEntries) {
  HOLDFAST_CLAUSE("7.7");
  memory().set("a", "k", 1);
  EXPECT_EQ(listed(memory()), Texts{"a"});
  memory().set({}, "k", 1);
  EXPECT_EQ(listed(memory()), (Texts{"", "a"}));
  NamespaceQuery pages;
  pages.limit = 1;
  EXPECT_EQ(listed(memory(), pages), (Texts{"", "a"}));
}

TEST_P(NamespaceConformance, PrefixMatchesWholeSegments) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  EXPECT_EQ(listed(memory(), matching("users/2", {})), Texts{"users/2/chat"});
  EXPECT_EQ(listed(memory(), matching("agents", {})),
            (Texts{"agents/1/chat", "agents/1/chat/old"}));
  EXPECT_EQ(listed(memory(), matching("users/1/chat/deeper", {})), Texts{});
}

TEST_P(NamespaceConformance, SuffixAndWildcards) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  EXPECT_EQ(listed(memory(), matching({}, "chat")),
            (Texts{"agents/1/chat", "users/1/chat", "users/2/chat", "users/21/chat"}));
  EXPECT_EQ(listed(memory(), matching("*/1", {})),
            (Texts{"agents/1/chat", "agents/1/chat/old", "users/1/chat", "users/1/facts"}));
  EXPECT_EQ(listed(memory(), matching("users/*", "chat")),
            (Texts{"users/1/chat", "users/2/chat", "users/21/chat"}));
  EXPECT_EQ(listed(memory(), matching("*", "1/*")),
            (Texts{"agents/1/chat", "users/1/chat", "users/1/facts"}));
}

TEST_P(NamespaceConformance, AStarInASegmentIsALiteralWhereItIsEscaped) {
  HOLDFAST_CLAUSE("7.7");
  memory().set(Namespace::of({"*", "x"}), "k", 1);
  memory().set(Namespace::of({"a", "x"}), "k", 1);
  EXPECT_EQ(listed(memory(), matching("%2A", {})), Texts{"*/x"});
  EXPECT_EQ(listed(memory(), matching(Namespace::of({"*"}), {})), Texts{"*/x"});
  EXPECT_EQ(listed(memory(), matching("*", {})), (Texts{"*/x", "a/x"}));
}

TEST_P(NamespaceConformance, DepthCutsAndListsEachOnce) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  NamespaceQuery query;
  query.max_depth = 2;
  EXPECT_EQ(listed(memory(), query),
            (Texts{"agents-x", "agents/1", "users", "users/1", "users/2", "users/21"}));
  query.max_depth = 1;
  const Texts tops{"agents", "agents-x", "users"};
  EXPECT_EQ(listed(memory(), query), tops);
  query.limit = 1;
  EXPECT_EQ(listed(memory(), query), tops) << "in pages of one";
  query.prefix = "users";
  EXPECT_EQ(listed(memory(), query), Texts{"users"});
}

TEST_P(NamespaceConformance, PagesMissNothing) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  const Texts whole = listed(memory());
  for (const std::size_t limit : {1U, 2U, 3U, 7U, 8U, 9U}) {
    NamespaceQuery query;
    query.limit = limit;
    EXPECT_EQ(listed(memory(), query), whole) << limit;
    query.suffix = "chat";
    EXPECT_EQ(listed(memory(), query), listed(memory(), matching({}, "chat"))) << limit;
  }
}

TEST_P(NamespaceConformance, ACursorBelongsToItsQueryAlone) {
  HOLDFAST_CLAUSE("7.7");
  fill(memory());
  NamespaceQuery query;
  query.limit = 2;
  query.cursor = memory().list_namespaces(query).cursor;
  ASSERT_FALSE(query.cursor.empty());
  NamespaceQuery other = query;
  other.prefix = "users";
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().list_namespaces(other); }));
  other = query;
  other.max_depth = 1;
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().list_namespaces(other); }));
  other = query;
  other.cursor = "garbage";
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().list_namespaces(other); }));
  MemoryQuery entries = query_of(below({}));
  entries.cursor = query.cursor;
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(entries); }));
  other = query;
  other.limit = 5;
  EXPECT_FALSE(memory().list_namespaces(other).namespaces.empty());
}

TEST_P(NamespaceConformance, ANamespaceIsListedWhileItHoldsALiveEntry) {
  HOLDFAST_CLAUSE("7.7");
  memory().set("erased", "k", 1);
  memory().set("expired", "k", 1, with_ttl(10ms));
  memory().set("cleared", "k", 1);
  memory().set("taken", "k", 1);
  memory().set("half", "1", 1, with_ttl(10ms));
  memory().set("half", "2", 1);
  memory().erase("erased", "k");
  memory().clear(only("cleared"));
  static_cast<void>(memory().take("taken", "k"));
  advance(10ms);
  EXPECT_EQ(listed(memory()), Texts{"half"});
  EXPECT_EQ(memory().stats().namespaces, 1U);
  memory().sweep();
  memory().set("erased", "k", 1);
  EXPECT_EQ(listed(memory()), (Texts{"erased", "half"}));
}

TEST_P(NamespaceConformance, ALimitOutsideItsRangeIsRefused) {
  HOLDFAST_CLAUSE("7.7");
  for (const std::size_t limit : {std::size_t{0}, NamespaceQuery::max_limit + 1}) {
    NamespaceQuery query;
    query.limit = limit;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().list_namespaces(query); }));
  }
}

}  // namespace holdfast::conformance
