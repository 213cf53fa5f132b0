// How much the server looks at for the search index, by its own account: what a search costs
// depends on the namespaces that are searched, and what a write costs on what it writes.
//
// `long_postgresql_cost` is the same with a million entries.
#include <gtest/gtest.h>

#include "cost_fixture.hpp"

namespace holdfast::postgresql {
namespace {

// Of the store's namespaces, each but the large one has so many documents, about.
constexpr std::int64_t documents = cost_entries / 2 / 301;

class SearchCostTest : public ConnectionTest, public ::testing::WithParamInterface<bool> {
 protected:
  SearchCostTest() : store_(GetParam()), connection_(connect()) {
    // With the triggers, which a configuration somewhere in the store brings.
    PostgresqlOptions options = store_.store().options;
    open_postgresql(options).configure_search("configured", SearchConfig::texts({""}));
    store_.run(
        "INSERT INTO @schema@.search_namespace (namespace) SELECT DISTINCT namespace"
        " FROM @schema@.entry");
    store_.run(
        "INSERT INTO @schema@.search_document SELECT n.id, e.created_revision, '\\x02',"
        " ARRAY[n.id || ' common', n.id || ' word' || e.created_revision % 97],"
        " ARRAY['\\x0100010002', '\\x0100010002']::bytea[]"
        " FROM @schema@.entry e JOIN @schema@.search_namespace n USING (namespace)");
    if (GetParam()) store_.run("ANALYZE @schema@.search_namespace, @schema@.search_document");
  }

  // On a new connection, since the server counts for each, and plans anew.
  void plan_for_any_arguments(bool generic) {
    connection_ = connect();
    connection_->execute_text(
        std::string("SET plan_cache_mode = force_") + (generic ? "generic" : "custom") + "_plan",
        {});
  }
  void run(const std::string& sql) {
    connection_->execute_text(in_schema(sql, store_.schema()), {});
  }
  std::int64_t counted(const std::string& what, const std::string& table) {
    return std::stoll(ask(
        *connection_, in_schema("SELECT coalesce(sum(" + what +
                                    "), 0) FROM pg_stat_xact_user_tables WHERE relid = '@schema@." +
                                    table + "'::regclass",
                                store_.schema())));
  }
  // By an index, in the transaction that is open.
  std::int64_t scans_of(const std::string& index) {
    return std::stoll(ask(*connection_, in_schema("SELECT pg_stat_get_xact_numscans('@schema@." +
                                                      index + "'::regclass)",
                                                  store_.schema())));
  }
  void expect_no_table_read_whole() {
    for (const char* const table :
         {"entry", "search_namespace", "search_document", "search_vector"}) {
      EXPECT_EQ(counted("seq_scan", table), 0) << table;
    }
  }
  Effort effort_for(const std::string& call) {
    const Rows rows = connection_->execute_text(
        in_schema(
            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM @schema@." + call,
            store_.schema()),
        {});
    return effort_of(rows.text(0, 0));
  }
  // Pages that a search of a namespace looks at.
  std::int64_t pages_of_search(const std::string& first, const std::string& end,
                               const std::string& terms) {
    return effort_for("search_read(NULL, 0, ARRAY['" + first + "'], ARRAY['" + end + "'], ARRAY[" +
                      terms + "])")
        .buffers;
  }
  // Of each entry, but for every hundredth, whose vector is awaited.
  void fill_vectors() {
    store_.run(
        "INSERT INTO @schema@.search_vector (namespace_id, created_revision, text_hash, vector)"
        " SELECT n.id, e.created_revision, '\\x00',"
        " CASE WHEN e.created_revision % 100 <> 0 THEN '\\x0000803f00000000'::bytea END"
        " FROM @schema@.entry e JOIN @schema@.search_namespace n USING (namespace)");
    store_.run("VACUUM @schema@.search_vector");
    if (GetParam()) store_.run("ANALYZE @schema@.search_vector");
  }

  CostStore store_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(SearchCostTest, ASearchExaminesTheNamespacesThatItSearches) {
  for (const bool generic : {false, true}) {
    plan_for_any_arguments(generic);
    run("BEGIN");
    // The first ones read the catalogs.
    for (int i = 0; i < 7; ++i) {
      pages_of_search("app/users/u0003", "app/users/u0003\x01", "'common', 'word3', 'absent'");
    }
    const std::int64_t fetched = counted("idx_tup_fetch", "search_document");
    const std::int64_t pages =
        pages_of_search("app/users/u0003", "app/users/u0003\x01", "'common', 'word3', 'absent'");
    // Documents, and postings twice at the most, each in a page of its own; the indexes.
    EXPECT_LE(counted("idx_tup_fetch", "search_document") - fetched, 3 * documents + 10);
    EXPECT_LE(pages, 3 * documents + 80);
    // Expired entries are looked up where there are some.
    EXPECT_LE(pages_of_search("app/old", "app/old\x01", "'common'"), 8 * expired_entries + 80);
    expect_no_table_read_whole();
    run("ROLLBACK");
  }
}

TEST_P(SearchCostTest, AWriteTouchesItsOwnDocuments) {
  for (const bool generic : {false, true}) {
    plan_for_any_arguments(generic);
    run("BEGIN; SET LOCAL holdfast.search_generation = '1'");
    run("SELECT @schema@.open_session(1, 1000000000)");
    for (int i = 0; i < 8; ++i) {
      const std::string number = std::to_string(2 * i + 2);
      run("SELECT @schema@.search_put(1, ARRAY['app/big'], ARRAY[" + number +
          "], ARRAY['\\x02']::bytea[], ARRAY['{new}'], ARRAY['{\"\\\\x0100010002\"}'], NULL)");
      const std::string key = "key/" + std::string(8 - number.size(), '0') + number;
      run("SELECT * FROM @schema@.write_one(1, 1, true, NULL, 0, 1000000, NULL, NULL, 2, 'app/big',"
          " '" +
          key + "', 0, 0, false, NULL, 0, NULL, false)");
    }
    EXPECT_EQ(counted("n_tup_upd", "search_document"), 8);
    EXPECT_EQ(counted("n_tup_del", "search_document"), 8);
    EXPECT_LE(counted("idx_tup_fetch", "search_document"), 8 * 4);
    run("SELECT * FROM @schema@.clear(1, 1, true, NULL, 0, ARRAY['app/users/u0005'],"
        " ARRAY['app/users/u0005\x01'], false)");
    EXPECT_LE(counted("idx_tup_fetch", "search_document"), 8 * 4 + 2 * (documents + 5));
    EXPECT_GE(counted("n_tup_del", "search_document"), 8 + documents - 5);
    expect_no_table_read_whole();
    run("ROLLBACK");
  }
}

TEST_P(SearchCostTest, ASearchByVectorsReadsWhatIsNew) {
  fill_vectors();
  for (const bool generic : {false, true}) {
    plan_for_any_arguments(generic);
    run("BEGIN");
    const std::string id =
        ask(*connection_, in_schema("SELECT id FROM @schema@.search_namespaces(ARRAY['app/big'], "
                                    "ARRAY['app/big\x01'])",
                                    store_.schema()));
    const std::string heads =
        "search_vector_heads(NULL, 0, ARRAY['app/big', 'app/users/u0003'], "
        "ARRAY['app/big\x01', 'app/users/u0003\x01'], 1000000000)";
    const std::string last = ask(*connection_, in_schema("SELECT max(last) FROM @schema@." + heads +
                                                             " WHERE namespace = 'app/big'",
                                                         store_.schema()));
    const std::string after = "search_vectors_after(" + id + ", " + last + " - 10, 1000)";
    for (int i = 0; i < 7; ++i) {  // The first ones read the catalogs.
      effort_for(heads);
      effort_for(after);
      effort_for("search_vector_page('app/big', 1000, 'app/big\x01', true, 10)");
      effort_for("search_vector_page('app/big', 1000, 'app/big\x01', false, 10)");
    }
    const std::int64_t fetched = counted("idx_tup_fetch", "search_vector");
    const std::int64_t by_id = scans_of("search_vector_by_id");
    EXPECT_LE(effort_for(heads).buffers, 60);
    EXPECT_EQ(scans_of("search_vector_by_id"), by_id + 2);
    EXPECT_LE(effort_for(after).returned, 10);
    EXPECT_LE(effort_for(after).buffers, 60);
    EXPECT_EQ(scans_of("search_vector_by_id"), by_id + 4);
    const std::int64_t awaited_before = scans_of("search_vector_awaited");
    for (const char* const awaited : {"true", "false"}) {
      const Effort effort = effort_for("search_vector_page('app/big', 1000, 'app/big\x01', " +
                                       std::string(awaited) + ", 10)");
      EXPECT_EQ(effort.returned, 10) << awaited;
      EXPECT_LE(effort.buffers, 60) << awaited;
    }
    EXPECT_EQ(scans_of("search_vector_awaited"), awaited_before + 1);
    EXPECT_LE(counted("idx_tup_fetch", "search_vector") - fetched, 60);
    expect_no_table_read_whole();
    run("ROLLBACK");
  }
}

TEST_P(SearchCostTest, KeepingAVectorTouchesItsOwnRow) {
  fill_vectors();
  for (const bool generic : {false, true}) {
    plan_for_any_arguments(generic);
    run("BEGIN");
    run("SELECT @schema@.open_session(1, 1000000000)");
    for (int i = 0; i < 8; ++i) {
      const std::string number = std::to_string(2 * i + 2);
      const std::string key = "key/" + std::string(8 - number.size(), '0') + number;
      EXPECT_EQ(ask(*connection_,
                    in_schema("SELECT (@schema@.search_put_vectors(1, 1, NULL, 0, 1, 0, "
                              "ARRAY['app/big'], ARRAY['" +
                                  key + "'], ARRAY[" + std::to_string(2 * cost_entries) + " - " +
                                  number + "], ARRAY['\\x000000000000803f']::bytea[]))[2]",
                              store_.schema())),
                "1");
      run("SELECT @schema@.search_put(1, ARRAY['app/big'], ARRAY[" + number +
          "], ARRAY[NULL]::bytea[], ARRAY[NULL]::text[], ARRAY[NULL]::text[], ARRAY['new'])");
    }
    EXPECT_EQ(counted("n_tup_upd", "search_vector"), 2 * 8);
    EXPECT_LE(counted("idx_tup_fetch", "search_vector"), 2 * 8 * 4);
    expect_no_table_read_whole();
    run("ROLLBACK");
  }
}

INSTANTIATE_TEST_SUITE_P(WithStatistics, SearchCostTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(WithoutStatistics, SearchCostTest, ::testing::Values(false));

}  // namespace
}  // namespace holdfast::postgresql
