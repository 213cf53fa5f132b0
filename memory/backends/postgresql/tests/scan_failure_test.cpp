// Reads of many rows whose connection is lost.
#include <set>
#include <string>
#include <vector>

#include "failure_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using testing::Cut;
using testing::CuttingProxy;
using testing::message_with;
using Moment = Cut::Moment;

class LostScan : public FailureTest {
 protected:
  static constexpr int entries = 700;

  LostScan() {
    Memory memory = open_postgresql(options());
    WriteBatch batch;
    for (int i = 0; i < entries; ++i) batch.set("a", std::to_string(i), i);
    memory.write(batch);
    for (int i = 0; i < 150; ++i) batch.set(Namespace("b") / std::to_string(i), "k", i);
    memory.write(batch);
  }
  // The keys in the order of coming.
  std::vector<std::string> scan(Backend& backend, std::vector<std::string>& keys) {
    MemoryQuery query;
    query.scope = Scope("a");
    backend.scan({.query = query},
                 [&](const ScanRow& row) {
                   keys.emplace_back(row.address.key);
                   return true;
                 },
                 {});
    return keys;
  }

  CuttingProxy proxy_{testing::shared_server_url()};
};

std::size_t different(const std::vector<std::string>& keys) {
  return std::set<std::string>(keys.begin(), keys.end()).size();
}

TEST_F(LostScan, BeforeTheFirstRowItIsRepeatedAndNobodySeesIt) {
  const auto backend = make_postgresql_backend(options(proxy_.url()));
  for (const auto& message :
       {message_with("Q", "BEGIN"), message_with("P", "DECLARE"), message_with("Q", "FETCH")}) {
    for (const Cut cut : {Cut{.moment = Moment::before_forwarding}, Cut{.reset = true},
                          Cut{.moment = Moment::in_answer, .answer_bytes = 300}}) {
      const std::size_t happened = proxy_.happened();
      proxy_.cut_when(message, cut);
      std::vector<std::string> keys;
      scan(*backend, keys);
      EXPECT_EQ(keys.size(), std::size_t{entries});
      EXPECT_EQ(different(keys), std::size_t{entries});
      EXPECT_EQ(proxy_.happened(), happened + 1);
    }
  }
}

TEST_F(LostScan, AfterTheFirstRowItIsUnavailableAndNoRowComesTwice) {
  const auto backend = make_postgresql_backend(options(proxy_.url()));
  for (const Moment moment : {Moment::before_forwarding, Moment::before_answer}) {
    proxy_.cut_when(message_with("Q", "FETCH", 2), {.moment = moment});
    std::vector<std::string> keys;
    const auto error = error_thrown_by([&] { scan(*backend, keys); });
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::unavailable);
    EXPECT_GT(keys.size(), 0U);
    EXPECT_LT(keys.size(), std::size_t{entries});
    EXPECT_EQ(different(keys), keys.size());
    keys.clear();
    scan(*backend, keys);
    EXPECT_EQ(different(keys), std::size_t{entries});
  }
}

TEST_F(LostScan, NamespacesAreListedOnceOrNotAtAll) {
  const auto backend = make_postgresql_backend(options(proxy_.url()));
  std::vector<std::string> seen;
  const auto list = [&] {
    seen.clear();
    backend->scan_namespaces("b", std::nullopt,
                             [&](std::string_view ns) {
                               seen.emplace_back(ns);
                               return true;
                             },
                             {});
  };
  proxy_.cut_when(message_with("Q", "FETCH"));
  list();
  EXPECT_EQ(seen.size(), 150U);
  EXPECT_EQ(different(seen), 150U);
  // The namespace itself holds nothing: its part comes first and is empty.
  proxy_.cut_when(message_with("Q", "FETCH FORWARD 400"));
  EXPECT_EQ(code_thrown_by(list), ErrorCode::unavailable);
  EXPECT_EQ(different(seen), seen.size());
  EXPECT_EQ(proxy_.happened(), 2U);
}

TEST_F(LostScan, AQueryACountAndAReadAnswerAfterTheLoss) {
  Memory memory = open_postgresql(options(proxy_.url()));
  MemoryQuery query;
  query.scope = Scope("a");
  query.limit = 20;
  proxy_.cut_when(message_with("P", "ORDER BY"));
  EXPECT_EQ(memory.query(query).entries.size(), 20U);
  query.top = TopBy{};
  proxy_.cut_when(message_with("Q", "FETCH"));
  EXPECT_EQ(memory.query(query).entries.size(), 20U);
  proxy_.cut_when(message_with("B", "holdfast_count"));
  EXPECT_EQ(memory.count(Scope("a")), std::uint64_t{entries});
  proxy_.cut_when(message_with("B", "holdfast_get"));
  EXPECT_EQ(memory.get("a", "7"), MemoryValue(7));
  proxy_.cut_when(message_with("B", "holdfast_get_many"));
  EXPECT_EQ(memory.get_many("a", std::vector<std::string>{"1", "2"}).size(), 2U);
  proxy_.cut_when(message_with("B", "holdfast_changes"));
  EXPECT_EQ(memory.changes(0, 10).changes.size(), 10U);
  proxy_.cut_when(message_with("B", "holdfast_stats"));
  EXPECT_EQ(memory.stats().entries, std::uint64_t{entries} + 150);
  EXPECT_EQ(proxy_.happened(), 7U);
}

}  // namespace
}  // namespace holdfast::postgresql
