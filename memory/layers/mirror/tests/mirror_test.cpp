// A store that is moved while it is in use.
#include "holdfast/mirror.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "holdfast/digest.hpp"
#include "holdfast/hashing_embedder.hpp"
#include "holdfast/hybrid_search.hpp"
#include "holdfast/in_memory.hpp"
#include "holdfast/sqlite.hpp"
#include "unreliable_backend.hpp"

namespace holdfast::mirror_tests {
namespace {

using namespace std::chrono_literals;

class MirrorTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> store() { return make_in_memory_backend({.clock = clock_}); }
  // A store, and a handle to look at it from outside.
  struct Watched {
    std::shared_ptr<UnreliableBackend::Switch> faults =
        std::make_shared<UnreliableBackend::Switch>();
    std::unique_ptr<Backend> backend;
    std::unique_ptr<Memory> memory;
  };
  Watched watched(std::unique_ptr<Backend> inner) {
    Watched made;
    const std::shared_ptr<Backend> shared = std::move(inner);
    made.backend = std::make_unique<UnreliableBackend>(shared, made.faults);
    made.memory = std::make_unique<Memory>(
        std::make_unique<UnreliableBackend>(shared, std::make_shared<UnreliableBackend::Switch>()));
    return made;
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
};

}  // namespace

TEST_F(MirrorTest, WritesGoToBothSidesWithOneRevision) {
  Watched source = watched(store());
  Watched destination = watched(store());
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  const Revision revision = agent.set("a", "k", 1).revision;
  EXPECT_EQ(destination.memory->get_entry("a", "k")->revision, revision);
  agent.increment("a", "n", 5);
  agent.touch("a", "k", Ttl(1h));
  agent.write(WriteBatch().set("a", "x", 1).set("b", "y", 2).erase("a", "n"));
  EXPECT_EQ(digest(*source.memory), digest(*destination.memory));
  agent.clear({"a", true});
  EXPECT_EQ(digest(*source.memory), digest(*destination.memory));
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 1U);
}

TEST_F(MirrorTest, CopyBringsWhatWasThereBeforeAndCutOverTurnsCalls) {
  Watched source = watched(store());
  Watched destination = watched(store());
  for (int i = 0; i < 100; ++i) source.memory->set("a", std::to_string(i), i);
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  agent.set("a", "5", "early");
  static_cast<void>(mirror.copy());
  agent.set("a", "6", "late");
  const MigrationResult result = mirror.cut_over();
  EXPECT_TRUE(result.verified);
  EXPECT_TRUE(mirror.status().cut_over);
  EXPECT_EQ(digest(*source.memory), digest(*destination.memory));
  agent.set("a", "7", "after");
  EXPECT_EQ(destination.memory->get("a", "7"), MemoryValue("after"));
  EXPECT_EQ(source.memory->get("a", "7"), MemoryValue(7));
  EXPECT_EQ(agent.get("a", "7"), MemoryValue("after"));
  EXPECT_TRUE(mirror.cut_over().verified) << "again does nothing";
}

TEST_F(MirrorTest, SearchesGoOnThroughTheMove) {
  Watched source = watched(store());
  Watched destination = watched(store());
  const SearchConfig config = SearchConfig::texts({""});
  source.memory->configure_search("a", config);
  for (int i = 0; i < 20; ++i) source.memory->set("a", std::to_string(i), "an apple");
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  EXPECT_TRUE(agent.capabilities().search);
  agent.configure_search("b", config);
  agent.set("b", "k", "a pear");
  agent.erase("a", "3");
  static_cast<void>(mirror.copy());
  agent.set("a", "4", "a pear");
  const auto found = [](Memory& memory) {
    std::vector<std::pair<std::string, double>> hits;
    for (const char* ns : {"a", "b"}) {
      SearchQuery query;
      query.scope = Namespace(ns);
      query.text = "apples and pears";
      query.limit = 100;
      for (const SearchHit& hit : memory.search(query).hits) {
        hits.emplace_back(hit.entry.key, hit.score);
      }
    }
    return hits;
  };
  const auto before = found(agent);
  EXPECT_EQ(before.size(), 20U);
  mirror.cut_over();
  EXPECT_EQ(found(agent), before);
  EXPECT_EQ(found(*destination.memory), before);
  EXPECT_TRUE(destination.memory->check_search("a").problems.empty());
  EXPECT_TRUE(agent.remove_search("b"));
  EXPECT_EQ(destination.memory->search_configurations().size(), 1U);
  EXPECT_EQ(source.memory->search_configurations().size(), 2U);
}

TEST_F(MirrorTest, VectorsMoveWithACopyAndWithTheCutOver) {
  Watched source = watched(store());
  Watched destination = watched(store());
  HashingEmbedder embedder(8);
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  HybridSearch hybrid(agent, embedder);
  const Scope scope{"a", true};
  agent.configure_search("a", hybrid.with_embedding(SearchConfig::texts({""})));
  const auto vectors_in = [&](Memory& memory) {
    std::vector<std::string> keys;
    memory.scan_vectors(scope, [&](const AddressView& address, const Record&, auto) {
      keys.emplace_back(address.key);
      return true;
    });
    return keys;
  };
  using Keys = std::vector<std::string>;
  agent.set("a", "1", "an apple");
  EXPECT_EQ(agent.without_vector(scope).size(), 1U);
  EXPECT_EQ(hybrid.embed(scope), 1U);
  static_cast<void>(mirror.copy());
  EXPECT_EQ(vectors_in(*destination.memory), Keys{"1"});
  agent.set("a", "2", "a pear");
  agent.set("a", "1", "a plum");
  EXPECT_EQ(vectors_in(*destination.memory), Keys{});
  EXPECT_EQ(hybrid.embed(scope), 2U);
  EXPECT_EQ(vectors_in(agent), (Keys{"1", "2"}));
  mirror.cut_over();
  EXPECT_EQ(vectors_in(*destination.memory), (Keys{"1", "2"}));
  const HybridQuery query{.scope = scope, .text = "a pear"};
  EXPECT_EQ(hybrid.search(query).front().entry.key, "2");
  agent.set("a", "3", "a quince");
  EXPECT_EQ(hybrid.embed(scope), 1U);
  EXPECT_EQ(vectors_in(*source.memory), (Keys{"1", "2"}));
  EXPECT_EQ(vectors_in(*destination.memory), (Keys{"1", "2", "3"}));
}

TEST_F(MirrorTest, AFailureOfTheDestinationIsNotTheAgents) {
  Watched source = watched(store());
  Watched destination = watched(store());
  // With no patience it is asked again at each write.
  Mirror mirror(std::move(source.backend), std::move(destination.backend),
                {.migration = {}, .destination_patience = 0ms});
  Memory agent = mirror.memory();
  destination.faults->restore = ErrorCode::unavailable;
  EXPECT_EQ(agent.set("a", "k", 1).status, WriteStatus::created);
  agent.set("a", "gone", 1);
  EXPECT_FALSE(destination.memory->exists("a", "k"));
  EXPECT_EQ(mirror.status().behind, 2U);
  EXPECT_FALSE(mirror.status().last_failure.empty());
  EXPECT_THROW(mirror.cut_over(), Error);
  EXPECT_FALSE(mirror.status().cut_over);
  agent.erase("a", "gone");
  destination.faults->restore.reset();
  EXPECT_EQ(mirror.catch_up(), 0U);
  EXPECT_EQ(digest(*source.memory), digest(*destination.memory));
  EXPECT_TRUE(mirror.cut_over().verified);
}

TEST_F(MirrorTest, AFailureOfTheSourceIsTheAgentsAndNothingIsMirrored) {
  Watched source = watched(store());
  Watched destination = watched(store());
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  source.faults->write = ErrorCode::unavailable;
  EXPECT_THROW(agent.set("a", "k", 1), Error);
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 0U);
  EXPECT_EQ(mirror.status().behind, 0U);
}

TEST_F(MirrorTest, AWriteWhoseOutcomeIsUnknownIsSettledByTheSource) {
  Watched source = watched(store());
  Watched destination = watched(store());
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  source.faults->write = ErrorCode::commit_unknown;
  source.faults->applies_all_the_same = true;
  EXPECT_THROW(agent.set("a", "k", 1), Error);
  EXPECT_EQ(mirror.status().behind, 1U);
  EXPECT_EQ(mirror.catch_up(), 0U);
  EXPECT_EQ(destination.memory->get("a", "k"), MemoryValue(1));
}

TEST_F(MirrorTest, AnErasedSubjectGoesFromBothSidesAlsoWhereItsOutcomeIsUnknown) {
  Watched source = watched(store());
  Watched destination = watched(store());
  Mirror mirror(std::move(source.backend), std::move(destination.backend));
  Memory agent = mirror.memory();
  for (const char* user : {"users/1", "users/2", "users/3"}) agent.set(user, "k", 1);
  EXPECT_EQ(agent.erase_subject("users/1").entries, 1U);
  EXPECT_EQ(destination.memory->count(Scope{"users/1", true}), 0U);
  source.faults->write = ErrorCode::commit_unknown;
  source.faults->applies_all_the_same = true;
  EXPECT_THROW(agent.erase_subject("users/2"), Error);
  EXPECT_TRUE(mirror.status().behind_unknown);
  static_cast<void>(mirror.cut_over({.verify = false}));
  EXPECT_EQ(destination.memory->count(Scope{"users", true}), 1U);
  EXPECT_FALSE(mirror.status().behind_unknown);
}

TEST_F(MirrorTest, ADestinationThatOthersHaveWrittenToIsRefused) {
  Watched destination = watched(store());
  destination.memory->set("there", "already", 1);
  try {
    const Mirror mirror(store(), std::move(destination.backend));
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed_precondition);
  }
}

TEST_F(MirrorTest, OnlyWhatMovesIsMirroredUnderItsNewName) {
  Watched source = watched(store());
  Watched destination = watched(store());
  MirrorOptions options;
  options.migration.scope = {"users", true};
  options.migration.destination = Namespace("people");
  options.migration.filter = Filter::parse(R"({"keep":true})");
  Mirror mirror(std::move(source.backend), std::move(destination.backend), options);
  Memory agent = mirror.memory();
  const MemoryValue kept = MemoryValue::map({{"keep", true}});
  agent.set("users/a", "k", kept);
  agent.set("other", "k", kept);
  agent.set("users/a", "no", MemoryValue::map({{"keep", false}}));
  EXPECT_EQ(destination.memory->get("people/a", "k"), kept);
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 1U);
  agent.set("users/a", "k", 1);
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 0U);
  agent.set("users/a", "k", kept);
  agent.clear({"users/a"});
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 0U);
}

TEST_F(MirrorTest, AnUnknownOutcomeOfWhatDoesNotMoveChangesNothingThere) {
  Watched source = watched(store());
  Watched destination = watched(store());
  MirrorOptions options;
  options.migration.scope = {"users", true};
  options.migration.destination = Namespace("people");
  Mirror mirror(std::move(source.backend), std::move(destination.backend), options);
  Memory agent = mirror.memory();
  agent.set("users/a", "k", 1);
  source.faults->write = ErrorCode::commit_unknown;
  source.faults->applies_all_the_same = true;
  // As long as `users`, so that a name cut there would be that of an entry that moves.
  EXPECT_THROW(agent.set("other/a", "k", 2), Error);
  EXPECT_THROW(agent.set("x", "k", 2), Error);
  EXPECT_EQ(mirror.status().behind, 0U);
  EXPECT_EQ(mirror.catch_up(), 0U);
  EXPECT_EQ(destination.memory->get("people/a", "k"), MemoryValue(1));
  EXPECT_EQ(destination.memory->count(Scope{Namespace(), true}), 1U);
}

// The promise of the whole: writers at full speed during all of it.
TEST_F(MirrorTest, NothingAcknowledgedIsMissingAndNothingErasedIsBackAfterALiveMove) {
  constexpr int threads = 4;
  constexpr int keys = 40;
  constexpr int steps_after = 200;
  Watched source = watched(store());
  Watched destination = watched(store());
  for (int i = 0; i < 3000; ++i) source.memory->set("old", std::to_string(i), i);
  Mirror mirror(std::move(source.backend), std::move(destination.backend),
                {.migration = {.batch_entries = 50}, .destination_patience = 10min});
  Memory agent = mirror.memory();
  std::atomic<bool> is_over{false};
  // Each thread has namespaces of its own, so that it knows what must be there; and one for all.
  std::vector<std::map<std::string, std::optional<MemoryValue>>> expected(threads);
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      const Namespace own("writer" + std::to_string(t));
      for (int step = 0, after = 0; after < steps_after; ++step) {
        after += is_over ? 1 : 0;
        const std::string key = std::to_string(random() % keys);
        if (random() % 3 == 0) {
          agent.erase(own, key);
          expected[static_cast<std::size_t>(t)][key] = std::nullopt;
          agent.erase("old", std::to_string(random() % 3000));
        } else {
          agent.set(own, key, step);
          expected[static_cast<std::size_t>(t)][key] = step;
        }
        agent.increment("shared", std::to_string(random() % 3));
      }
    });
  }
  static_cast<void>(mirror.copy());
  const MigrationResult result = mirror.cut_over();
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(result.verified);
  for (int t = 0; t < threads; ++t) {
    const Namespace own("writer" + std::to_string(t));
    for (const auto& [key, value] : expected[static_cast<std::size_t>(t)]) {
      EXPECT_EQ(destination.memory->get(own, key), value) << own.text() << " " << key;
    }
  }
  EXPECT_FALSE(mirror.status().behind_unknown);
  EXPECT_EQ(mirror.status().behind, 0U);
}

}  // namespace holdfast::mirror_tests
