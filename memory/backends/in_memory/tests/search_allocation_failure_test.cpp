// Lets each allocation of an operation on searchable entries fail in turn: the index and the
// vectors stay as they were, too.
#include <gtest/gtest.h>

#include <functional>

#include "failing_allocator.hpp"
#include "support.hpp"
#include "support/tries.hpp"

namespace holdfast {
namespace {

// What a search sees, with what it is made of.
struct Searched {
  std::vector<Entry> entries;
  std::vector<std::pair<std::string, double>> hits;
  std::vector<std::pair<std::string, double>> near;
  std::vector<std::string> awaited;
  std::vector<std::string> configured;
  std::uint64_t limited_bytes = 0;

  friend bool operator==(const Searched&, const Searched&) = default;
};

std::vector<std::pair<std::string, double>> scores_of(const SearchPage& page) {
  std::vector<std::pair<std::string, double>> scores;
  for (const SearchHit& hit : page.hits) scores.emplace_back(hit.entry.key, hit.score);
  return scores;
}

class InMemorySearchAllocationFailure : public ::testing::Test {
 protected:
  InMemorySearchAllocationFailure() {
    memory_.configure_search("talk", config());
    for (int i = 0; i < 12; ++i) {
      memory_.set(Namespace("talk") / std::to_string(i % 3), std::to_string(i),
                  "a bicycle, a boat and the " + std::to_string(i) + "th word");
    }
    (void)memory_.put_vectors(vectors({1, 2, 3}, 8));
  }
  void TearDown() override {
    fault_tests::count_tries("in memory: an allocation that fails changes no index and no vector",
                             tries_);
  }

  static SearchConfig config(const std::string& model = "m") {
    SearchConfig config = SearchConfig::texts({""});
    config.embedding = SearchEmbedding{model, 3};
    return config;
  }
  // For so many of the entries that await one.
  [[nodiscard]] std::vector<EntryVector> vectors(const std::vector<float>& vector,
                                                 std::size_t count) {
    std::vector<EntryVector> made;
    for (const Entry& entry : memory_.without_vector({"talk", true}, count)) {
      made.push_back({{entry.ns, entry.key}, entry.revision, vector, {}});
    }
    return made;
  }

  [[nodiscard]] Searched searched() {
    Searched searched;
    const Page page =
        memory_.query({.scope = everything(), .order = OrderBy::created, .limit = 10'000});
    searched.entries = page.entries;
    searched.limited_bytes = memory_.stats().limited_bytes;
    for (const SearchConfiguration& each : memory_.search_configurations()) {
      const Scope scope{each.ns, true};
      searched.configured.push_back(std::string(each.config.to_value().json_text()));
      EXPECT_EQ(memory_.check_search(each.ns).problems, std::vector<std::string>());
      for (const auto& hit : scores_of(memory_.search({.scope = scope, .text = "bicycle word"}))) {
        searched.hits.push_back(hit);
      }
      if (!each.config.embedding) continue;
      const VectorQuery near{.scope = scope, .vector = {1, 0, 0}, .limit = 1000};
      for (const auto& hit : scores_of(memory_.nearest(near))) searched.near.push_back(hit);
      for (const Entry& entry : memory_.without_vector(scope, 1000)) {
        searched.awaited.push_back(entry.key);
      }
    }
    return searched;
  }

  void fail_each(const std::function<void()>& operation) {
    const Searched before = searched();
    for (long ordinal = 0;; ++ordinal) {
      ASSERT_LT(ordinal, 100'000);
      const FailedAllocation failed = fail_allocation(ordinal, operation);
      tries_ += failed.struck ? 1U : 0U;
      if (!failed.thrown) {
        EXPECT_TRUE(!failed.struck || !(searched() == before)) << "ordinal " << ordinal;
        return;
      }
      ASSERT_EQ(searched(), before) << "ordinal " << ordinal;
    }
  }

  Memory memory_ = open_in_memory({.max_entries = 1'000, .change_log = true});
  std::uint64_t tries_ = 0;
};

TEST_F(InMemorySearchAllocationFailure, WritesChangeNoIndex) {
  fail_each([&] { memory_.set("talk/0", "new", "a new bicycle with unheard-of words"); });
  fail_each([&] { memory_.set("talk/3", "new", "a new namespace with a bicycle"); });
  fail_each([&] { memory_.set("talk/0", "0", "another text, without the vehicle"); });
  fail_each([&] { memory_.erase("talk/0", "3"); });
  fail_each([&] { memory_.clear({"talk/1", true}); });
}

TEST_F(InMemorySearchAllocationFailure, BatchesAndRestoringChangeNoIndex) {
  WriteBatch batch;
  for (int i = 0; i < 8; ++i) {
    batch.set(Namespace("talk") / std::to_string(i % 4), std::to_string(i), "batched bicycles");
  }
  batch.erase("talk/2", "11");
  fail_each([&] { memory_.write(batch); });
  Entry entry;
  entry.ns = "talk/0";
  entry.key = "0";
  entry.value = "a restored bicycle";
  const std::vector<Entry> entries{entry};
  fail_each([&] { memory_.restore(entries, RestoreRevisions::assign); });
}

TEST_F(InMemorySearchAllocationFailure, ConfiguringChangesNothing) {
  memory_.set("later", "k", "a bicycle that nobody finds yet");
  memory_.set("later/below", "k", "another bicycle");
  const SearchConfig same = config();
  const SearchConfig another = config("another model");
  fail_each([&] { memory_.configure_search("later", same); });
  fail_each([&] { memory_.configure_search("talk", another); });
  fail_each([&] { memory_.remove_search("later"); });
  // Leaves things as they are, so each ordinal is tried until none fails.
  const Searched before = searched();
  for (long ordinal = 0;; ++ordinal) {
    const FailedAllocation failed =
        fail_allocation(ordinal, [&] { (void)memory_.reindex("talk"); });
    ASSERT_EQ(searched(), before) << "ordinal " << ordinal;
    if (!failed.struck) break;
    ++tries_;
  }
}

TEST_F(InMemorySearchAllocationFailure, VectorsAreKeptAllOrNone) {
  // Of one namespace: that is the step.
  for (const char* key : {"a", "b", "c"}) memory_.set("talk/5", key, "a bicycle, again");
  std::vector<EntryVector> made = vectors({3, 2, 1}, 100);
  std::erase_if(made,
                [](const EntryVector& each) { return each.address.ns != Namespace("talk/5"); });
  ASSERT_EQ(made.size(), 3U);
  fail_each([&] { (void)memory_.put_vectors(made); });
}

TEST_F(InMemorySearchAllocationFailure, SearchesFailAlone) {
  const SearchQuery words{.scope = {"talk", true}, .text = "bicycle boat"};
  const VectorQuery near{.scope = {"talk", true}, .vector = {1, 0, 0}};
  const Scope scope{"talk", true};
  const Searched before = searched();
  for (long ordinal = 0;; ++ordinal) {
    const FailedAllocation failed = fail_allocation(ordinal, [&] {
      (void)memory_.search(words);
      (void)memory_.nearest(near);
      (void)memory_.without_vector(scope, 5);
      (void)memory_.check_search("talk");
    });
    ASSERT_EQ(searched(), before) << "ordinal " << ordinal;
    if (!failed.struck) break;
    ++tries_;
  }
}

}  // namespace
}  // namespace holdfast
