// Clauses 13.6 and 13.7: vectors beside the entries, and what is near to them.
#include <limits>
#include <random>
#include <stdexcept>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "expected_search.hpp"
#include "expected_vectors.hpp"
#include "processes.hpp"
#include "random_text_writer.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(vector)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(VectorConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(VectorLimitConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(VectorEvictionConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(VectorRestoreConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(LastingVectorConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SharedVectorConformance);

namespace {

using Keys = std::vector<std::string>;

SearchConfig in_two_dimensions() {
  SearchConfig config = SearchConfig::texts({"text"});
  config.embedding = SearchEmbedding{"plane", 2};
  return config;
}

EntryVector vector_for(const Entry& entry, std::vector<float> vector) {
  return {{entry.ns, entry.key}, entry.revision, std::move(vector)};
}

std::uint64_t put_one(Memory& memory, const Entry& entry, std::vector<float> vector) {
  return memory.put_vectors(std::vector{vector_for(entry, std::move(vector))});
}

Entry entry_at(Memory& memory, const Namespace& ns, const std::string& key) {
  return memory.get_entry(ns, key).value();
}

VectorQuery near_to(const Scope& scope, std::vector<float> vector) {
  VectorQuery query;
  query.scope = scope;
  query.vector = std::move(vector);
  return query;
}

Keys keys_of(const SearchPage& page) {
  Keys keys;
  for (const SearchHit& hit : page.hits) keys.push_back(hit.entry.key);
  return keys;
}

}  // namespace

TEST_P(VectorConformance, TheNearestComeFirstByTheirCosine) {
  HOLDFAST_CLAUSE("13.7");
  memory().configure_search("a", in_two_dimensions());
  const std::vector<std::pair<std::string, std::vector<float>>> entries = {{"right", {2, 0}},
                                                                           {"up", {0, 0.5F}},
                                                                           {"left", {-1, 0}},
                                                                           {"upright", {3, 3}},
                                                                           {"same", {7, 7}}};
  for (const auto& [key, vector] : entries) {
    memory().set("a", key, MemoryValue::map({{"text", key}}));
    ASSERT_EQ(put_one(memory(), entry_at(memory(), "a", key), vector), 1U);
  }
  memory().set("a", "none", MemoryValue::map({{"text", "none"}}));
  const SearchPage page = memory().nearest(near_to(only("a"), {0.1F, 0}));
  EXPECT_EQ(keys_of(page), (Keys{"right", "same", "upright", "up", "left"}));
  EXPECT_EQ(page.cursor, "");
  ASSERT_EQ(page.hits.size(), 5U);
  EXPECT_EQ(page.hits[0].score, 1);
  EXPECT_EQ(page.hits[1].score, 0.707107);
  EXPECT_EQ(page.hits[3].score, 0);
  EXPECT_EQ(page.hits[4].score, -1);
  EXPECT_EQ(page.hits[0].entry, entry_at(memory(), "a", "right"));
}

TEST_P(VectorConformance, FiltersTimesAndTheLimitLeaveHitsOut) {
  HOLDFAST_CLAUSE("13.7");
  memory().configure_search("a", embedded_texts());
  const Timestamp start = clock().now();
  for (int i = 0; i < 60; ++i) {
    memory().set("a", std::to_string(i), "apple " + std::to_string(i % 2));
    advance(1s);
  }
  embed_all(memory(), only("a"));
  VectorQuery query = near_to(only("a"), vector_of("apple 1"));
  query.limit = 3;
  EXPECT_EQ(keys_of(memory().nearest(query)), (Keys{"59", "57", "55"}));
  query.filter = Filter::where("", Filter::Operator::eq, "apple 0");
  EXPECT_EQ(keys_of(memory().nearest(query)), (Keys{"58", "56", "54"}));
  query.created.until = start + 3s;
  EXPECT_EQ(keys_of(memory().nearest(query)), (Keys{"2", "0"}));
  query.filter = {};
  query.updated.from = start + 1s;
  EXPECT_EQ(keys_of(memory().nearest(query)), (Keys{"1", "2"}));
}

TEST_P(VectorConformance, ASearchReachesWhatTheConfigurationGoverns) {
  HOLDFAST_CLAUSE("13.1, 13.7");
  memory().configure_search("a", embedded_texts());
  memory().configure_search("a/other", embedded_texts());
  for (const char* ns : {"a", "a/b", "a/b/c", "a/other", "ab", "b"}) memory().set(ns, ns, "apple");
  for (const char* ns : {"a", "a/other"}) embed_all(memory(), below(ns));
  EXPECT_EQ(keys_near(memory(), only("a"), "apple"), Keys{"a"});
  EXPECT_EQ(keys_near(memory(), below("a"), "apple"), (Keys{"a/b/c", "a/b", "a"}));
  EXPECT_EQ(keys_near(memory(), below("a/b"), "apple"), (Keys{"a/b/c", "a/b"}));
  EXPECT_EQ(keys_near(memory(), below("a/other"), "apple"), Keys{"a/other"});
  EXPECT_EQ(keys_near(memory(), only("a/empty"), "apple"), Keys{});
}

TEST_P(VectorConformance, EntriesWithATextAwaitOne) {
  HOLDFAST_CLAUSE("13.6");
  memory().set("a", "before", "apple");
  SearchConfig config = in_two_dimensions();
  config.unless = SearchPath("hidden");
  memory().configure_search("a", embedded_texts());
  memory().set("a", "after", "pear");
  memory().set("a", "number", 7);
  memory().set("a", "empty", "");
  memory().set("a", "gone", "plum");
  memory().erase("a", "gone");
  memory().set("a", "expired", "plum", with_ttl(1s));
  advance(2s);
  memory().set("a/b", "below", "pear");
  EXPECT_EQ(keys_without_vector(memory(), only("a")), (Keys{"before", "after"}));
  EXPECT_EQ(keys_without_vector(memory(), below("a")), (Keys{"before", "after", "below"}));
  EXPECT_EQ(memory().without_vector(below("a"), 1).size(), 1U);
  EXPECT_EQ(memory().without_vector(only("a"), 1).front(), entry_at(memory(), "a", "before"));
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
  memory().configure_search("c", config);
  memory().set("c", "hidden", MemoryValue::parse(R"({"text":"apple","hidden":true})"));
  memory().set("c", "shown", MemoryValue::parse(R"({"text":"apple","hidden":false})"));
  EXPECT_EQ(keys_without_vector(memory(), only("c")), Keys{"shown"});
}

TEST_P(VectorConformance, AVectorIsKeptOnlyForWhatItWasMadeOf) {
  HOLDFAST_CLAUSE("13.6");
  memory().configure_search("a", in_two_dimensions());
  const auto text = [](const char* words) { return MemoryValue::map({{"text", words}}); };
  memory().set("a", "1", text("apple"));
  const Entry first = entry_at(memory(), "a", "1");
  memory().set("a", "1", text("pear"));
  EXPECT_EQ(put_one(memory(), first, {1, 0}), 0U);
  EXPECT_EQ(keys_without_vector(memory(), only("a")), Keys{"1"});
  Entry absent = first;
  absent.key = "absent";
  EXPECT_EQ(put_one(memory(), absent, {1, 0}), 0U);
  memory().set("a", "textless", 7);
  EXPECT_EQ(put_one(memory(), entry_at(memory(), "a", "textless"), {1, 0}), 0U);
  memory().set("a", "2", text("plum"), with_ttl(1s));
  const Entry expiring = entry_at(memory(), "a", "2");
  advance(2s);
  EXPECT_EQ(put_one(memory(), expiring, {1, 0}), 0U);
  const Entry second = entry_at(memory(), "a", "1");
  const std::vector<EntryVector> mixed = {vector_for(first, {1, 0}), vector_for(second, {0, 1}),
                                          vector_for(absent, {1, 0})};
  EXPECT_EQ(memory().put_vectors(mixed), 1U);
  EXPECT_EQ(entry_at(memory(), "a", "1"), second);  // No revision of its own.
  EXPECT_EQ(memory().nearest(near_to(only("a"), {0, 1})).hits.at(0).score, 1);
  EXPECT_EQ(put_one(memory(), second, {1, 0}), 1U);  // In the place of the other one.
  EXPECT_EQ(memory().nearest(near_to(only("a"), {0, 1})).hits.at(0).score, 0);
  EXPECT_EQ(memory().put_vectors({}), 0U);
  std::vector<EntryVector> of_model = {vector_for(second, {1, 1})};
  of_model[0].model = "another";
  EXPECT_TRUE(
      throws(ErrorCode::failed_precondition, [&] { return memory().put_vectors(of_model); }));
  EXPECT_EQ(memory().nearest(near_to(only("a"), {0, 1})).hits.at(0).score, 0);
  of_model[0].model = "plane";
  EXPECT_EQ(memory().put_vectors(of_model), 1U);
}

TEST_P(VectorConformance, ItStaysWhileTheTextStaysAndGoesWithIt) {
  HOLDFAST_CLAUSE("13.6");
  memory().configure_search("a", in_two_dimensions());
  const auto value = [](const char* words, int mark) {
    return MemoryValue::map({{"text", words}, {"mark", mark}});
  };
  const auto found = [&] { return keys_of(memory().nearest(near_to(only("a"), {1, 0}))); };
  memory().set("a", "1", value("apple", 1));
  ASSERT_EQ(put_one(memory(), entry_at(memory(), "a", "1"), {1, 0}), 1U);
  memory().set("a", "1", value("apple", 2));
  EXPECT_EQ(found(), Keys{"1"});
  memory().touch("a", "1", Ttl(10s));
  EXPECT_EQ(found(), Keys{"1"});
  memory().set("a", "1", value("pear", 2));
  EXPECT_EQ(found(), Keys{});
  EXPECT_EQ(keys_without_vector(memory(), only("a")), Keys{"1"});
  ASSERT_EQ(put_one(memory(), entry_at(memory(), "a", "1"), {1, 0}), 1U);
  memory().touch("a", "1", Ttl(1s));
  EXPECT_EQ(found(), Keys{"1"});
  advance(2s);
  EXPECT_EQ(found(), Keys{});
  memory().set("a", "1", value("pear", 2));  // Another entry, though it looks the same.
  EXPECT_EQ(found(), Keys{});
  ASSERT_EQ(put_one(memory(), entry_at(memory(), "a", "1"), {1, 0}), 1U);
  memory().set("a", "1", value("", 0));
  EXPECT_EQ(found(), Keys{});
  EXPECT_EQ(keys_without_vector(memory(), only("a")), Keys{});
}

TEST_P(VectorConformance, ClearingAndErasingASubjectTakeThemAlong) {
  HOLDFAST_CLAUSE("13.6");
  memory().configure_search("a", embedded_texts());
  const auto fill = [&] {
    for (int i = 0; i < 100; ++i) {
      memory().set(i % 2 == 0 ? Namespace("a") : Namespace("a") / "b", std::to_string(i), "apple");
    }
    embed_all(memory(), below("a"));
  };
  fill();
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 100U);
  memory().clear(only("a"));
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 50U);
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
  fill();
  memory().erase_subject("a/b");
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 50U);
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
  memory().set("a", "0", "pear");
  memory().clear(below("a"));
  EXPECT_EQ(keys_near(memory(), below("a"), "apple"), Keys{});
  EXPECT_EQ(keys_without_vector(memory(), below("a")), Keys{});
  fill();
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
}

TEST_P(VectorConformance, AnotherConfigurationForgetsThemUnlessTheyHold) {
  HOLDFAST_CLAUSE("13.6");
  memory().configure_search("a", embedded_texts());
  memory().set("a", "1", "apple");
  memory().set("a/b", "2", "pear");
  embed_all(memory(), below("a"));
  SearchConfig config = embedded_texts();
  config.saturation = 77;
  memory().configure_search("a", config);
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 2U);
  memory().reindex("a");
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 2U);
  memory().configure_search("a/b", embedded_texts());
  EXPECT_EQ(keys_near(memory(), only("a/b"), "pear"), Keys{"2"});
  memory().remove_search("a/b");
  EXPECT_EQ(keys_near(memory(), below("a"), "apple").size(), 2U);
  config.embedding->model = "another";
  memory().configure_search("a", config);
  EXPECT_EQ(keys_near(memory(), below("a"), "apple"), Keys{});
  EXPECT_EQ(keys_without_vector(memory(), below("a")), (Keys{"1", "2"}));
  memory().configure_search("a", embedded_texts());
  embed_all(memory(), below("a"));
  memory().configure_search("a", SearchConfig::texts({""}));
  const auto refuses = [&](auto&& call) { return throws(ErrorCode::failed_precondition, call); };
  EXPECT_TRUE(refuses([&] { return keys_near(memory(), only("a"), "apple"); }));
  memory().configure_search("a", embedded_texts());
  EXPECT_EQ(keys_without_vector(memory(), below("a")), (Keys{"1", "2"}));
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
}

TEST_P(VectorConformance, WhatDoesNotFitIsRefusedAndChangesNothing) {
  HOLDFAST_CLAUSE("13.7");
  const auto says = [&](ErrorCode code, auto&& call) { return throws(code, call); };
  const auto put = [&](std::vector<float> vector) {
    return memory().put_vectors(std::vector<EntryVector>{{{"a", "1"}, 1, std::move(vector)}});
  };
  const auto near = [&](std::vector<float> vector) {
    return memory().nearest(near_to(only("a"), std::move(vector)));
  };
  const ErrorCode unmet = ErrorCode::failed_precondition;
  EXPECT_TRUE(says(unmet, [&] { return near({1, 0}); }));
  EXPECT_TRUE(says(unmet, [&] { return put({1, 0}); }));
  EXPECT_TRUE(says(unmet, [&] { return memory().without_vector(only("a")); }));
  memory().configure_search("a", SearchConfig::texts({"text"}));
  EXPECT_TRUE(says(unmet, [&] { return near({1, 0}); }));
  EXPECT_TRUE(says(unmet, [&] { return memory().without_vector(only("a")); }));
  memory().configure_search("a", in_two_dimensions());
  memory().set("a", "1", MemoryValue::map({{"text", "apple"}}));
  constexpr float infinite = std::numeric_limits<float>::infinity();
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::vector<float>> wrong = {{},     {1},           {1, 0, 0},
                                                 {0, 0}, {infinite, 0}, {1, nan}};
  for (const std::vector<float>& vector : wrong) {
    EXPECT_TRUE(says(ErrorCode::invalid_argument, [&] { return near(vector); }));
    EXPECT_TRUE(says(ErrorCode::invalid_argument, [&] { return put(vector); }));
  }
  const Entry entry = entry_at(memory(), "a", "1");
  const std::vector<EntryVector> second_wrong = {vector_for(entry, {1, 0}),
                                                 vector_for(entry, {1, 0, 0})};
  EXPECT_TRUE(
      says(ErrorCode::invalid_argument, [&] { return memory().put_vectors(second_wrong); }));
  EXPECT_EQ(keys_without_vector(memory(), only("a")), Keys{"1"});
  VectorQuery unlimited = near_to(only("a"), {1, 0});
  unlimited.limit = 0;
  EXPECT_TRUE(says(ErrorCode::invalid_argument, [&] { return memory().nearest(unlimited); }));
  EXPECT_TRUE(
      says(ErrorCode::invalid_argument, [&] { return memory().without_vector(only("a"), 0); }));
}

TEST_P(VectorConformance, AfterAnyHistoryTheyAreThoseOfTheEntries) {
  HOLDFAST_CLAUSE("13.6, 13.7");
  const auto seed = static_cast<std::uint64_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  memory().configure_search("a", embedded_texts());
  RandomTextWriter writer(memory(), seed);
  const std::size_t steps = std::min<std::size_t>(GetParam().concurrent_steps * 4, 2000);
  for (std::size_t i = 0; i < steps; ++i) {
    writer.step([&](std::chrono::milliseconds by) { advance(by); });
    if (i % 20 == 10) embed_all(memory(), i % 40 == 10 ? below("a") : only("a/b"));
    if (i % 20 == 0) {
      ASSERT_EQ(vector_problems(memory(), below("a")), "") << "after step " << i;
    }
  }
  embed_all(memory(), below("a"));
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
}

TEST_P(VectorLimitConformance, WhatIsReclaimedAtALimitIsNotFound) {
  HOLDFAST_CLAUSE("8.2, 13.6");
  StoreRequest limited = request();
  limited.max_entries = 3;
  Memory store = open(limited);
  store.configure_search("a", embedded_texts());
  for (int i = 0; i < 3; ++i)
    store.set("a", std::to_string(i), "apple", with_ttl(Ttl(1h * (1 + i))));
  embed_all(store, only("a"));
  advance(90min);
  store.set("a", "3", "pear");
  EXPECT_EQ(keys_near(store, only("a"), "apple"), (Keys{"2", "1"}));
  EXPECT_EQ(vector_problems(store, only("a")), "");
}

TEST_P(VectorEvictionConformance, WhatIsEvictedIsNotFound) {
  HOLDFAST_CLAUSE("8.3, 13.6");
  StoreRequest limited = request();
  limited.max_entries = 20;
  limited.evict = true;
  Memory store = open(limited);
  store.configure_search("a", embedded_texts());
  for (int i = 0; i < 100; ++i) {
    store.set(i % 3 == 0 ? "a/b" : "a", std::to_string(i), "apple " + std::to_string(i % 7));
    if (i % 10 == 0) embed_all(store, below("a"));
  }
  EXPECT_EQ(vector_problems(store, below("a")), "");
}

TEST_P(VectorRestoreConformance, RestoredEntriesAwaitTheirs) {
  HOLDFAST_CLAUSE("3.5, 13.6");
  memory().configure_search("a", embedded_texts());
  for (const char* key : {"1", "2", "3"}) memory().set("a", key, "quince");
  embed_all(memory(), only("a"));
  const auto at = [&](int days) { return clock().now() - std::chrono::hours(24 * days); };
  RestoreSteps steps;
  steps.put("a", "4", old_record("plum", at(2)))
      .replace("a", "1", old_record("apple", at(9)))
      .erase("a", "3")
      .restore_to(memory());
  EXPECT_EQ(keys_near(memory(), only("a"), "quince"), Keys{"2"});
  EXPECT_EQ(keys_without_vector(memory(), only("a")).size(), 2U);
  EXPECT_EQ(vector_problems(memory(), only("a")), "");
}

TEST_P(LastingVectorConformance, TheyAreThereAfterReopening) {
  HOLDFAST_CLAUSE("10.1, 13.6");
  const StoreRequest place = request();
  {
    Memory store = open(place);
    store.configure_search("a", embedded_texts());
    for (const char* key : {"1", "2", "3"}) store.set("a", key, "apple " + std::string(key));
    embed_all(store, only("a"));
    store.set("a", "4", "pear");
  }
  Memory store = open(place);
  EXPECT_EQ(keys_near(store, only("a"), "apple 2").at(0), "2");
  EXPECT_EQ(keys_without_vector(store, only("a")), Keys{"4"});
  EXPECT_EQ(vector_problems(store, only("a")), "");
}

TEST_P(SharedVectorConformance, AnotherProcessFindsThemAndTheirEnd) {
  HOLDFAST_CLAUSE("12.2, 13.6");
  const StoreRequest place = request();
  const auto hold = [](bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
  };
  OtherProcess other([&](const OtherProcess::Pause& pause) {
    Memory two = open(place);
    two.configure_search("a", embedded_texts());
    for (const char* key : {"1", "2"}) two.set("a", key, "apple");
    embed_all(two, only("a"));
    hold(keys_near(two, only("a"), "apple") == Keys{"2", "1"}, "what it embedded");
    pause();
    hold(keys_near(two, only("a"), "apple") == Keys{"3", "1"}, "what one did");
    two.set("a", "1", "pear");
    embed_all(two, only("a"));
    pause();
    hold(keys_near(two, only("a"), "apple").empty(), "what one cleared");
  });
  Memory one = open(place);
  other.step();
  EXPECT_EQ(keys_near(one, only("a"), "apple"), (Keys{"2", "1"}));
  one.erase("a", "2");
  one.set("a", "3", "apple");
  embed_all(one, only("a"));
  other.step();
  EXPECT_EQ(keys_near(one, only("a"), "apple"), (Keys{"3", "1"}));
  EXPECT_EQ(vector_problems(one, only("a")), "");
  one.clear(only("a"));
  other.step();
}

// In the name for the runs under ThreadSanitizer.
TEST_P(VectorConformance, ConcurrentWritersEmbeddersAndSearchesAgreeInTheEnd) {
  HOLDFAST_CLAUSE("12.1, 13.6");
  const int steps = static_cast<int>(std::min<std::size_t>(GetParam().concurrent_steps, 200));
  memory().configure_search("a", embedded_texts());
  in_threads(5, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      const std::string key = std::to_string(i % 20);
      if (thread == 0) {
        for (const std::string& found : keys_near(memory(), below("a"), "apple")) {
          EXPECT_FALSE(found.empty());
        }
      } else if (thread == 1) {
        // Others change what it is making vectors of.
        std::vector<EntryVector> vectors;
        for (const Entry& entry : memory().without_vector(below("a"))) {
          vectors.push_back(vector_for(entry, vector_of(entry.value.get<std::string>())));
        }
        memory().put_vectors(vectors);
      } else if (i % 5 == thread % 5) {
        memory().erase("a", key);
      } else {
        memory().set(thread % 2 == 0 ? "a" : "a/b", key, "apple and plum " + std::to_string(i));
      }
    }
  });
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
  embed_all(memory(), below("a"));
  EXPECT_EQ(keys_without_vector(memory(), below("a")), Keys{});
  EXPECT_EQ(vector_problems(memory(), below("a")), "");
}

}  // namespace holdfast::conformance
