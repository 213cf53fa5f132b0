// How many round trips to the server a call takes, once its connection has its session and the
// call's statement is prepared there.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "cutting_proxy.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

class RoundTripTest : public StoreTest {
 protected:
  RoundTripTest() {
    PostgresqlOptions options;
    options.connection = proxy_.url();
    options.schema = new_schema();
    options.pool_size = 1;
    options.indexed_paths = {"role"};
    memory_ = std::make_unique<Memory>(open_postgresql(options));
    WriteBatch batch;
    for (int i = 0; i < 1000; ++i) {
      batch.set("a", "k" + std::to_string(i), MemoryValue::parse(R"({"role":"user"})"));
    }
    memory_->write(batch);
    // After each of these the server answers that it is ready for the next.
    proxy_.cut_when([this](const testing::ClientMessage& message) {
      if (message.type == 'S' || message.type == 'Q') ++round_trips_;
      return false;
    });
  }

  // Of the second time.
  int round_trips_of(const std::function<void()>& call) {
    call();
    round_trips_ = 0;
    call();
    return round_trips_;
  }

  std::atomic<int> round_trips_{0};
  testing::CuttingProxy proxy_{testing::shared_server_url()};
  std::unique_ptr<Memory> memory_;
};

TEST_F(RoundTripTest, AReadTakesOne) {
  EXPECT_EQ(round_trips_of([&] { EXPECT_TRUE(memory_->get("a", "k1")); }), 1);
  const std::vector<std::string> keys{"k1", "k2", "k3"};
  EXPECT_EQ(round_trips_of([&] { EXPECT_EQ(memory_->get_many("a", keys).size(), 3U); }), 1);
}

TEST_F(RoundTripTest, AWriteTakesOne) {
  EXPECT_EQ(round_trips_of([&] { memory_->set("a", "k1", 1); }), 1);
  EXPECT_EQ(round_trips_of([&] { memory_->increment("a", "n"); }), 1);
  EXPECT_EQ(round_trips_of([&] { memory_->erase("a", "k2"); }), 1);
}

TEST_F(RoundTripTest, ABatchTakesOne) {
  EXPECT_EQ(round_trips_of([&] {
              WriteBatch batch;
              for (int i = 0; i < 1000; ++i) batch.set("a", "k" + std::to_string(i), i);
              memory_->write(batch);
            }),
            1);
}

TEST_F(RoundTripTest, ARestoreWithItsNoteTakesOne) {
  const Record record = *memory_->get_entry("a", "k1");
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back("k" + std::to_string(i));
  std::vector<RestoreOp> ops;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ops.push_back({.address = {"a", keys[i]},
                   .record = &record,
                   .precondition = Precondition::if_present(),
                   .created_rank = i,
                   .rank = i});
  }
  const Note note{"place", "k999"};
  EXPECT_EQ(
      round_trips_of([&] { memory_->restore({.ops = ops, .ranks = ops.size(), .note = &note}); }),
      1);
  EXPECT_EQ(round_trips_of([&] { EXPECT_EQ(memory_->note("place"), "k999"); }), 1);
}

TEST_F(RoundTripTest, APageTakesOneWithoutAFilterOrWithAnExactOne) {
  MemoryQuery query;
  query.scope = {"a"};
  EXPECT_EQ(round_trips_of([&] { EXPECT_EQ(memory_->query(query).entries.size(), 50U); }), 1);
  query.filter = Filter::parse(R"({"role":"user"})");
  EXPECT_EQ(round_trips_of([&] { EXPECT_EQ(memory_->query(query).entries.size(), 50U); }), 1);
  query.scope.subtree = true;
  EXPECT_EQ(round_trips_of([&] { EXPECT_EQ(memory_->query(query).entries.size(), 50U); }), 1);
}

// Its instant, the read, and all of its checks and writes at the end.
TEST_F(RoundTripTest, ATransactionOfOneReadAndOneWriteTakesThree) {
  EXPECT_EQ(round_trips_of([&] {
              memory_->transaction([](Transaction& transaction) {
                static_cast<void>(transaction.get("a", "k1"));
                transaction.set("a", "k1", 2);
              });
            }),
            3);
}

}  // namespace
}  // namespace holdfast::postgresql
