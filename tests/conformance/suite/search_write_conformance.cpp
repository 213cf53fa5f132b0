// Clause 13.5: the index changes in one step with the entries, whichever way they are written.
#include <atomic>
#include <random>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "expected_search.hpp"
#include "random_text_writer.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(search_write)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchWriteConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchBatchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchRestoreConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchLimitConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SearchEvictionConformance);

namespace {

using Keys = std::vector<std::string>;

// Words at the value itself, and those of the entries around.
SearchConfig words_and_neighbours() {
  SearchConfig config = SearchConfig::texts({""});
  config.fields.push_back({"", SearchField::Kind::date, 50});
  config.said_neighbours = {{40}, {20}};
  return config;
}

// That the store finds what its entries say, for a few queries, and that its index is in order.
testing::AssertionResult index_is_in_line(Memory& memory, const Namespace& top) {
  for (const std::string words : {"apple", "pear plum", "apple plum quince Monday 1970"}) {
    for (const Scope& scope : {only(top), below(top), only(top / "b")}) {
      const auto found = found_by_search(memory, scope, words);
      const auto expected = expected_search(memory, scope, words);
      if (found != expected) {
        return testing::AssertionFailure() << "\"" << words << "\" in \"" << scope.ns.text()
                                           << "\" finds " << testing::PrintToString(found)
                                           << ", expected " << testing::PrintToString(expected);
      }
    }
  }
  const auto problems = index_problems(memory);
  if (problems.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << testing::PrintToString(problems);
}

}  // namespace

TEST_P(SearchWriteConformance, AnOverwrittenEntryIsFoundByItsNewWordsInItsOldPlace) {
  HOLDFAST_CLAUSE("13.2, 13.5");
  memory().configure_search("a", words_and_neighbours());
  for (const char* key : {"1", "2", "3"}) memory().set("a", key, "apple");
  memory().set("a", "2", "pear");
  EXPECT_EQ(keys_found(memory(), only("a"), "pear"), (Keys{"2", "3", "1"}));
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  memory().set("a", "1", 7);
  memory().update("a", "3", [](const Record*) { return MemoryValue("plum"); });
  EXPECT_EQ(keys_found(memory(), only("a"), "apple"), Keys{});
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchWriteConformance, WhatIsErasedIsNotFoundAndLeavesNoGap) {
  HOLDFAST_CLAUSE("13.2, 13.5");
  memory().configure_search("a", words_and_neighbours());
  for (const char* key : {"1", "2", "3", "4"}) memory().set("a", key, "apple " + std::string(key));
  memory().set("a", "5", "pear");
  memory().erase("a", "4");
  static_cast<void>(memory().take("a", "2"));
  // Now "3" stands beside "5", whose word counts for it.
  EXPECT_EQ(keys_found(memory(), only("a"), "pear"), (Keys{"5", "3"}));
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchWriteConformance, ClearingAndErasingASubjectTakeTheIndexAlong) {
  HOLDFAST_CLAUSE("13.5");
  memory().configure_search("a", words_and_neighbours());
  const auto fill = [&] {
    for (int i = 0; i < 200; ++i) {
      memory().set(i % 2 == 0 ? Namespace("a") : Namespace("a") / "b", std::to_string(i), "apple");
    }
  };
  fill();
  memory().clear(only("a"));
  EXPECT_EQ(keys_found(memory(), only("a"), "apple"), Keys{});
  EXPECT_EQ(keys_found(memory(), below("a"), "apple").size(), 100U);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  fill();
  memory().clear(below("a"));
  EXPECT_EQ(keys_found(memory(), below("a"), "apple"), Keys{});
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  fill();
  memory().erase_subject("a/b");
  EXPECT_EQ(keys_found(memory(), below("a"), "apple").size(), 100U);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  EXPECT_EQ(memory().search_configurations().size(), 1U);
  fill();
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchWriteConformance, WritingWhereAnExpiredEntryLiesMakesANewPlace) {
  HOLDFAST_CLAUSE("3.3, 13.2");
  memory().configure_search("a", words_and_neighbours());
  memory().set("a", "1", "apple", with_ttl(1s));
  memory().set("a", "2", "pear");
  advance(2s);
  memory().set("a", "1", "plum");
  EXPECT_EQ(keys_found(memory(), only("a"), "pear plum"), (Keys{"1", "2"}));
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  memory().touch("a", "1", Ttl(1s));
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  advance(2s);
  EXPECT_EQ(keys_found(memory(), only("a"), "plum"), Keys{});
  memory().increment("a", "1");
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchBatchConformance, ABatchChangesTheIndexAsAWholeOrNotAtAll) {
  HOLDFAST_CLAUSE("5.1, 13.5");
  memory().configure_search("a", words_and_neighbours());
  memory().set("a", "old", "apple");
  WriteBatch batch;
  batch.set("a", "1", "pear").set("a", "1", "plum").set("a/b", "2", "quince").erase("a", "old");
  batch.set("a", "3", "apple").erase("a", "3");
  ASSERT_TRUE(memory().write(batch).applied);
  EXPECT_EQ(keys_found(memory(), below("a"), "apple pear"), Keys{});
  EXPECT_EQ(keys_found(memory(), below("a"), "plum quince").size(), 2U);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));

  WriteBatch refused;
  refused.set("a", "1", "apple").erase("a/b", "2");
  refused.set("a", "1", "x", on(Precondition::if_absent()));
  ASSERT_FALSE(memory().write(refused).applied);
  EXPECT_EQ(keys_found(memory(), below("a"), "plum quince").size(), 2U);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  EXPECT_THROW(memory().transaction([](Transaction& transaction) {
    transaction.set("a", "1", "apple");
    throw std::runtime_error("changed my mind");
  }),
               std::runtime_error);
  memory().transaction([](Transaction& transaction) {
    transaction.set("a", "4", transaction.get("a", "1").value_or("nothing"));
  });
  EXPECT_EQ(keys_found(memory(), only("a"), "plum").size(), 2U);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchBatchConformance, ManyEntriesAtOnceAreAllFound) {
  HOLDFAST_CLAUSE("13.5");
  memory().configure_search("a", words_and_neighbours());
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < 1000; ++i) {
    pairs.emplace_back(std::to_string(i), i % 10 == 0 ? "a rare plum" : "apple and pear");
  }
  memory().set_many("a", pairs);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
  Keys half;
  for (int i = 0; i < 1000; i += 2) half.push_back(std::to_string(i));
  memory().erase_many("a", half);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchWriteConformance, AfterAnyHistoryItFindsWhatItsEntriesSay) {
  HOLDFAST_CLAUSE("13.2, 13.5");
  const auto seed = static_cast<std::uint64_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  memory().configure_search("a", words_and_neighbours());
  RandomTextWriter writer(memory(), seed);
  const std::size_t steps = std::min<std::size_t>(GetParam().concurrent_steps * 4, 2000);
  for (std::size_t i = 0; i < steps; ++i) {
    writer.step([&](std::chrono::milliseconds by) { advance(by); });
    if (i % 20 == 0) {
      ASSERT_TRUE(index_is_in_line(memory(), "a")) << "after step " << i;
    }
  }
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchRestoreConformance, RestoredEntriesAreFoundInTheirPlaces) {
  HOLDFAST_CLAUSE("3.5, 13.5");
  const StoreRequest kept_place = request();
  Memory kept = open(kept_place);
  kept.configure_search("a", words_and_neighbours());
  const auto at = [&](int days) { return clock().now() - std::chrono::hours(24 * days); };
  RestoreSteps later(RestoreRevisions::keep);
  later.put("a", "3", old_record("pear", at(1), 30, 35)).restore_to(kept);
  RestoreSteps earlier(RestoreRevisions::keep);  // Which come before the one that is there.
  earlier.put("a", "1", old_record("apple", at(3), 10, 10))
      .put("a", "2", old_record("plum", at(2), 20, 21))
      .restore_to(kept);
  EXPECT_EQ(keys_found(kept, only("a"), "plum"), (Keys{"2", "3", "1"}));
  EXPECT_TRUE(index_is_in_line(kept, "a"));

  memory().configure_search("a", words_and_neighbours());
  memory().set("a", "1", "quince");
  memory().set("a", "4", "quince");
  RestoreSteps steps;
  steps.put("a", "2", old_record("plum", at(2)))
      .replace("a", "1", old_record("apple", at(9)))
      .erase("a", "4")
      .put("a/b", "5", old_record("pear", at(1)), Precondition::if_present())
      .restore_to(memory());
  EXPECT_EQ(keys_found(memory(), below("a"), "quince pear"), Keys{});
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

TEST_P(SearchLimitConformance, WhatIsRefusedOrReclaimedAtALimitIsNotFound) {
  HOLDFAST_CLAUSE("8.2, 13.5");
  StoreRequest limited = request();
  limited.max_entries = 5;
  Memory store = open(limited);
  store.configure_search("a", words_and_neighbours());
  for (int i = 0; i < 5; ++i)
    store.set("a", std::to_string(i), "apple", with_ttl(Ttl(1h * (1 + i))));
  EXPECT_TRUE(throws(ErrorCode::resource_exhausted, [&] { return store.set("a", "6", "pear"); }));
  EXPECT_EQ(keys_found(store, only("a"), "pear"), Keys{});
  EXPECT_TRUE(index_is_in_line(store, "a"));
  advance(150min);
  store.set("a", "6", "pear");
  store.set("a", "7", "pear");
  EXPECT_EQ(store.count(only("a")), 5U);
  EXPECT_TRUE(index_is_in_line(store, "a"));
}

TEST_P(SearchEvictionConformance, WhatIsEvictedIsNotFound) {
  HOLDFAST_CLAUSE("8.3, 13.5");
  StoreRequest limited = request();
  limited.max_entries = 20;
  limited.evict = true;
  Memory store = open(limited);
  store.configure_search("a", words_and_neighbours());
  for (int i = 0; i < 100; ++i) {
    store.set(i % 3 == 0 ? "a/b" : "a", std::to_string(i), "apple " + std::to_string(i % 7));
  }
  EXPECT_EQ(keys_found(store, below("a"), "apple").size(), store.count(below("a")));
  EXPECT_TRUE(index_is_in_line(store, "a"));
}

// In the name for the runs under ThreadSanitizer.
TEST_P(SearchWriteConformance, ConcurrentWritersAndAConfigurationLeaveAWholeIndex) {
  HOLDFAST_CLAUSE("12.1, 13.5");
  const int steps = static_cast<int>(std::min<std::size_t>(GetParam().concurrent_steps, 200));
  std::atomic<int> searches{0};
  memory().set("a", "first", "apple");
  in_threads(6, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      const std::string key = std::to_string(i % 20);
      if (thread == 0) {
        if (i % 50 == 0) {
          SearchConfig config = words_and_neighbours();
          config.saturation = 100 + i;
          memory().configure_search("a", config);
        }
        SearchQuery query;
        query.scope = below("a");
        query.text = "apple plum";
        searches += memory().search(query).hits.empty() ? 0 : 1;
      } else if (i % 5 == thread % 5) {
        memory().erase("a", key);
      } else {
        memory().set(thread % 2 == 0 ? "a" : "a/b", key, "apple and plum " + key);
      }
    }
  });
  EXPECT_GT(searches, 0);
  EXPECT_TRUE(index_is_in_line(memory(), "a"));
}

}  // namespace holdfast::conformance
