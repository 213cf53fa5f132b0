// Erasing somebody for good: nothing of them is left in the store's files, and what may be left
// elsewhere is said.
#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <sstream>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* ns_marker = "erna-mustermann";
constexpr const char* key_marker = "diary-of-erna";
constexpr const char* value_marker = "my-secret-illness";

// Text that the server cannot compress, so that it lies in the files as it is.
std::string incompressible(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += static_cast<char>('0' + random() % 75);
  for (char& c : text) {
    if (c == '"' || c == '\\') c = '_';
  }
  return text;
}

class ErasingASubject : public ::testing::Test {
 protected:
  ErasingASubject() {
    PostgresqlOptions options = options_as("postgres");
    options.change_log = true;
    options.indexed_paths = {Path("role")};
    clock_->advance(std::chrono::hours(1));
    memory_ = std::make_unique<Memory>(open_postgresql(options));
  }

  [[nodiscard]] PostgresqlOptions options_as(const std::string& role) const {
    PostgresqlOptions options;
    options.connection = server_.url("postgres", role);
    options.clock = clock_;
    options.retry_for = std::chrono::milliseconds(0);
    return options;
  }

  // All that lies in the files of the store's tables and indexes, those of large values included.
  [[nodiscard]] std::string bytes_in_files() const {
    server_.execute("CHECKPOINT");
    std::istringstream paths(server_.execute(
        "SELECT string_agg(pg_relation_filepath(c.oid), ' ') FROM pg_class c WHERE "
        "pg_relation_filepath(c.oid) IS NOT NULL AND (c.relnamespace = 'holdfast'::regnamespace "
        "OR c.oid IN (SELECT t.reltoastrelid FROM pg_class t "
        "WHERE t.relnamespace = 'holdfast'::regnamespace) OR c.oid IN (SELECT i.indexrelid "
        "FROM pg_index i JOIN pg_class t ON t.reltoastrelid = i.indrelid "
        "WHERE t.relnamespace = 'holdfast'::regnamespace))"));
    std::string bytes;
    for (std::string path; paths >> path;) {
      std::ifstream file(server_.data_folder() / path, std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
  static std::vector<std::string> markers_in(const std::string& bytes) {
    std::vector<std::string> found;
    for (const char* const marker : {ns_marker, key_marker, value_marker}) {
      if (bytes.find(marker) != std::string::npos) found.emplace_back(marker);
    }
    return found;
  }

  // Entries of every kind, some of which are not there any more, among those of others.
  void fill() {
    const std::string large = incompressible(20'000);
    for (int i = 0; i < 300; ++i) {
      const Namespace ns(std::string("users/") + (i % 3 == 0 ? ns_marker : "others"));
      const std::string key = (i % 3 == 0 ? key_marker : "key") + std::to_string(i);
      const MemoryValue value = MemoryValue::map(
          {{"role", "user"},
           {"text", (i % 3 == 0 ? value_marker : "") + (i % 30 == 0 ? large : "short")}});
      memory_->set(ns, key, 1);
      memory_->set(ns, key, value);
      if (i % 5 == 0) memory_->erase(ns, key);
      if (i % 7 == 0) memory_->set(ns, key, value, {.ttl = std::chrono::minutes(1)});
    }
    memory_->set(std::string("users/") + ns_marker + "/below", key_marker, value_marker);
    memory_->set(std::string("users/") + ns_marker[0], "another", 1);
    clock_->advance(std::chrono::minutes(2));
  }
  static Namespace subject() { return Namespace(std::string("users/") + ns_marker); }

  static testing::PostgresqlServerOptions server_options() {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    return options;
  }
  testing::PostgresqlServer server_{server_options()};
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::unique_ptr<Memory> memory_;
};

TEST_F(ErasingASubject, LeavesNothingOfThemInTheFilesOfTheStore) {
  fill();
  ASSERT_EQ(markers_in(bytes_in_files()),
            (std::vector<std::string>{ns_marker, key_marker, value_marker}));
  const std::uint64_t theirs = memory_->count(Scope{subject(), true});
  const std::uint64_t all = memory_->count(Scope{"", true});
  const Revision before = memory_->stable_revision();
  const SubjectErasure erasure = memory_->erase_subject(subject());
  EXPECT_EQ(erasure.entries, theirs);
  EXPECT_GT(theirs, 10U);
  EXPECT_THAT(erasure.erased, Contains(HasSubstr("written anew")));
  EXPECT_THAT(erasure.may_remain, Each(Not(HasSubstr("row versions"))));
  EXPECT_THAT(erasure.may_remain, Contains(HasSubstr("write-ahead log")));
  EXPECT_THAT(erasure.may_remain, Contains(HasSubstr("backups")));
  EXPECT_EQ(markers_in(bytes_in_files()), std::vector<std::string>{});
  EXPECT_EQ(memory_->count(Scope{"", true}), all - theirs);
  EXPECT_EQ(memory_->stats().entries, all - theirs);
  EXPECT_GT(memory_->stable_revision(), before);
  for (const Change& change : memory_->changes(0, 10'000).changes) {
    EXPECT_THAT(change.address.ns.text(), Not(HasSubstr(ns_marker)));
  }
}

TEST_F(ErasingASubject, LeavesNoneOfTheirWordsInTheSearchIndex) {
  memory_->configure_search("users", SearchConfig::texts({"text"}));
  const MemoryValue first = MemoryValue::map({{"text", "quicksilver hidden in a haystack"}});
  const MemoryValue later = MemoryValue::map({{"text", "platypus in a haystack"}});
  for (int i = 0; i < 200; ++i) {
    const std::string key = std::to_string(i);
    memory_->set(subject(), key, first);
    if (i % 2 == 0) memory_->set(subject(), key, later, {.ttl = std::chrono::minutes(1)});
    if (i % 3 == 0) memory_->erase(subject(), key);
    memory_->set("users/others", key, MemoryValue::map({{"text", "a haystack"}}));
  }
  const auto has = [](const std::string& bytes, const char* text) {
    return bytes.find(text) != std::string::npos;
  };
  const std::string before = bytes_in_files();
  for (const char* const text : {ns_marker, "quicksilv", "platypus"}) {
    EXPECT_TRUE(has(before, text)) << text;
  }
  clock_->advance(std::chrono::minutes(2));
  memory_->erase_subject(subject());
  const std::string after = bytes_in_files();
  for (const char* const text : {ns_marker, "quicksilv", "platypus"}) {
    EXPECT_FALSE(has(after, text)) << text;
  }
  EXPECT_TRUE(has(after, "haystack"));
  EXPECT_EQ(memory_->check_search("users").problems, std::vector<std::string>{});
  SearchQuery query;
  query.scope = Scope{"users", true};
  query.text = "haystacks";
  EXPECT_EQ(memory_->search(query).hits.size(), SearchQuery::default_limit);
}

// What lies in the files of a vector, of those that are stored in parts as well.
std::string bytes_of(std::span<const float> vector) {
  constexpr std::size_t whole = 1900;
  std::string bytes(vector.size_bytes(), '\0');
  std::memcpy(bytes.data(), vector.data(), vector.size_bytes());
  return bytes.substr(0, whole);
}

TEST_F(ErasingASubject, LeavesNothingOfTheirVectors) {
  std::mt19937 random(11);
  const auto has = [](const std::string& bytes, const std::string& text) {
    return bytes.find(text) != std::string::npos;
  };
  for (const int dimensions : {64, 1024}) {
    SearchConfig config = SearchConfig::texts({"text"});
    config.embedding = SearchEmbedding{"model", dimensions};
    memory_->configure_search("users", config);
    for (int i = 0; i < 60; ++i) {
      const Namespace ns = i % 2 == 0 ? subject() : Namespace("users/others");
      memory_->set(ns, std::to_string(i), MemoryValue::map({{"text", "a haystack"}}));
    }
    for (int i = 0; i < 2; ++i) {  // Those of the first time lie there as earlier versions.
      std::vector<EntryVector> vectors;
      for (const Entry& entry : memory_->query({.scope = {"users", true}, .limit = 100}).entries) {
        std::vector<float> vector(static_cast<std::size_t>(dimensions));
        for (float& number : vector) number = static_cast<float>(random());
        vectors.push_back({{entry.ns, entry.key}, entry.revision, std::move(vector)});
      }
      EXPECT_EQ(memory_->put_vectors(vectors), 60U);
    }
    std::vector<std::string> theirs;
    memory_->scan_vectors({subject()},
                          [&](const AddressView&, const Record&, std::span<const float> vector) {
                            theirs.push_back(bytes_of(vector));
                            return true;
                          });
    ASSERT_EQ(theirs.size(), 30U);
    const std::string before = bytes_in_files();
    for (const std::string& vector : theirs) EXPECT_TRUE(has(before, vector));
    memory_->erase_subject(subject());
    const std::string after = bytes_in_files();
    for (const std::string& vector : theirs) EXPECT_FALSE(has(after, vector));
    EXPECT_EQ(memory_->check_search("users").problems, std::vector<std::string>{});
    EXPECT_EQ(server_.execute("SELECT count(*) FROM holdfast.search_vector"), "30");
  }
}

TEST_F(ErasingASubject, ReachesWhatEarlierErasuresLeftThoughNothingLives) {
  fill();
  memory_->clear(Scope{subject(), true});
  ASSERT_NE(markers_in(bytes_in_files()), std::vector<std::string>{});
  EXPECT_EQ(memory_->erase_subject(subject()).entries, 0U);
  EXPECT_EQ(markers_in(bytes_in_files()), std::vector<std::string>{});
}

TEST_F(ErasingASubject, SaysThatOthersMayStillSeeWhatWasErased) {
  fill();
  Sql other(server_.url());
  other.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  other.run("SELECT 1");
  EXPECT_THAT(memory_->erase_subject(subject()).may_remain, Contains(HasSubstr("row versions")));
  ASSERT_NE(markers_in(bytes_in_files()), std::vector<std::string>{});
  other.run("COMMIT");
  EXPECT_THAT(memory_->erase_subject(subject()).may_remain, Each(Not(HasSubstr("row versions"))));
  EXPECT_EQ(markers_in(bytes_in_files()), std::vector<std::string>{});
}

TEST_F(ErasingASubject, SaysThatTablesThatOthersHoldWereNotWrittenAnew) {
  fill();
  Sql other(server_.url());
  other.run("BEGIN");
  other.run("LOCK TABLE holdfast.entry IN ACCESS SHARE MODE");
  const SubjectErasure erasure = memory_->erase_subject(subject());
  EXPECT_THAT(erasure.may_remain, Contains(HasSubstr("could not be written anew")));
  EXPECT_THAT(erasure.erased, Each(Not(HasSubstr("written anew"))));
  EXPECT_EQ(memory_->count(Scope{subject(), true}), 0U);
  // The store goes on.
  memory_->set(subject(), "again", 1);
}

TEST_F(ErasingASubject, SaysThatARoleMayNotWriteTablesAnew) {
  fill();
  server_.execute(
      "CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA holdfast TO app;"
      "GRANT ALL ON ALL TABLES IN SCHEMA holdfast TO app;"
      "GRANT ALL ON ALL SEQUENCES IN SCHEMA holdfast TO app");
  Memory app = open_postgresql(options_as("app"));
  const SubjectErasure erasure = app.erase_subject(subject());
  EXPECT_GT(erasure.entries, 10U);
  EXPECT_THAT(erasure.may_remain, Contains(HasSubstr("the right to do so is missing")));
  EXPECT_EQ(memory_->count(Scope{subject(), true}), 0U);
}

}  // namespace
}  // namespace holdfast::postgresql
