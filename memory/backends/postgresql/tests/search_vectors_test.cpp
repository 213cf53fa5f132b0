// What is this store's own about vectors: handles that learn of each other's, writers at the same
// time, and what stands in the database. What a search finds is held by the conformance suite.
#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <set>
#include <span>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Keys = std::vector<std::string>;

SearchConfig embedded(const std::string& model = "model") {
  SearchConfig config = SearchConfig::texts({"text"});
  config.embedding = SearchEmbedding{model, 2};
  return config;
}
MemoryValue text(const std::string& words) { return MemoryValue::map({{"text", words}}); }

// A direction for each number, the further from that of 0 the greater it is.
double angle_of(int number) { return number == 0 ? 0 : 0.5 + 0.0003 * number; }
std::vector<float> direction(int number) {
  return {static_cast<float>(std::cos(angle_of(number))),
          static_cast<float>(std::sin(angle_of(number)))};
}

std::uint64_t keep(Memory& memory, const Entry& entry, int number) {
  const std::vector<EntryVector> vectors{
      {{entry.ns, entry.key}, entry.revision, direction(number)}};
  return memory.put_vectors(vectors);
}
void write_with_vector(Memory& memory, const Namespace& ns, const std::string& key, int number) {
  memory.set(ns, key, text(std::to_string(number)));
  EXPECT_EQ(keep(memory, memory.get_entry(ns, key).value(), number), 1U);
}

std::vector<SearchHit> nearest(Memory& memory, const Scope& scope = {Namespace("a"), true}) {
  VectorQuery query;
  query.scope = scope;
  query.vector = direction(0);
  query.limit = VectorQuery::max_limit;
  return memory.nearest(query).hits;
}
Keys found(Memory& memory, const Scope& scope = {Namespace("a"), true}) {
  Keys keys;
  for (const SearchHit& hit : nearest(memory, scope)) keys.push_back(hit.entry.key);
  return keys;
}
Keys awaited(Memory& memory) {
  Keys keys;
  for (const Entry& entry : memory.without_vector({Namespace("a"), true})) {
    keys.push_back(entry.key);
  }
  return keys;
}

class SearchVectorsTest : public StoreTest {
 protected:
  SearchVectorsTest() { memory_.configure_search("a", embedded()); }

  std::string ask(const std::string& sql) { return sql_.run(in_schema(sql, schema_)); }
  std::string rows(const std::string& condition = "true") {
    return ask("SELECT count(*) FROM @schema@.search_vector WHERE " + condition);
  }
  static Memory open_with_cache(const std::string& schema, std::uint64_t bytes) {
    PostgresqlOptions options = options_for(schema);
    options.vector_cache_bytes = bytes;
    return open_postgresql(options);
  }

  const std::string schema_ = new_schema();
  Memory memory_ = open(schema_);
  Sql sql_;
};

TEST_F(SearchVectorsTest, AHandleLearnsOfWhatAnotherOneKeepsAndForgets) {
  PostgresqlOptions options = options_for(schema_);
  options.prepare = false;
  Memory other = open_postgresql(options);
  for (int i = 1; i <= 3; ++i) write_with_vector(memory_, "a", std::to_string(i), i);
  write_with_vector(memory_, "a/b", "4", 4);
  EXPECT_THAT(found(other), ElementsAre("1", "2", "3", "4"));
  memory_.erase("a", "2");
  memory_.set("a", "1", text("another"));
  EXPECT_THAT(found(other), ElementsAre("3", "4"));
  EXPECT_THAT(awaited(other), ElementsAre("1"));
  keep(memory_, memory_.get_entry("a", "1").value(), 9);
  write_with_vector(memory_, "a", "2", 8);
  EXPECT_THAT(found(other), ElementsAre("3", "4", "2", "1"));
  EXPECT_THAT(found(other, Scope{"a"}), ElementsAre("3", "2", "1"));
  memory_.clear(Scope{"a"});
  EXPECT_THAT(found(other), ElementsAre("4"));
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchVectorsTest, OneThatIsKeptAnewTakesThePlaceOfTheOldOneForAllHandles) {
  Memory other = open(schema_);
  write_with_vector(memory_, "a", "1", 1);
  write_with_vector(memory_, "a", "2", 2);
  EXPECT_THAT(found(other), ElementsAre("1", "2"));
  keep(memory_, memory_.get_entry("a", "1").value(), 3);
  EXPECT_THAT(found(other), ElementsAre("2", "1"));
  // Of two in one call, the last.
  const Entry entry = memory_.get_entry("a", "1").value();
  const Address address{entry.ns, entry.key};
  const std::vector<EntryVector> twice{{address, entry.revision, direction(9)},
                                       {address, entry.revision, direction(1)}};
  EXPECT_EQ(memory_.put_vectors(twice), 2U);
  EXPECT_THAT(found(other), ElementsAre("1", "2"));
  EXPECT_EQ(rows(), "2");
}

TEST_F(SearchVectorsTest, OneOfTheSameTextStays) {
  write_with_vector(memory_, "a", "1", 1);
  memory_.set("a", "1", MemoryValue::map({{"text", "1"}, {"flag", true}}));
  memory_.touch("a", "1", std::chrono::hours(1));
  EXPECT_THAT(awaited(memory_), IsEmpty());
  EXPECT_THAT(found(memory_), ElementsAre("1"));
  memory_.set("a", "1", MemoryValue::map({{"flag", true}}));
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(keep(memory_, memory_.get_entry("a", "1").value(), 1), 0U);
}

TEST_F(SearchVectorsTest, KeepersAtTheSameTimeHideNothingFromASearcher) {
  constexpr int writers = 4;
  constexpr int turns = 60;
  for (int i = 0; i < writers * turns; ++i) {
    memory_.set(i % 3 == 0 ? "a/b" : "a", std::to_string(i), text(std::to_string(i)));
  }
  Memory searcher = open(schema_);
  std::atomic<int> at_work = writers;
  run_threads(writers + 1, [&](int i) {
    if (i == writers) {
      while (at_work > 0) nearest(searcher);
      return;
    }
    Memory memory = open(schema_);
    for (int turn = 0; turn < turns; turn += 4) {
      std::vector<EntryVector> vectors;
      // In another order of the namespaces each time.
      for (int n = 0; n < 4; ++n) {
        const int number = writers * (turn + (turn / 4 + n) % 4) + i;
        const Namespace ns(number % 3 == 0 ? "a/b" : "a");
        const Entry entry = memory.get_entry(ns, std::to_string(number)).value();
        vectors.push_back({{entry.ns, entry.key}, entry.revision, direction(number)});
      }
      EXPECT_EQ(memory.put_vectors(vectors), 4U);
    }
    --at_work;
  });
  EXPECT_THAT(found(searcher), SizeIs(writers * turns));
  EXPECT_EQ(found(searcher), found(memory_));
  EXPECT_THAT(awaited(memory_), IsEmpty());
}

TEST_F(SearchVectorsTest, AnEntryThatIsOverwrittenNeverHasTheVectorOfAnotherText) {
  constexpr int turns = 150;
  memory_.set("a", "1", text("0"));
  std::atomic<bool> done = false;
  std::atomic<int> kept = 0;
  run_threads(4, [&](int i) {
    Memory memory = open(schema_);
    if (i == 0) {
      for (int turn = 1; turn <= turns; ++turn) {
        memory.set("a", "1", text(std::to_string(turn)));
        if (turn % 20 == 0) memory.erase("a", "1");
      }
      done = true;
      return;
    }
    while (!done) {
      if (i == 1) {
        for (const SearchHit& hit : nearest(memory)) {
          const int number = std::stoi(hit.entry.value["text"].get<std::string>());
          EXPECT_NEAR(hit.score, std::cos(angle_of(number)), 2e-6);
        }
      } else if (const auto entry = memory.get_entry("a", "1")) {
        const int number = std::stoi(entry->value["text"].get<std::string>());
        kept += static_cast<int>(keep(memory, *entry, number));
      }
    }
  });
  EXPECT_GT(kept, 0);
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchVectorsTest, ConcurrentWritersKeepersAndConfigurationsLeaveItWhole) {
  constexpr int writers = 4;
  constexpr int turns = 80;
  run_threads(writers + 1, [&](int i) {
    Memory memory = open(schema_);
    for (int turn = 0; turn < turns; ++turn) {
      const Namespace ns(turn % 3 == 0 ? "a/b" : "a");
      const std::string key = std::to_string((turn + i) % 7);
      if (i == writers) {
        if (turn % 8 == 0) memory.configure_search("a", embedded(turn % 16 == 0 ? "model" : "m"));
        if (turn % 8 == 4) memory.configure_search("a/b", embedded());
        if (turn % 8 == 6) memory.remove_search("a/b");
        if (turn % 20 == 3) memory.reindex("a");
        continue;
      }
      memory.set(ns, key, text(std::to_string(turn % 5)));
      if (turn % 9 == 0) memory.erase(ns, key);
      std::vector<EntryVector> vectors;
      for (const Entry& entry : memory.without_vector({"a", true})) {
        const int number = std::stoi(entry.value["text"].get<std::string>());
        vectors.push_back({{entry.ns, entry.key}, entry.revision, direction(number)});
      }
      memory.put_vectors(vectors);
      for (const SearchHit& hit : nearest(memory)) {
        const int number = std::stoi(hit.entry.value["text"].get<std::string>());
        EXPECT_NEAR(hit.score, std::cos(angle_of(number)), 2e-6);
      }
    }
  });
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  EXPECT_EQ(found(memory_).size() + awaited(memory_).size(), memory_.count(Scope{"a", true}));
}

TEST_F(SearchVectorsTest, ASmallCacheFindsTheSame) {
  for (int i = 0; i < 40; ++i) {
    write_with_vector(memory_, i % 2 == 0 ? "a" : "a/b", std::to_string(i), i);
  }
  memory_.erase("a", "2");
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{4000}}) {
    Memory other = open_with_cache(schema_, bytes);
    EXPECT_EQ(found(other), found(memory_));
    EXPECT_EQ(found(other), found(memory_));
    EXPECT_EQ(other.stats().details["vector_cache_bytes"], MemoryValue(bytes));
  }
}

TEST_F(SearchVectorsTest, VectorsStayWhereTheConfigurationLeavesThemAndGoWhereItDoesNot) {
  write_with_vector(memory_, "a", "1", 1);
  memory_.set("a", "2", text("two"));
  Memory other = open(schema_);
  EXPECT_THAT(found(other), ElementsAre("1"));
  EXPECT_EQ(memory_.reindex("a"), 2U);
  EXPECT_THAT(found(other), ElementsAre("1"));
  SearchConfig config = embedded();
  config.saturation = 200;
  memory_.configure_search("a", config);
  EXPECT_THAT(found(other), ElementsAre("1"));
  EXPECT_THAT(awaited(other), ElementsAre("2"));
  memory_.configure_search("a", embedded("another model"));
  EXPECT_THAT(found(other), IsEmpty());
  EXPECT_THAT(awaited(other), ElementsAre("1", "2"));
  keep(memory_, memory_.get_entry("a", "1").value(), 1);
  EXPECT_THAT(found(other), ElementsAre("1"));
  memory_.configure_search("a", SearchConfig::texts({"text"}));
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(code_thrown_by([&] { nearest(other); }), ErrorCode::failed_precondition);
  memory_.remove_search("a");
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_namespace"), "0");
}

TEST_F(SearchVectorsTest, AHandleThatDidNotKnowTheConfigurationKeepsByIt) {
  Memory other = open(schema_);
  memory_.remove_search("a");
  memory_.configure_search("a", embedded());
  other.set("a", "1", text("1"));
  EXPECT_EQ(keep(other, other.get_entry("a", "1").value(), 1), 1U);
  memory_.configure_search("a", embedded("another model"));
  EXPECT_EQ(keep(other, other.get_entry("a", "1").value(), 2), 1U);
  memory_.configure_search("a", SearchConfig::texts({"text"}));
  EXPECT_EQ(code_thrown_by([&] { keep(other, other.get_entry("a", "1").value(), 1); }),
            ErrorCode::failed_precondition);
}

TEST_F(SearchVectorsTest, ThoseBesideAnIndexOfAnotherVersionAreKeptInStep) {
  write_with_vector(memory_, "a", "1", 1);
  write_with_vector(memory_, "a", "2", 2);
  // As a handle with another analyzer would have left it.
  ask("UPDATE @schema@.search_configuration SET version = 'another';"
      "UPDATE @schema@.store SET search_generation = search_generation + 1");
  Memory other = open(schema_);
  EXPECT_THAT(found(other), ElementsAre("1", "2"));
  other.set("a", "1", text("another"));
  other.set("a", "3", text("3"));
  EXPECT_THAT(found(memory_), ElementsAre("2"));
  EXPECT_THAT(awaited(memory_), ElementsAre("1", "3"));
  EXPECT_EQ(keep(other, other.get_entry("a", "3").value(), 3), 1U);
  other.reindex("a");
  EXPECT_THAT(found(memory_), ElementsAre("2", "3"));
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchVectorsTest, ARestoreUnderKeptRevisionsLeavesThoseWhoseTextStays) {
  std::vector<Entry> entries(2);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].ns = Namespace("a");
    entries[i].key = std::to_string(i);
    entries[i].value = text("text");
    entries[i].created_revision = entries[i].revision = static_cast<Revision>(i) + 10;
  }
  memory_.restore(entries, RestoreRevisions::keep);
  for (const Entry& entry : entries) EXPECT_EQ(keep(memory_, entry, 1), 1U);
  Memory other = open(schema_);
  EXPECT_THAT(found(other), ElementsAre("1", "0"));
  entries[0].revision = 20;
  entries[1].revision = 21;
  entries[1].value = text("another");
  memory_.restore(entries, RestoreRevisions::keep);
  EXPECT_THAT(found(other), ElementsAre("0"));
  EXPECT_THAT(awaited(memory_), ElementsAre("1"));
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  // One that is created anew has another place in the order, and no vector.
  entries[0].created_revision = entries[0].revision = 30;
  memory_.restore(entries, RestoreRevisions::keep);
  EXPECT_THAT(found(other), IsEmpty());
  EXPECT_EQ(rows(), "2");
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchVectorsTest, IdsAreNotGivenAgainAfterACrashOfTheServer) {
  write_with_vector(memory_, "a", "1", 1);
  Memory other = open(schema_);
  EXPECT_THAT(found(other), ElementsAre("1"));
  // As after a crash that took back what was given last.
  ask("TRUNCATE @schema@.running; SELECT setval('@schema@.search_vector_id_seq', 1)");
  memory_.set("a", "2", text("2"));
  EXPECT_EQ(keep(memory_, memory_.get_entry("a", "2").value(), 2), 1U);
  EXPECT_GT(std::stoll(ask("SELECT max(id) FROM @schema@.search_vector")), std::int64_t{1} << 34);
  EXPECT_THAT(found(other), ElementsAre("1", "2"));
  ask("TRUNCATE @schema@.running");
  EXPECT_EQ(keep(memory_, memory_.get_entry("a", "2").value(), 2), 1U);
}

TEST_F(SearchVectorsTest, AreKeptDurablyAndChangeNoRevision) {
  PostgresqlOptions options = options_for(schema_);
  options.durability = PostgresqlDurability::normal;
  Memory memory = open_postgresql(options);
  memory.set("a", "1", text("1"));
  const Entry before = memory.get_entry("a", "1").value();
  const Revision stable = memory.stable_revision();
  EXPECT_EQ(keep(memory, before, 1), 1U);
  EXPECT_EQ(memory.get_entry("a", "1").value(), before);
  EXPECT_EQ(memory.stable_revision(), stable);
  options.read_only = true;
  Memory reader = open_postgresql(options);
  EXPECT_THAT(found(reader), ElementsAre("1"));
  EXPECT_EQ(code_thrown_by([&] { keep(reader, before, 1); }), ErrorCode::permission_denied);
}

TEST_F(SearchVectorsTest, ManyGoToTheServerInParts) {
  SearchConfig config = embedded();
  config.embedding->dimensions = 16'000;
  memory_.configure_search("a", config);
  constexpr int count = 600;  // 38 MB.
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < count; ++i) pairs.emplace_back(std::to_string(i), text("text"));
  memory_.set_many("a", pairs);
  EXPECT_EQ(memory_.without_vector(Scope{"a"}, 1000).size(), std::size_t{count});
  std::vector<EntryVector> vectors;
  for (const Entry& entry : memory_.without_vector(Scope{"a"}, 1000)) {
    std::vector<float> vector(16'000);
    vector[static_cast<std::size_t>(std::stoi(entry.key))] = 1;
    vectors.push_back({{entry.ns, entry.key}, entry.revision, std::move(vector)});
  }
  EXPECT_EQ(memory_.put_vectors(vectors), std::uint64_t{count});
  VectorQuery query;
  query.scope = {"a"};
  query.vector = vectors[321].vector;
  query.limit = 1;
  Memory uncached = open_with_cache(schema_, 0);
  for (Memory* const memory : {&memory_, &uncached}) {
    const SearchPage page = memory->nearest(query);
    ASSERT_EQ(page.hits.size(), 1U);
    EXPECT_EQ(page.hits[0].entry.key, vectors[321].address.key);
  }
  std::set<std::string> seen;
  memory_.scan_vectors(Scope{"a"}, [&](const AddressView& address, const Record& record,
                                       std::span<const float> vector) {
    const std::string key(address.key);
    EXPECT_EQ(vector[static_cast<std::size_t>(std::stoi(key))], 1.0F);
    EXPECT_EQ(record.value, text("text"));
    seen.insert(key);
    return true;
  });
  EXPECT_EQ(seen.size(), std::size_t{count});
}

TEST_F(SearchVectorsTest, ACheckFindsWhatIsMissingAndWhatIsLeftOver) {
  write_with_vector(memory_, "a", "1", 1);
  memory_.set("a", "2", text("2"));
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  ask("UPDATE @schema@.search_vector SET created_revision = created_revision + 1 "
      "WHERE vector IS NULL");
  EXPECT_THAT(memory_.check_search("a").problems,
              ElementsAre(HasSubstr("vectors: 1 neither there nor awaited, 1 of no entry")));
  memory_.erase("a", "1");
  memory_.erase("a", "2");
  EXPECT_EQ(rows(), "1");
  EXPECT_THAT(memory_.check_search("a").problems, SizeIs(1));
  memory_.reindex("a");
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

}  // namespace
}  // namespace holdfast::postgresql
