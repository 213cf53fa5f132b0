// The roles that docs/operations.md makes can do all that they are for, with no right too many.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::HasSubstr;

// The SQL below the marker "<!-- sql: name -->".
std::string sql_in_operations(const std::string& name) {
  std::ifstream file(DOCS_FOLDER "/operations.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string opening = "<!-- sql: " + name + " -->\n```sql\n";
  const std::size_t begin = text.find(opening);
  if (begin == std::string::npos) throw std::runtime_error("operations.md has no SQL: " + name);
  const std::size_t first = begin + opening.size();
  return text.substr(first, text.find("```", first) - first);
}

struct Right {
  std::string what;  // "SELECT", "UPDATE (restored_only)".
  std::string on;    // "holdfast.entry", "SEQUENCE holdfast.revision".
};

// Each right that the SQL grants, on its own.
std::vector<Right> rights_in(const std::string& sql) {
  static const std::regex grant(R"(GRANT ([^;]*?) ON ([^;]*?) TO \w+;)");
  static const std::regex part(R"(\w+( \(\w+\))?)");
  std::vector<Right> rights;
  for (std::sregex_iterator it(sql.begin(), sql.end(), grant), end; it != end; ++it) {
    const std::string list = (*it)[1];
    for (std::sregex_iterator at(list.begin(), list.end(), part); at != end; ++at) {
      rights.push_back({at->str(), (*it)[2]});
    }
  }
  return rights;
}

class Roles : public ::testing::Test {
 protected:
  Roles() {
    server_.execute(sql_in_operations("owner"));
    // The owner's handle makes the store, its change log and its indexes.
    PostgresqlOptions options = options_as("holdfast_owner");
    options.change_log = true;
    options.indexed_paths = {Path("role")};
    SearchConfig config = SearchConfig::texts({""});
    config.embedding = SearchEmbedding{"model", 2};
    open_postgresql(options).configure_search("chat", config);
    server_.execute(sql_in_operations("application"));
    server_.execute(sql_in_operations("reader"));
  }

  [[nodiscard]] PostgresqlOptions options_as(const std::string& role) const {
    PostgresqlOptions options;
    options.connection = server_.url("postgres", role);
    options.indexed_paths = {Path("role")};
    options.pool_size = 2;
    return options;
  }
  [[nodiscard]] PostgresqlOptions reading_options() const {
    PostgresqlOptions options = options_as("holdfast_reader");
    options.read_only = true;
    return options;
  }

  static void read_all(Memory& memory) {
    static_cast<void>(memory.get("ns", "key"));
    const std::vector<std::string> keys{"key", "other"};
    static_cast<void>(memory.get_many("ns", keys));
    MemoryQuery query;
    query.scope = Scope{"", true};
    query.filter = Filter::parse(R"({"role":"user"})");
    static_cast<void>(memory.query(query));
    static_cast<void>(memory.count(query));
    static_cast<void>(memory.count(Scope{"", true}));
    static_cast<void>(memory.list_namespaces());
    static_cast<void>(memory.stats());
    static_cast<void>(memory.stable_revision());
    static_cast<void>(memory.changes(0));
    if (!memory.health().ok) throw std::runtime_error(memory.health().message);
    search(memory);
  }
  static void write_all(Memory& memory, ManualClock& clock) {
    using namespace std::chrono_literals;
    memory.set("ns", "key", MemoryValue::map({{"role", "user"}}), {.return_previous = true});
    memory.set("ns", "short", 1, {.ttl = 5ms});
    memory.increment("ns", "counter");
    memory.touch("ns", "key", 1h);
    memory.erase("ns", "counter");
    WriteBatch batch;
    batch.set("ns", "a", 1).set("other", "b", 2).check("ns", "none", Precondition::if_absent());
    memory.write(batch);
    memory.transaction([](Transaction& transaction) {
      transaction.set("ns", "c", transaction.get("ns", "a").value_or(MemoryValue(0)));
    });
    clock.advance(10ms);
    memory.sweep();
    const std::vector<std::string> keys{"a", "c"};
    memory.erase_many("ns", keys);
    memory.clear(Scope{"other"});
    memory.set("chat", "turn", "apple");
    memory.set("chat", "turn", "apples and pears");
    memory.set("chat", "gone", "apple");
    memory.erase("chat", "gone");
    const Entry turn = memory.get_entry("chat", "turn").value();
    const std::vector<EntryVector> vectors{{{turn.ns, turn.key}, turn.revision, {1, 2}}};
    if (memory.put_vectors(vectors) != 1) throw std::runtime_error("no vector was kept");
    const std::vector<Entry> entries{memory.get_entry("ns", "key").value()};
    memory.restore(entries, RestoreRevisions::assign);
    for (const char* const text : {"first", "second", ""}) {
      const Note note{"place", text};
      memory.restore({.note = &note});
      static_cast<void>(memory.note("place"));
    }
    memory.erase_subject("ns");
    for (const std::string& place : memory.erase_subject("chat").may_remain) {
      if (place.find("in the search index") != place.npos) throw std::runtime_error(place);
    }
  }
  // As a program with another analyzer would find it.
  void make_index_of_another_version() const {
    server_.execute(
        "UPDATE holdfast.search_configuration SET version = 'another', stale = false;"
        "UPDATE holdfast.store SET search_generation = search_generation + 1");
  }
  void make_index_anew() const { open_postgresql(options_as("holdfast_owner")).reindex("chat"); }
  static void search(Memory& memory) {
    SearchQuery query;
    query.scope = {"chat"};
    query.text = "apple";
    static_cast<void>(memory.search(query));
    if (!memory.check_search("chat").problems.empty()) throw std::runtime_error("the index");
    VectorQuery vector;
    vector.scope = query.scope;
    vector.vector = {1, 2};
    static_cast<void>(memory.nearest(vector));
    static_cast<void>(memory.without_vector(query.scope));
  }
  // All that an application does, from opening on, in a store that was just made and after a crash
  // of the server. Throws what goes wrong.
  void use_as_application() const {
    server_.execute(
        "TRUNCATE holdfast.entry, holdfast.tally, holdfast.tombstone, holdfast.running,"
        " holdfast.search_document, holdfast.search_vector, holdfast.search_namespace;"
        "UPDATE holdfast.store SET restored_only = true;"
        // One that is old enough to be forgotten.
        "INSERT INTO holdfast.session VALUES (5, 0, false, NULL, 0) ON CONFLICT DO NOTHING");
    make_index_anew();
    PostgresqlOptions options = options_as("holdfast_app");
    const auto clock = std::make_shared<ManualClock>();
    options.clock = clock;
    Memory memory = open_postgresql(options);
    Entry kept;
    kept.ns = Namespace("ns");
    kept.key = "kept";
    kept.value = 1;
    kept.created_revision = kept.revision = 1;
    const std::vector<Entry> entries{kept};
    memory.restore(entries, RestoreRevisions::keep);
    write_all(memory, *clock);
    read_all(memory);
    make_index_of_another_version();
    memory.set("chat", "turn", "apple");
    if (!memory.search_configurations().at(0).needs_reindex) throw std::runtime_error("not stale");
    memory.close();
    make_index_anew();
  }

  static testing::PostgresqlServerOptions server_options() {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    return options;
  }
  testing::PostgresqlServer server_{server_options()};
};

TEST_F(Roles, AreGrantedWhatTheyNeed) {
  // An owner without the right to make schemas in the database, or anything elsewhere.
  EXPECT_EQ(server_.execute(
                "SELECT has_database_privilege('holdfast_owner', current_database(), 'CREATE')"),
            "f");
  const auto clock = std::make_shared<ManualClock>();
  PostgresqlOptions options = options_as("holdfast_owner");
  options.clock = clock;
  Memory owner = open_postgresql(options);
  write_all(owner, *clock);
  read_all(owner);

  EXPECT_NO_THROW(use_as_application());
  for (const char* const role : {"holdfast_app", "holdfast_reader"}) {
    EXPECT_EQ(server_.execute("SELECT has_schema_privilege('" + std::string(role) +
                              "', 'holdfast', 'CREATE')"),
              "f");
  }

  Memory reader = open_postgresql(reading_options());
  read_all(reader);
  EXPECT_EQ(code_thrown_by([&] { reader.set("ns", "key", 1); }), ErrorCode::permission_denied);
  // Nor by a handle that does not know of it.
  Memory mistaken = open_postgresql(options_as("holdfast_reader"));
  EXPECT_EQ(code_thrown_by([&] { mistaken.set("ns", "key", 1); }), ErrorCode::permission_denied);

  // Where functions are not for everybody, the right to execute them is needed, too.
  server_.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast FROM PUBLIC");
  EXPECT_ANY_THROW(use_as_application());
  server_.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast TO holdfast_app");
  EXPECT_NO_THROW(use_as_application());

  // What belongs to the owner.
  Memory app = open_postgresql(options_as("holdfast_app"));
  for (const auto& change : std::vector<std::function<void()>>{
           [&] { app.configure_search("more", SearchConfig::texts({""})); },
           [&] { app.remove_search("chat"); }, [&] { app.reindex("chat"); }}) {
    const auto refusal = error_thrown_by(change);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->code(), ErrorCode::permission_denied);
    EXPECT_THAT(refusal->message(), HasSubstr("the role that owns it"));
  }
  options = options_as("holdfast_app");
  options.change_log = false;
  EXPECT_EQ(code_thrown_by([&] { try_opening(options); }), ErrorCode::permission_denied);
  options.change_log.reset();
  options.indexed_paths = {Path("another")};
  EXPECT_EQ(code_thrown_by([&] { try_opening(options); }), ErrorCode::permission_denied);
  options.schema = "elsewhere";
  const auto error = error_thrown_by([&] { try_opening(options); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::permission_denied);
  EXPECT_THAT(error->cause(), HasSubstr("permission denied for database"));
}

// As they were granted before there was a search index.
TEST_F(Roles, NeedNothingForAnIndexThatIsNotThere) {
  open_postgresql(options_as("holdfast_owner")).remove_search("chat");
  server_.execute("UPDATE holdfast.store SET search_generation = 0");  // As if there never was one.
  for (const char* const role : {"holdfast_app", "holdfast_reader"}) {
    server_.execute(std::string("REVOKE ALL ON holdfast.search_document, holdfast.search_vector, "
                                "holdfast.search_namespace, holdfast.search_configuration, "
                                "holdfast.search_vector_id_seq FROM ") +
                    role);
  }
  Memory app = open_postgresql(options_as("holdfast_app"));
  app.set("ns", "key", 1);
  server_.execute("TRUNCATE holdfast.running");  // As after a crash.
  app.clear(Scope{"ns"});
  app.erase_subject("ns");
  Memory reader = open_postgresql(reading_options());
  EXPECT_EQ(reader.count(Scope{"ns"}), 0U);
}

TEST_F(Roles, NeedEachRightThatTheyAreGranted) {
  const auto expect_needed = [this](const std::string& role, const std::string& sql,
                                    const std::function<void()>& use) {
    const std::vector<Right> rights = rights_in(sql);
    EXPECT_GE(rights.size(), 8U);
    for (const Right& right : rights) {
      server_.execute("REVOKE " + right.what + " ON " + right.on + " FROM " + role);
      EXPECT_ANY_THROW(use()) << role << " does without " << right.what << " ON " << right.on;
      server_.execute("GRANT " + right.what + " ON " + right.on + " TO " + role);
    }
    EXPECT_NO_THROW(use());
  };
  expect_needed("holdfast_app", sql_in_operations("application"), [this] { use_as_application(); });
  expect_needed("holdfast_reader", sql_in_operations("reader"), [this] {
    Memory memory = open_postgresql(reading_options());
    read_all(memory);
  });
}

}  // namespace
}  // namespace holdfast::postgresql
