// Clause 13: what a search finds, and in which order.
#include <numeric>
#include <stdexcept>

#include "expectations.hpp"
#include "expected_search.hpp"
#include "processes.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(search)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(LastingSearchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SharedSearchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchRefusalConformance);

namespace {

using Keys = std::vector<std::string>;

SearchConfig texts() { return SearchConfig::texts({"text"}); }

MemoryValue text(const std::string& words) { return MemoryValue::map({{"text", words}}); }

SearchQuery query_for(const Scope& scope, const std::string& words) {
  SearchQuery query;
  query.scope = scope;
  query.text = words;
  return query;
}

void fill(Memory& memory, const Namespace& ns, const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    memory.set(ns, std::to_string(i), text(values[i]));
  }
}

}  // namespace

TEST_P(SearchConformance, AnEntryIsFoundByItsWordsInAnyForm) {
  HOLDFAST_CLAUSE("13.1");
  memory().configure_search("a", texts());
  fill(memory(), "a", {"The dogs were running home.", "A cat sleeps", "Nothing else"});
  EXPECT_EQ(keys_found(memory(), only("a"), "dog"), Keys{"0"});
  EXPECT_EQ(keys_found(memory(), only("a"), "Did the dog run?"), Keys{"0"});
  EXPECT_EQ(keys_found(memory(), only("a"), "SLEEPING cats"), Keys{"1"});
  EXPECT_EQ(keys_found(memory(), only("a"), "elephant"), Keys{});
}

TEST_P(SearchConformance, OnlyWhatTheConfigurationNamesIsFound) {
  HOLDFAST_CLAUSE("13.1");
  SearchConfig config = SearchConfig::texts({"title", "parts[*].text"});
  config.unless = SearchPath("hidden");
  memory().configure_search("a", config);
  memory().set("a", "title", MemoryValue::parse(R"({"title":"apple","other":"pear"})"));
  memory().set("a", "parts", MemoryValue::parse(R"({"parts":[{"text":"x"},{"text":"plum"}]})"));
  memory().set("a", "hidden", MemoryValue::parse(R"({"title":"apple","hidden":true})"));
  memory().set("a", "shown", MemoryValue::parse(R"({"title":"quince","hidden":false})"));
  memory().set("a", "apple", "apple");
  memory().set("a", "number", 7);
  EXPECT_EQ(keys_found(memory(), only("a"), "apple"), Keys{"title"});
  EXPECT_EQ(keys_found(memory(), only("a"), "plum"), Keys{"parts"});
  EXPECT_EQ(keys_found(memory(), only("a"), "quince"), Keys{"shown"});
  EXPECT_EQ(keys_found(memory(), only("a"), "pear"), Keys{});
  EXPECT_EQ(index_problems(memory()), Keys{});
}

TEST_P(SearchConformance, EqualScoresComeNewestFirst) {
  HOLDFAST_CLAUSE("13.3");
  memory().configure_search({}, texts());
  for (const char* key : {"b", "c", "a"}) memory().set("one", key, text("same words"));
  memory().set("two", "d", text("same words"));
  memory().set("one", "b", text("same words"));  // Which keeps its place.
  EXPECT_EQ(keys_found(memory(), only("one"), "words"), (Keys{"a", "c", "b"}));
  EXPECT_EQ(keys_found(memory(), below({}), "words"), (Keys{"d", "a", "c", "b"}));
}

TEST_P(SearchConformance, ScoresAreThoseOfTheModel) {
  HOLDFAST_CLAUSE("13.2, 13.3");
  memory().configure_search("chat", SearchConfig::conversation());
  const std::vector<std::pair<std::string, std::string>> turns = {
      {"Ann", "Did you see the mountains in May?"},
      {"Bob", "Yes, we hiked for two days."},
      {"Ann", "I painted them, Bob. Paintings of mountains everywhere!"},
      {"Bob", "What will you paint next?"},
      {"Ann", "A lake, perhaps. Or you, hiking."}};
  for (std::size_t i = 0; i < turns.size(); ++i) {
    advance(24h);
    memory().set("chat/" + std::to_string(i / 3), std::to_string(i),
                 MemoryValue::map({{"name", turns[i].first}, {"content", turns[i].second}}));
  }
  for (const std::string words :
       {"mountains", "What did Ann paint?", "hiking days", "lake Bob", "1970", "the", "What?"}) {
    for (const Scope& scope : {below("chat"), only("chat/0"), only("chat/1"), only("chat")}) {
      SCOPED_TRACE(words + " in " + std::string(scope.ns.text()));
      EXPECT_EQ(found_by_search(memory(), scope, words), expected_search(memory(), scope, words));
    }
  }
}

TEST_P(SearchConformance, WhatLiesOutsideTheScopeMovesNoScore) {
  HOLDFAST_CLAUSE("13.2");
  memory().configure_search("users", texts());
  fill(memory(), "users/1", {"red apples", "green apples and pears", "a red house"});
  const auto before = found_by_search(memory(), only("users/1"), "red apples");
  ASSERT_EQ(before.size(), 3U);
  for (int i = 0; i < 50; ++i) memory().set("users/2", std::to_string(i), text("red red apples"));
  memory().set("users", "0", text("red apples"));
  memory().set("users/1/notes", "0", text("red apples"));
  EXPECT_EQ(found_by_search(memory(), only("users/1"), "red apples"), before);
}

TEST_P(SearchConformance, TheNearestConfigurationGoverns) {
  HOLDFAST_CLAUSE("13.1");
  memory().configure_search("a", texts());
  memory().configure_search("a/b", SearchConfig::texts({"title"}));
  memory().configure_search("a/c", SearchConfig::nothing());
  for (const char* ns : {"a", "a/b", "a/b/x", "a/c", "a/d", "ab"}) {
    memory().set(ns, ns, MemoryValue::parse(R"({"text":"apple","title":"pear"})"));
  }
  EXPECT_EQ(keys_found(memory(), below("a"), "apple"), (Keys{"a/d", "a"}));
  EXPECT_EQ(keys_found(memory(), below("a"), "pear"), Keys{});
  EXPECT_EQ(keys_found(memory(), below("a/b"), "pear"), (Keys{"a/b/x", "a/b"}));
  EXPECT_EQ(keys_found(memory(), only("a/b"), "apple"), Keys{});
  EXPECT_EQ(keys_found(memory(), below("a/c"), "apple"), Keys{});
  EXPECT_TRUE(throws(ErrorCode::failed_precondition,
                     [&] { return memory().search(query_for(only("ab"), "apple")); }));

  EXPECT_TRUE(memory().remove_search("a/b"));
  EXPECT_FALSE(memory().remove_search("a/b"));
  EXPECT_EQ(keys_found(memory(), below("a"), "apple"), (Keys{"a/d", "a/b/x", "a/b", "a"}));
  EXPECT_TRUE(memory().remove_search("a"));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition,
                     [&] { return memory().search(query_for(below("a"), "apple")); }));
  EXPECT_EQ(index_problems(memory()), Keys{});
}

TEST_P(SearchConformance, WhatIsThereIsIndexedWhenItIsConfigured) {
  HOLDFAST_CLAUSE("13.1, 13.5");
  fill(memory(), "a", {"one apple", "two apples"});
  memory().set("a/b", "2", text("three apples"));
  memory().configure_search("a", texts());
  EXPECT_EQ(keys_found(memory(), below("a"), "apples"), (Keys{"2", "1", "0"}));
  memory().configure_search("a", SearchConfig::texts({"text", "title"}));
  memory().set("a", "3", MemoryValue::map({{"title", "apple"}}));
  EXPECT_EQ(keys_found(memory(), only("a"), "apples").size(), 3U);
  EXPECT_EQ(index_problems(memory()), Keys{});
}

TEST_P(SearchConformance, ConfigurationsAreListedAsTheyWereGiven) {
  HOLDFAST_CLAUSE("13.1");
  EXPECT_TRUE(memory().search_configurations().empty());
  memory().configure_search("b/c", SearchConfig::conversation());
  memory().configure_search({}, texts());
  const auto configurations = memory().search_configurations();
  ASSERT_EQ(configurations.size(), 2U);
  EXPECT_EQ(configurations[0].ns, Namespace());
  EXPECT_EQ(configurations[0].config, texts());
  EXPECT_EQ(configurations[1].ns, Namespace("b/c"));
  EXPECT_EQ(configurations[1].config, SearchConfig::conversation());
  EXPECT_FALSE(configurations[1].analyzer_version.empty());
  EXPECT_FALSE(configurations[1].needs_reindex);
}

TEST_P(SearchConformance, PagesGoOnWhereTheLastOneEnded) {
  HOLDFAST_CLAUSE("13.4");
  memory().configure_search("a", texts());
  for (int i = 0; i < 40; ++i) {
    memory().set("a", std::to_string(i), text(i % 3 == 0 ? "apple" : "apple apple pie"));
  }
  const auto all = found_by_search(memory(), only("a"), "apple pie");
  ASSERT_EQ(all.size(), 40U);
  EXPECT_EQ(found_by_search(memory(), only("a"), "apple pie", 7), all);
  EXPECT_EQ(found_by_search(memory(), only("a"), "apple pie", 1), all);

  SearchQuery query = query_for(only("a"), "apple");
  query.limit = 2;
  query.cursor = memory().search(query).cursor;
  ASSERT_FALSE(query.cursor.empty());
  SearchQuery other = query;
  other.text = "pie";
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().search(other); }));
  other = query;
  other.scope = below("a");
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().search(other); }));
  other = query;
  other.cursor = "x";
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().search(other); }));
  query.explain = true;
  query.limit = 5;
  EXPECT_EQ(memory().search(query).hits.size(), 5U);
}

TEST_P(SearchConformance, FiltersAndTimesLeaveOutHitsAndMoveNoScore) {
  HOLDFAST_CLAUSE("13.4");
  memory().configure_search("a", texts());
  std::vector<Timestamp> times;
  for (int i = 0; i < 6; ++i) {
    advance(1s);
    times.push_back(clock().now());
    memory().set("a", std::to_string(i),
                 MemoryValue::map({{"text", "apple"}, {"even", i % 2 == 0}}));
  }
  const auto all = found_by_search(memory(), only("a"), "apple");
  SearchQuery query = query_for(only("a"), "apple");
  query.filter = Filter::from_value(MemoryValue::parse(R"({"even":true})"));
  query.created = {times[1], times[5]};
  query.limit = 1;
  Keys keys;
  do {
    const SearchPage page = memory().search(query);
    for (const SearchHit& hit : page.hits) {
      keys.push_back(hit.entry.key);
      EXPECT_EQ(hit.score, all.front().score);
    }
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(keys, (Keys{"4", "2"}));
}

TEST_P(SearchConformance, AHitIsTheEntryAndSaysWhyOnRequest) {
  HOLDFAST_CLAUSE("13.4");
  memory().configure_search("a", texts());
  memory().set("a", "k", text("apple pie, apple"), with_ttl(1h));
  SearchQuery query = query_for(only("a"), "apples pie");
  EXPECT_FALSE(memory().search(query).hits.at(0).explanation.has_value());
  query.explain = true;
  const SearchHit hit = memory().search(query).hits.at(0);
  EXPECT_EQ(hit.entry, memory().get_entry("a", "k"));
  ASSERT_TRUE(hit.explanation.has_value());
  EXPECT_EQ(hit.explanation->score, hit.score);
  ASSERT_EQ(hit.explanation->terms.size(), 2U);
  EXPECT_EQ(hit.explanation->terms[0].term, "appl");
  EXPECT_EQ(hit.explanation->terms[1].term, "pie");
  double sum = 0;
  for (const auto& term : hit.explanation->terms) sum += term.score;
  EXPECT_NEAR(sum, hit.score, 1e-6);
}

TEST_P(SearchConformance, ExpiredEntriesAreAbsentFromHitsAndStatistics) {
  HOLDFAST_CLAUSE("6.1, 13.2");
  SearchConfig config = texts();
  config.said_neighbours = {{50}, {50}};
  memory().configure_search("a", config);
  fill(memory(), "a", {"an apple", "a pear"});
  memory().set("a", "2", text("apple apple apple pear plum"), with_ttl(1s));
  fill(memory(), "a/b", {"apple"});
  memory().set("a", "3", text("a plum"));
  ASSERT_EQ(keys_found(memory(), only("a"), "apple").size(), 4U);
  advance(1s);
  const auto expected = expected_search(memory(), only("a"), "apple pear");
  EXPECT_EQ(found_by_search(memory(), only("a"), "apple pear"), expected);
  EXPECT_EQ(index_problems(memory()), Keys{});
  EXPECT_EQ(memory().sweep(), 1U);
  EXPECT_EQ(found_by_search(memory(), only("a"), "apple pear"), expected);
  EXPECT_EQ(index_problems(memory()), Keys{});
}

TEST_P(SearchConformance, NothingInAQueryIsAnOperator) {
  HOLDFAST_CLAUSE("13.4");
  memory().configure_search("a", texts());
  fill(memory(), "a", {"apple and pear", "near the apple", "\xf0\x9f\x8d\x8e", "NOT OR"});
  EXPECT_EQ(keys_found(memory(), only("a"), "\"apple\" AND (pear* OR NEAR/2) -x:'; DROP").size(),
            2U);
  for (const std::string& hostile :
       {std::string(), std::string(" \t\n"), std::string("\"'*()^:-+%_\\"),
        std::string("\xf0\x9f\x8d\x8e\xf0\x9f\x8d\x8e"), std::string("\xff\xfe"),
        std::string("a\0b", 3), std::string("the of and")}) {
    EXPECT_EQ(found_by_search(memory(), only("a"), hostile),
              expected_search(memory(), only("a"), hostile));
  }
  std::string million;
  for (int i = 0; i < 1'000'000; ++i) million += "apple" + std::to_string(i % 7) + " ";
  EXPECT_NO_THROW(static_cast<void>(memory().search(query_for(only("a"), million))));
  EXPECT_NO_THROW(
      static_cast<void>(memory().search(query_for(only("a"), std::string(1'000'000, 'x')))));
}

TEST_P(SearchConformance, WhatCannotBeIsRefusedAndChangesNothing) {
  HOLDFAST_CLAUSE("13.1, 13.4");
  SearchConfig config = texts();
  config.language = "klingon";
  EXPECT_TRUE(is_refused_as_invalid([&] {
    memory().configure_search("a", config);
    return 0;
  }));
  config = texts();
  config.fields[0].weight = 0;
  EXPECT_TRUE(is_refused_as_invalid([&] {
    memory().configure_search("a", config);
    return 0;
  }));
  EXPECT_TRUE(memory().search_configurations().empty());
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return memory().reindex("a"); }));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return memory().check_search("a"); }));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition,
                     [&] { return memory().search(query_for(only("a"), "apple")); }));
  memory().configure_search("a", texts());
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return memory().reindex("a/b"); }));
  SearchQuery query = query_for(only("a"), "apple");
  for (const std::size_t limit : {std::size_t{0}, SearchQuery::max_limit + 1}) {
    query.limit = limit;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().search(query); }));
  }
  EXPECT_TRUE(is_refused_as_invalid(
      [&] { return memory().search(query_for(only("$holdfast/x"), "apple")); }));
}

TEST_P(SearchConformance, AnIndexIsMadeAnewAndCheckedOnRequest) {
  HOLDFAST_CLAUSE("13.5");
  memory().configure_search("a", texts());
  for (int i = 0; i < 300; ++i)
    memory().set("a/" + std::to_string(i % 3), std::to_string(i), text("apple"));
  memory().set("b", "k", text("apple"));
  const auto before = found_by_search(memory(), below("a"), "apple");
  EXPECT_EQ(memory().check_search("a").documents, 300U);
  EXPECT_EQ(memory().reindex("a"), 300U);
  EXPECT_EQ(found_by_search(memory(), below("a"), "apple"), before);
  EXPECT_EQ(index_problems(memory()), Keys{});
}

TEST_P(LastingSearchConformance, AReopenedStoreFindsTheSame) {
  HOLDFAST_CLAUSE("13.5");
  const StoreRequest place = request();
  std::vector<FoundEntry> before;
  {
    Memory store = open(place);
    store.configure_search("a", texts());
    fill(store, "a", {"red apples", "green apples", "red pears"});
    before = found_by_search(store, only("a"), "red apples");
    ASSERT_EQ(before.size(), 3U);
  }
  Memory store = open(place);
  EXPECT_EQ(found_by_search(store, only("a"), "red apples"), before);
  store.set("a", "3", text("apples"));
  EXPECT_EQ(found_by_search(store, only("a"), "apples"),
            expected_search(store, only("a"), "apples"));
  EXPECT_EQ(index_problems(store), Keys{});
}

TEST_P(SharedSearchConformance, AnotherProcessKeepsTheIndexToo) {
  HOLDFAST_CLAUSE("13.5");
  const StoreRequest place = request();
  const auto hold = [](bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
  };
  OtherProcess other([&](const OtherProcess::Pause& pause) {
    Memory two = open(place);
    fill(two, "a", {"red apples"});
    pause();
    two.set("a", "1", text("green apples"));
    hold(keys_found(two, only("a"), "apples") == Keys{"1", "0"}, "what one configured");
    two.configure_search("a", SearchConfig::texts({"title"}));
    pause();
    hold(keys_found(two, only("a"), "apples") == Keys{"2"}, "what one wrote");
    pause();
    two.erase("a", "1");
    const bool refused = throws(ErrorCode::failed_precondition,
                                [&] { return two.search(query_for(only("a"), "apples")); });
    hold(refused, "a search without a configuration");
    pause();
    hold(keys_found(two, only("a"), "apples") == Keys{"0"}, "what one configured again");
    hold(index_problems(two).empty(), "the index");
  });
  Memory one = open(place);
  other.step();
  one.configure_search("a", texts());
  EXPECT_EQ(keys_found(one, only("a"), "apples"), Keys{"0"});
  other.step();
  EXPECT_EQ(keys_found(one, only("a"), "apples"), Keys{});
  one.set("a", "2", MemoryValue::map({{"title", "apples"}}));
  other.step();
  one.remove_search("a");
  other.step();
  one.configure_search("a", texts());
  other.step();
  EXPECT_EQ(keys_found(one, only("a"), "apples"), Keys{"0"});
}

TEST_P(SearchRefusalConformance, IsRefusedWithUnsupported) {
  HOLDFAST_CLAUSE("14");
  const auto refuses = [&](auto&& call) { return throws(ErrorCode::unsupported, call); };
  EXPECT_TRUE(refuses([&] { return memory().search(query_for(only("a"), "apple")); }));
  EXPECT_TRUE(refuses([&] {
    memory().configure_search("a", texts());
    return 0;
  }));
  EXPECT_TRUE(refuses([&] { return memory().remove_search("a"); }));
  EXPECT_TRUE(refuses([&] { return memory().search_configurations(); }));
  EXPECT_TRUE(refuses([&] { return memory().reindex("a"); }));
  EXPECT_TRUE(refuses([&] { return memory().check_search("a"); }));
  VectorQuery nearest;
  nearest.vector = {1};
  EXPECT_TRUE(refuses([&] { return memory().nearest(nearest); }));
  EXPECT_TRUE(refuses([&] { return memory().without_vector(only("a")); }));
  const std::vector<EntryVector> vectors = {{{"a", "1"}, 1, {1}}};
  EXPECT_TRUE(refuses([&] { return memory().put_vectors(vectors); }));
}

}  // namespace holdfast::conformance
