// How much the server looks at for each call, by its own account: what a page or a look-up costs
// depends on what it gives back, not on what the store holds. With statistics and with none, and
// with plans for any arguments as well as for those that came.
//
// `long_postgresql_cost` is the same with a million entries.
#include <gtest/gtest.h>

#include <functional>

#include "cost_fixture.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::postgresql {
namespace {

constexpr std::int64_t page_rows = 51;  // A page of 50, and whether there is more.

class CostTest : public ConnectionTest, public ::testing::WithParamInterface<bool> {
 protected:
  CostTest() : store_(GetParam()), connection_(connect()) {}

  void plan_for_any_arguments(bool generic) {
    planning_ = generic ? "planned for any arguments" : "planned for these arguments";
    connection_->execute_text(
        std::string("SET plan_cache_mode = force_") + (generic ? "generic" : "custom") + "_plan",
        {});
  }

  // Reads.
  void a_page_of_a_namespace_in_every_order();
  void a_page_of_a_subtree_by_key();
  void a_page_of_keys_that_begin_alike();
  void the_newest_of_everything();
  void a_small_subtree_in_the_order_of_its_writes();
  void an_equality_filter_on_an_indexed_path();
  void looking_up_entries();
  void counting();
  void changes();
  // Writes.
  void one_operation();
  void a_batch();
  void sweeping();
  void clearing_a_small_namespace();
  void restoring();

  Effort explain(const std::string& sql, const Arguments& arguments) {
    std::string values;
    for (const char* const argument : arguments.pointers()) {
      values += values.empty() ? "(" : ", ";
      values += argument == nullptr ? "NULL" : quoted(argument);
    }
    values += ")";
    connection_->execute_text("PREPARE cost AS " + sql, {});
    const Rows rows = connection_->execute_text(explaining + ("EXECUTE cost" + values), {});
    connection_->execute_text("DEALLOCATE cost", {});
    return effort_of(rows.text(0, 0));
  }

  // What has no name is planned for its arguments each time.
  Effort explain(const ScanPlan::Part& part) {
    if (!part.statement.name.empty()) return explain(part.statement.sql, part.arguments);
    const Rows rows =
        connection_->execute({"", explaining + part.statement.sql}, part.arguments, {});
    return effort_of(rows.text(0, 0));
  }

  // The SQL of a statement that was prepared on the connection.
  std::string prepared(const std::string& name) {
    return ask(*connection_, "SELECT statement FROM pg_prepared_statements WHERE name ~ '^" + name +
                                 "(_[0-9]+)?$'");
  }

  Effort page(const MemoryQuery& query, const std::optional<Position>& after = {}) {
    const ScanRequest request{query, after, page_rows};
    const ScanPlan plan = plan_scan(store_.store(), request, {});
    EXPECT_TRUE(plan.limited);
    EXPECT_EQ(plan.parts.size(), 1U);
    return explain(plan.parts[0]);
  }

  void expect_page(const MemoryQuery& query, const std::optional<Position>& after = {}) {
    const Effort effort = page(query, after);
    EXPECT_EQ(effort.returned, page_rows) << planning_ << effort.plan;
    EXPECT_LE(effort.examined, page_rows + 1) << planning_ << effort.plan;
    EXPECT_LE(effort.sorted, page_rows) << planning_ << effort.plan;
    EXPECT_LE(effort.buffers, page_rows + 30) << planning_ << effort.plan;
    EXPECT_FALSE(effort.reads_whole_table) << planning_ << effort.plan;
  }

  // On a new connection, since the server counts for each.
  void undone(bool generic, const std::function<void()>& writes) {
    connection_ = connect();
    plan_for_any_arguments(generic);
    connection_->execute_text("BEGIN", {});
    run("SELECT @schema@.open_session(1, 1000000000)");
    writes();
    connection_->execute_text("ROLLBACK", {});
  }
  void run(const std::string& sql) {
    connection_->execute_text(in_schema(sql, store_.schema()), {});
  }
  // What functions do is planned anew for the first calls, and then for any arguments.
  void run_often(const std::string& sql) {
    for (int i = 0; i < 8; ++i) run(sql);
  }
  std::int64_t counted(const std::string& what) {
    return std::stoll(
        ask(*connection_, in_schema("SELECT coalesce(sum(" + what +
                                        "), 0) FROM pg_stat_xact_user_tables WHERE relid ="
                                        " '@schema@.entry'::regclass",
                                    store_.schema())));
  }
  void expect_no_more_than(std::int64_t rows) {
    EXPECT_EQ(counted("seq_scan"), 0) << planning_;
    EXPECT_LE(counted("idx_tup_fetch"), rows) << planning_;
  }

  static std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) {
      if (c == '\'') result += c;
      result += c;
    }
    return result + "'";
  }
  static inline const std::string explaining =
      "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ";

  CostStore store_;
  std::unique_ptr<Connection> connection_;
  std::string planning_;
};

constexpr Direction directions[] = {Direction::ascending, Direction::descending};

void CostTest::a_page_of_a_namespace_in_every_order() {
  const Position middle{{"app/big", "key/00010000"}, 3 * cost_entries / 2};
  for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
    for (const Direction direction : directions) {
      SCOPED_TRACE(static_cast<int>(order) * 10 + static_cast<int>(direction));
      MemoryQuery query;
      query.scope = {"app/big"};
      query.order = order;
      query.direction = direction;
      expect_page(query);
      Position after = middle;
      if (order == OrderBy::created) after.revision = cost_entries / 2;
      expect_page(query, after);
    }
  }
}

void CostTest::a_page_of_a_subtree_by_key() {
  for (const char* const root : {"", "app", "app/users"}) {
    for (const Direction direction : directions) {
      SCOPED_TRACE(std::string(root) + " " + std::to_string(static_cast<int>(direction)));
      MemoryQuery query;
      query.scope = {Namespace(root), true};
      query.direction = direction;
      expect_page(query);
      expect_page(query, Position{{"app/users/u0150", "key/00010000"}, 0});
    }
  }
}

void CostTest::a_page_of_keys_that_begin_alike() {
  for (const Direction direction : directions) {
    MemoryQuery query;
    query.scope = {"app/big"};
    query.direction = direction;
    query.key_prefix = "key/0001";
    expect_page(query);
    expect_page(query, Position{{"app/big", "key/00015000"}, 0});
  }
}

void CostTest::the_newest_of_everything() {
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = OrderBy::updated;
  query.direction = Direction::descending;
  const Position after{{}, 3 * cost_entries / 2};
  expect_page(query, after);
}

void CostTest::a_small_subtree_in_the_order_of_its_writes() {
  if (!GetParam()) return;  // Only statistics tell that it is small.
  MemoryQuery query;
  query.scope = {"app/users/u0003", true};
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    query.order = order;
    const Effort effort = page(query);
    EXPECT_LE(effort.examined, cost_entries / 602 + 1) << planning_ << effort.plan;
    EXPECT_FALSE(effort.reads_whole_table) << planning_ << effort.plan;
  }
}

void CostTest::an_equality_filter_on_an_indexed_path() {
  constexpr std::int64_t matches = cost_entries / 2 / different_roles;
  MemoryQuery query;
  query.scope = {"app/big"};
  query.filter = Filter::parse(R"({"role":"r7"})");
  for (const Direction direction : directions) {
    query.direction = direction;
    const Effort effort = page(query);
    EXPECT_EQ(effort.returned, std::min<std::int64_t>(matches, page_rows))
        << planning_ << effort.plan;
    EXPECT_LE(effort.examined, effort.returned + 1) << planning_ << effort.plan;
    EXPECT_EQ(effort.sorted, 0) << planning_ << effort.plan;
  }
  query.filter = Filter::parse(R"({"role":{"$in":["r7","r8"]}})");
  const Effort effort = page(query);
  EXPECT_EQ(effort.returned, page_rows) << planning_ << effort.plan;
  // Where many match, going by key until the page is full is as good as sorting all of them.
  const bool many_match = 2 * matches > 1000;
  EXPECT_LE(effort.examined, many_match ? page_rows * different_roles : 2 * matches)
      << planning_ << effort.plan;
}

void CostTest::looking_up_entries() {
  const Reader reader(store_.store());
  std::optional<Record> record;
  const AddressView address{"app/big", "key/00000100"};
  reader.read(*connection_, {&address, 1}, {&record, 1}, Detail::record, {});
  ASSERT_TRUE(record.has_value());
  Arguments one;
  one.add(address.ns).add(address.key);
  const Effort get = explain(prepared("holdfast_get"), one);
  EXPECT_EQ(get.examined, 1) << planning_ << get.plan;
  EXPECT_LE(get.buffers, 8) << planning_ << get.plan;

  for (const std::int64_t count : {100, 1000}) {
    std::vector<std::string> texts;
    for (std::int64_t i = 1; i <= count; ++i) {
      std::string number = std::to_string(2 * i);
      texts.push_back("key/" + std::string(8 - number.size(), '0') + number);
    }
    const std::vector<AddressView> addresses = [&] {
      std::vector<AddressView> views;
      for (const std::string& text : texts) views.push_back({"app/big", text});
      return views;
    }();
    std::vector<std::optional<Record>> records(addresses.size());
    reader.read(*connection_, addresses, records, Detail::record, {});
    std::vector<AddressView> scattered{{"app/other", "key"}};
    scattered.insert(scattered.end(), addresses.begin(), addresses.end() - 1);
    reader.read(*connection_, scattered, records, Detail::record, {});
    ArrayText namespaces;
    ArrayText keys;
    for (const AddressView& each : addresses) {
      namespaces.add(each.ns);
      keys.add(each.key);
    }
    const std::string key_texts = keys.take();
    for (const auto& [name, where] :
         {std::pair<std::string, std::string>("holdfast_get_many", namespaces.take()),
          std::pair<std::string, std::string>("holdfast_get_many_keys", "app/big")}) {
      const Effort effort = explain(prepared(name), Arguments().add(where).add(key_texts));
      EXPECT_EQ(effort.returned, count);
      EXPECT_EQ(effort.examined, count) << planning_ << effort.plan;
      EXPECT_FALSE(effort.reads_whole_table) << planning_ << effort.plan;
    }
  }
}

void CostTest::counting() {
  const Reader reader(store_.store());
  for (const char* const root : {"app/users/u0003", "app", ""}) {
    const Scope scope{Namespace(root), true};
    EXPECT_GT(reader.count(*connection_, scope, {}), 0U);
    const support::SubtreeRanges ranges(root);
    Arguments arguments;
    arguments.add_null().add(std::int64_t{0}).add(ranges.own.first).add(ranges.own.end);
    arguments.add(ranges.below.first).add(ranges.below.end);
    const Effort effort = explain(prepared("holdfast_count"), arguments);
    EXPECT_LE(effort.examined, expired_entries) << planning_ << effort.plan;
    EXPECT_FALSE(effort.reads_whole_table) << planning_ << effort.plan;
  }
}

void CostTest::changes() {
  const Reader reader(store_.store());
  const Revision stable = reader.stable_revision(*connection_, {});
  // Written, removed, and both in between.
  for (const Revision after : {Revision{cost_entries}, Revision{2 * cost_entries + 10},
                               Revision{2 * cost_entries - 10}, stable - 10}) {
    const auto seen = reader.changes(*connection_, after, 50, {});
    Arguments arguments;
    arguments.add(after).add(stable).add(std::int64_t{page_rows});
    arguments.add_null().add(std::int64_t{0});
    const Effort effort = explain(prepared("holdfast_changes"), arguments);
    EXPECT_LE(effort.examined, 2 * page_rows) << planning_ << effort.plan;
    EXPECT_LE(effort.sorted, 2 * page_rows) << planning_ << effort.plan;
    EXPECT_LE(effort.buffers, 10 * page_rows) << planning_ << effort.plan;
    EXPECT_FALSE(effort.reads_whole_table) << planning_ << effort.plan;
  }
}

constexpr const char* head = "(1, 1, true, NULL, 0, ";

void CostTest::one_operation() {
  const std::string begin = std::string("SELECT * FROM @schema@.write_one") + head;
  for (const char* const kind : {"1", "4", "2"}) {
    run_often(begin + "1000000, NULL, NULL, " + kind +
              ", 'app/big', 'key/00000200', 0, 0, false, 1000, 0, '2', true)");
  }
  run_often(begin +
            "1000000, NULL, NULL, 3, 'app/big', 'counter', 0, 0, false, NULL, 1, NULL, false)");
  // Found, then written, and for the index that has to stay unique looked at once more.
  expect_no_more_than(3 * 4 * 8);
}

void CostTest::a_batch() {
  for (const char* const count : {"10", "300"}) {
    const auto all = [&](const std::string& value) {
      return "(SELECT array_agg(" + value + " ORDER BY i) FROM generate_series(1, " + count +
             ") i), ";
    };
    const auto batch = [&](const std::string& kind) {
      return std::string("SELECT * FROM @schema@.write_many") + head +
             "1000000, NULL, NULL, true, " + all(kind) + all("'app/big'::text") +
             all("'key/' || lpad((2 * i)::text, 8, '0')") + all("0") + all("0::bigint") +
             all("false") + all("false") + all("NULL::bigint") + all("0::bigint") +
             all("'\"value\"'::text") + all("false") +
             "(SELECT array_agg((i::bigint << 32) + i) FROM generate_series(1, " + count + ") i))";
    };
    run_often(batch("1"));
    run_often(batch("CASE i % 3 WHEN 0 THEN 2 ELSE 1 END"));
    run_often(std::string("SELECT @schema@.set_many") + head + all("'app/big'::text") +
              all("'key/' || lpad((2 * i)::text, 8, '0')") + all("'\"value\"'::text") +
              "NULL, (SELECT array_agg(i::bigint) FROM generate_series(1, " + count + ") i))");
  }
  expect_no_more_than(3 * 24 * 310);
}

void CostTest::sweeping() {
  run(std::string("SELECT * FROM @schema@.sweep") + head + "5)");
  run_often(std::string("SELECT * FROM @schema@.sweep") + head + "1000)");
  // Marked as dead in the index only when the transaction is over.
  expect_no_more_than(4 * 9 * expired_entries);
  EXPECT_EQ(counted("n_tup_del"), expired_entries);
}

void CostTest::clearing_a_small_namespace() {
  std::int64_t rows = 0;
  for (int i = 1; i < 9; ++i) {
    const std::string ns = "app/users/u00" + std::to_string(10 + i);
    const support::TextRange own = support::own_range(ns);
    run(std::string("SELECT * FROM @schema@.clear") + head + "ARRAY[" + quoted(own.first) +
        "], ARRAY[" + quoted(own.end) + "], false)");
    rows += cost_entries / 602 + 5;
  }
  expect_no_more_than(rows);
  EXPECT_GT(counted("n_tup_del"), 0);
}

void CostTest::restoring() {
  for (const char* const count : {"10", "300"}) {
    const auto all = [&](const std::string& value) {
      return ", (SELECT array_agg(" + value + " ORDER BY i) FROM generate_series(1, " + count +
             ") i)";
    };
    run_often(std::string("SELECT * FROM @schema@.restore") + head +
              "1000000, NULL, NULL, false, 0, 300, NULL, NULL, false" + all("0") +
              all("'app/big'::text") + all("'key/' || lpad((2 * i)::text, 8, '0')") + all("0") +
              all("0::bigint") + all("30") + all("'1'::text") + all("1700000000000::bigint") +
              all("1700000000000::bigint") + all("NULL::bigint") + all("i::bigint - 1") +
              all("i::bigint - 1") + ")");
  }
  expect_no_more_than(2 * 8 * 310);
}

TEST_P(CostTest, ACallExaminesWhatItGivesBack) {
  for (const bool generic : {false, true}) {
    plan_for_any_arguments(generic);
    a_page_of_a_namespace_in_every_order();
    a_page_of_a_subtree_by_key();
    a_page_of_keys_that_begin_alike();
    the_newest_of_everything();
    a_small_subtree_in_the_order_of_its_writes();
    an_equality_filter_on_an_indexed_path();
    looking_up_entries();
    counting();
    changes();
  }
  // Last, since what was undone lies about in the indexes.
  for (const bool generic : {false, true}) {
    undone(generic, [this] { one_operation(); });
    undone(generic, [this] { a_batch(); });
    undone(generic, [this] { sweeping(); });
    undone(generic, [this] { clearing_a_small_namespace(); });
    undone(generic, [this] { restoring(); });
  }
}

INSTANTIATE_TEST_SUITE_P(WithStatistics, CostTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(WithoutStatistics, CostTest, ::testing::Values(false));

}  // namespace
}  // namespace holdfast::postgresql
