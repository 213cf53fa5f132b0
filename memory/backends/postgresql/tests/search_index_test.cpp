// What is this store's own about searching: handles that learn of each other's configurations,
// writers that meet a change of them, and what stands in the database. What a search finds is held
// by the conformance suite.
#include <gmock/gmock.h>

#include <atomic>
#include <barrier>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Keys = std::vector<std::string>;

SearchConfig texts() { return SearchConfig::texts({""}); }

Keys found(Memory& memory, const std::string& words, const Scope& scope = {Namespace("a"), true}) {
  SearchQuery query;
  query.scope = scope;
  query.text = words;
  query.limit = SearchQuery::max_limit;
  Keys keys;
  for (const SearchHit& hit : memory.search(query).hits) keys.push_back(hit.entry.key);
  return keys;
}

class SearchIndexTest : public StoreTest {
 protected:
  std::string ask(const std::string& sql) { return sql_.run(in_schema(sql, schema_)); }
  std::string triggers() {
    return ask("SELECT count(*) FROM pg_trigger WHERE tgrelid = '@schema@.entry'::regclass");
  }
  // As a handle with another analyzer would have left it.
  void make_of_another_version() {
    ask("UPDATE @schema@.search_configuration SET version = 'another';"
        "UPDATE @schema@.store SET search_generation = search_generation + 1");
  }

  const std::string schema_ = new_schema();
  Memory memory_ = open(schema_);
  Sql sql_;
};

TEST_F(SearchIndexTest, AHandleLearnsOfAConfigurationWhenItWrites) {
  PostgresqlOptions options = options_for(schema_);
  options.retry_for = std::chrono::milliseconds(0);  // It is no conflict with others.
  Memory other = open_postgresql(options);
  other.set("a", "1", "apple");
  memory_.configure_search("a", texts());
  other.set("a", "2", "apple");
  WriteBatch batch;
  batch.set("a", "3", "apple").set("b", "3", "apple").erase("a", "1");
  other.write(batch);
  EXPECT_THAT(found(memory_, "apple"), ElementsAre("3", "2"));
  EXPECT_THAT(found(other, "apple"), ElementsAre("3", "2"));

  memory_.configure_search("b", texts());
  other.increment("b", "n", 7);
  const Entry entry = other.get_entry("b", "3").value();
  const std::vector<Entry> entries{entry};
  memory_.configure_search("b", SearchConfig::texts({"", "title"}));
  other.restore(entries, RestoreRevisions::assign);
  EXPECT_THAT(memory_.check_search("b").problems, IsEmpty());
  EXPECT_THAT(found(memory_, "apple", Scope{"b"}), ElementsAre("3"));

  memory_.remove_search("a");
  memory_.remove_search("b");
  other.set("a", "4", "apple");  // Which another handle's old knowledge would put into the index.
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_document"), "0");
}

TEST_F(SearchIndexTest, AHandleLearnsOfAConfigurationWhenItSearches) {
  Memory other = open(schema_);
  memory_.set("a", "1", MemoryValue::map({{"text", "apple"}, {"title", "pear"}}));
  EXPECT_EQ(code_thrown_by([&] { found(other, "apple"); }), ErrorCode::failed_precondition);
  memory_.configure_search("a", SearchConfig::texts({"text"}));
  EXPECT_THAT(found(other, "apple"), ElementsAre("1"));
  memory_.configure_search("a", SearchConfig::texts({"title"}));
  EXPECT_THAT(found(other, "apple"), IsEmpty());
  EXPECT_THAT(found(other, "pear"), ElementsAre("1"));
  memory_.remove_search("a");
  EXPECT_EQ(code_thrown_by([&] { found(other, "apple"); }), ErrorCode::failed_precondition);
  EXPECT_THAT(other.search_configurations(), IsEmpty());
}

TEST_F(SearchIndexTest, AStoreWithoutConfigurationsHasNothingThatSlowsItsWrites) {
  EXPECT_EQ(triggers(), "0");
  memory_.configure_search("a", texts());
  memory_.configure_search("b", texts());
  EXPECT_EQ(triggers(), "3");
  memory_.set("a", "1", "apple");
  memory_.remove_search("a");
  EXPECT_EQ(triggers(), "3");
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_namespace"), "0");
  memory_.remove_search("b");
  EXPECT_EQ(triggers(), "0");
  memory_.set("a", "2", "apple");
  memory_.configure_search("a", texts());
  EXPECT_EQ(triggers(), "3");
  EXPECT_THAT(found(memory_, "apple"), ElementsAre("2", "1"));
}

TEST_F(SearchIndexTest, ConfiguringAgainWhatIsThereWaitsForNobody) {
  memory_.configure_search("a", texts());
  sql_.run("BEGIN");
  ask("LOCK TABLE @schema@.entry IN ROW EXCLUSIVE MODE");  // As a writer does.
  memory_.configure_search("a", texts());
  EXPECT_FALSE(memory_.remove_search("b"));
  const Context context = with_deadline_in(std::chrono::milliseconds(50));
  EXPECT_EQ(code_thrown_by([&] { memory_.configure_search("b", texts(), context); }),
            ErrorCode::deadline_exceeded);
  EXPECT_EQ(code_thrown_by([&] { memory_.remove_search("a", context); }),
            ErrorCode::deadline_exceeded);
  sql_.run("COMMIT");
  EXPECT_EQ(memory_.search_configurations().size(), 1U);
}

TEST_F(SearchIndexTest, WhoeverDoesNotKnowTheIndexCannotWritePastIt) {
  memory_.configure_search("a", texts());
  memory_.set("a", "1", "apple");
  try {
    ask("UPDATE @schema@.entry SET value = '\"pear\"'");
    FAIL() << "it could";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("keeps a search index"));
  }
  ask("DELETE FROM @schema@.entry");  // The index follows.
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_document"), "0");
}

TEST_F(SearchIndexTest, ConcurrentAppendersMissNoConfiguration) {
  constexpr int writers = 4;
  constexpr int turns = 60;
  std::barrier start(writers + 1);
  run_threads(writers + 1, [&](int i) {
    Memory memory = open(schema_);
    start.arrive_and_wait();
    for (int turn = 0; turn < turns; ++turn) {
      if (i < writers) {
        const std::string key = std::to_string(i) + "-" + std::to_string(turn);
        memory.set(turn % 4 == 0 ? "a/b" : "a", key, "apple " + key);
        if (turn % 7 == 0) memory.erase("a", key);
      } else if (turn % 10 == 0) {
        memory.configure_search("a", texts());
        memory.configure_search("a/b", texts());
        memory.remove_search("a/b");
        if (turn % 20 == 0) memory.remove_search("a");
      }
    }
  });
  memory_.configure_search("a", texts());
  for (int i = 0; i < 2; ++i) {
    const SearchCheck check = memory_.check_search("a");
    EXPECT_THAT(check.problems, IsEmpty());
    EXPECT_EQ(check.documents, memory_.count(Scope{"a", true}));
    EXPECT_EQ(found(memory_, "apple").size(), check.documents);
    memory_.reindex("a");
  }
}

TEST_F(SearchIndexTest, ConcurrentWritersOfOneEntryLeaveTheDocumentOfTheLast) {
  memory_.configure_search("a", texts());
  constexpr int writers = 6;
  constexpr int rounds = 30;
  run_threads(writers, [&](int i) {
    Memory memory = open(schema_);
    for (int round = 0; round < rounds; ++round) {
      const std::string word = "word" + std::to_string(i) + "x" + std::to_string(round);
      if (round % 10 == 9) {
        memory.erase("a", "shared");
      } else if (round % 3 == 0) {
        WriteBatch batch;
        batch.set("a", "shared", word).set("a", "other", word);
        memory.write(batch);
      } else {
        memory.set("a", "shared", word);
      }
    }
  });
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  memory_.set("a", "shared", "last");
  EXPECT_THAT(found(memory_, "last"), ElementsAre("shared"));
}

TEST_F(SearchIndexTest, OfAnotherVersionIsNotKeptAndNotSearched) {
  memory_.configure_search("a", texts());
  memory_.configure_search("b", texts());
  memory_.set("a", "1", "apple");
  memory_.set("b", "1", "apple");
  make_of_another_version();
  Memory other = open(schema_);
  EXPECT_EQ(code_thrown_by([&] { found(other, "apple"); }), ErrorCode::failed_precondition);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(other.check_search("a")); }),
            ErrorCode::failed_precondition);
  EXPECT_TRUE(other.search_configurations().at(0).needs_reindex);
  EXPECT_EQ(ask("SELECT bool_or(stale) FROM @schema@.search_configuration"), "f");
  // Erasing keeps it, writing does not and says so, once.
  other.erase("b", "1");
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_document"), "1");
  other.set("a", "2", "pear");
  memory_.set("a", "3", "pear");
  EXPECT_EQ(ask("SELECT string_agg(namespace || stale, ' ' ORDER BY namespace) FROM "
                "@schema@.search_configuration"),
            "atrue bfalse");
  EXPECT_EQ(ask("SELECT count(*) FROM @schema@.search_document"), "1");
  EXPECT_EQ(memory_.reindex("a"), 3U);
  EXPECT_THAT(found(other, "pear"), ElementsAre("3", "2"));
  other.set("a", "4", "pear");
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  EXPECT_THAT(found(memory_, "pear"), ElementsAre("4", "3", "2"));
}

TEST_F(SearchIndexTest, ACheckFindsWhatIsWrong) {
  memory_.configure_search("a", texts());
  for (const char* key : {"1", "2", "3"}) memory_.set("a", key, "apple " + std::string(key));
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
  ask("DELETE FROM @schema@.search_document WHERE created_revision = "
      "(SELECT created_revision FROM @schema@.entry WHERE key = '2')");
  EXPECT_THAT(memory_.check_search("a").problems, Not(IsEmpty()));
  ask("UPDATE @schema@.search_document SET terms[1] = replace(terms[1], 'apple', 'pear')");
  ask("INSERT INTO @schema@.search_document SELECT namespace_id, created_revision + 1, lengths, "
      "terms, counts FROM @schema@.search_document LIMIT 1");
  EXPECT_GE(memory_.check_search("a").problems.size(), 3U);
  EXPECT_EQ(memory_.reindex("a"), 3U);
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchIndexTest, IsMadeOfLargeValuesInBoundedSteps) {
  std::string large(std::size_t{3} << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 10) large[i] = ' ';
  for (int i = 0; i < 5; ++i) memory_.set("a", std::to_string(i), large + " apple");
  for (int i = 5; i < 1200; ++i) memory_.set("a", std::to_string(i), "pear");
  memory_.configure_search("a", texts());
  EXPECT_THAT(found(memory_, "apple").size(), 5U);
  EXPECT_THAT(memory_.check_search("a").problems, IsEmpty());
}

TEST_F(SearchIndexTest, HitsOutliveTheSearch) {
  memory_.configure_search("a", texts());
  for (int i = 0; i < 20; ++i) memory_.set("a", std::to_string(i), "apple " + std::to_string(i));
  SearchQuery query;
  query.scope = {"a"};
  query.text = "apple";
  const SearchPage page = memory_.search(query);
  for (int i = 0; i < 20; ++i) memory_.set("a", std::to_string(i), "pear " + std::to_string(i));
  found(memory_, "pear", query.scope);
  for (const SearchHit& hit : page.hits) {
    EXPECT_EQ(hit.entry.value, MemoryValue("apple " + hit.entry.key));
  }
}

TEST_F(SearchIndexTest, APageOfManyHitsIsWhole) {
  memory_.configure_search("a", texts());
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (int i = 0; i < 700; ++i) pairs.emplace_back(std::to_string(i), "apple");
  memory_.set_many("a", pairs);
  EXPECT_EQ(found(memory_, "apple").size(), 700U);
  SearchQuery query;
  query.scope = {"a"};
  query.text = "apple";
  query.limit = 90;
  std::size_t seen = 0;
  do {
    const SearchPage page = memory_.search(query);
    seen += page.hits.size();
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(seen, 700U);
}

}  // namespace
}  // namespace holdfast::postgresql
