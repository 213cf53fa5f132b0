#include "pool.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PoolTest : public ConnectionTest {
 protected:
  static PoolOptions options(std::size_t size = 8) {
    PoolOptions options{shared_server_options()};
    options.size = size;
    options.wait = hours(1);
    options.idle_check = hours(1);
    return options;
  }
};

TEST_F(PoolTest, LendsTheConnectionThatWasUsedLast) {
  Pool pool(options());
  std::string last;
  {
    auto first = pool.acquire({});
    auto second = pool.acquire({});
    last = process_of(*first);
    EXPECT_NE(process_of(*second), last);
    EXPECT_EQ(pool.facts().open, 2U);
    EXPECT_EQ(pool.facts().idle, 0U);
  }
  // `first` came back after `second`.
  EXPECT_EQ(process_of(*pool.acquire({})), last);
  EXPECT_EQ(pool.facts().idle, 2U);
  EXPECT_EQ(pool.facts().opened, 2U);
  EXPECT_EQ(pool.facts().discarded, 0U);
}

TEST_F(PoolTest, LendsAThreadTheConnectionThatItUsedItself) {
  Pool pool(options());
  std::string own;
  std::promise<std::string> of_another;
  std::promise<void> own_is_back;
  std::future<void> other;
  {
    const auto lease = pool.acquire({});
    own = process_of(*lease);
    other = std::async(std::launch::async, [&] {
      const auto other_lease = pool.acquire({});
      of_another.set_value(process_of(*other_lease));
      own_is_back.get_future().wait();
    });
    EXPECT_NE(of_another.get_future().get(), own);
  }
  own_is_back.set_value();
  other.get();  // Its connection was the last to come back.
  EXPECT_EQ(process_of(*pool.acquire({})), own);
}

TEST_F(PoolTest, AFullPoolSaysWhichOptionsItIsMadeOf) {
  PoolOptions small = options(2);
  small.wait = milliseconds(1);
  Pool pool(small);
  const auto first = pool.acquire({});
  const auto second = pool.acquire({});
  const auto error = error_thrown_by([&] { static_cast<void>(pool.acquire({})); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_THAT(error->message(), HasSubstr("pool_size=2"));
  EXPECT_THAT(error->message(), HasSubstr("pool_wait"));
  EXPECT_EQ(pool.facts().waiting, 0U);
  EXPECT_EQ(pool.facts().open, 2U);
}

TEST_F(PoolTest, ACallWaitsUntilAConnectionComesFree) {
  Pool pool(options(1));
  std::optional<Pool::Lease> lease(pool.acquire({}));
  const std::string process = process_of(**lease);
  auto waiting = std::async([&] { return process_of(*pool.acquire({})); });
  wait_until([&] { return pool.facts().waiting == 1; });
  lease.reset();
  EXPECT_EQ(waiting.get(), process);
}

TEST_F(PoolTest, ACallThatWaitsOpensAConnectionWhereOneWasDiscarded) {
  Pool pool(options(1));
  std::optional<Pool::Lease> lease(pool.acquire({}));
  const std::string process = process_of(**lease);
  auto waiting = std::async([&] { return process_of(*pool.acquire({})); });
  wait_until([&] { return pool.facts().waiting == 1; });
  lease->discard();
  EXPECT_NE(waiting.get(), process);
  lease.reset();
  EXPECT_EQ(pool.facts().open, 1U);
  EXPECT_EQ(pool.facts().discarded, 1U);
}

TEST_F(PoolTest, WaitingCallsAreServedInTheOrderOfTheirComing) {
  Pool pool(options(1));
  std::optional<Pool::Lease> lease(pool.acquire({}));
  std::vector<int> order;  // Guarded by the one connection.
  std::vector<std::jthread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      const auto mine = pool.acquire({});
      order.push_back(number);
    });
    wait_until([&] { return pool.facts().waiting == threads.size(); });
  }
  lease.reset();
  threads.clear();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST_F(PoolTest, AWaitEndsByTheContext) {
  Pool pool(options(1));
  const auto lease = pool.acquire({});
  const auto acquire_with = [&](const Context& context) {
    return code_thrown_by([&] { static_cast<void>(pool.acquire(context)); });
  };
  EXPECT_EQ(acquire_with(with_deadline_in(milliseconds(5))), ErrorCode::deadline_exceeded);
  std::stop_source source;
  std::jthread stopper([&] {
    wait_until([&] { return pool.facts().waiting == 1; });
    source.request_stop();
  });
  EXPECT_EQ(acquire_with(with_stop(source)), ErrorCode::cancelled);
  EXPECT_EQ(pool.facts().waiting, 0U);
}

TEST_F(PoolTest, AConnectionWithAnOpenTransactionIsNotLentAgain) {
  Pool pool(options());
  pool.acquire({})->execute_text("BEGIN", {});
  EXPECT_EQ(pool.facts().open, 0U);
  EXPECT_EQ(pool.facts().discarded, 1U);
  {
    const auto lease = pool.acquire({});
    lease->execute_text("BEGIN", {});
    EXPECT_THROW(lease->execute_text("SELECT 1/0", {}), Error);
  }
  EXPECT_EQ(pool.facts().discarded, 2U);
  pool.acquire({})->execute_text("BEGIN; SELECT 1; COMMIT", {});
  EXPECT_EQ(pool.facts().discarded, 2U);
  EXPECT_EQ(pool.facts().idle, 1U);
}

TEST_F(PoolTest, ConnectionsThatDiedWhileIdleAreFoundAndReplaced) {
  PoolOptions checking = options();
  checking.idle_check = milliseconds(-1);
  Pool pool(checking);
  std::vector<std::string> processes;
  {
    auto first = pool.acquire({});
    auto second = pool.acquire({});
    processes = {process_of(*first), process_of(*second)};
  }
  for (const std::string& process : processes) terminate(process);
  {
    const auto lease = pool.acquire({});
    EXPECT_EQ(ask(*lease, "SELECT 7"), "7");
  }
  EXPECT_EQ(pool.facts().discarded, 2U);
  EXPECT_EQ(pool.facts().open, 1U);
  EXPECT_EQ(pool.facts().opened, 3U);
}

TEST_F(PoolTest, ALostConnectionIsNotLentAgain) {
  Pool pool(options());
  {
    const auto lease = pool.acquire({});
    terminate(process_of(*lease));
    EXPECT_EQ(code_thrown_by([&] { lease->execute_text("SELECT 1", {}); }), ErrorCode::unavailable);
  }
  EXPECT_EQ(pool.facts().open, 0U);
  EXPECT_EQ(ask(*pool.acquire({}), "SELECT 7"), "7");
}

TEST_F(PoolTest, AFailureToConnectLeavesRoomForTheNextCall) {
  PoolOptions nowhere = options(1);
  nowhere.connection.target = ConnectionString("host=/nonexistent user=agent");
  Pool pool(nowhere);
  for (int call = 0; call < 2; ++call) {
    EXPECT_EQ(code_thrown_by([&] { static_cast<void>(pool.acquire({})); }), ErrorCode::unavailable);
    EXPECT_EQ(pool.facts().open, 0U);
  }
  EXPECT_EQ(
      code_thrown_by([&] { static_cast<void>(pool.acquire(with_deadline_in(milliseconds(20)))); }),
      ErrorCode::deadline_exceeded);
}

TEST_F(PoolTest, CloseEndsIdleConnectionsAndWaitsForNone) {
  Pool pool(options(2));
  std::vector<std::string> last;
  auto lent = std::make_unique<Pool::Lease>(pool.acquire({}));
  std::string idle;
  {
    const auto lease = pool.acquire({});
    idle = process_of(*lease);
  }
  pool.close([&](Connection& connection) { last.push_back(process_of(connection)); });
  EXPECT_THAT(last, ElementsAre(idle));
  EXPECT_EQ(pool.facts().open, 1U);
  EXPECT_EQ(ask(**lent, "SELECT 7"), "7");
  lent.reset();
  EXPECT_EQ(pool.facts().open, 0U);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(pool.acquire({})); }),
            ErrorCode::failed_precondition);
}

TEST_F(PoolTest, CloseSendsThoseWhoWaitAway) {
  Pool pool(options(1));
  const auto lease = pool.acquire({});
  auto waiting =
      std::async([&] { return code_thrown_by([&] { static_cast<void>(pool.acquire({})); }); });
  wait_until([&] { return pool.facts().waiting == 1; });
  pool.close([](Connection&) { throw Error(ErrorCode::internal, "ignored"); });
  EXPECT_EQ(waiting.get(), ErrorCode::failed_precondition);
}

TEST_F(PoolTest, AForkedProcessCanNeitherUseNorHarmIt) {
  auto pool = std::make_unique<Pool>(options());
  auto lease = std::make_unique<Pool::Lease>(pool->acquire({}));
  const std::string lent = process_of(**lease);
  // Starts the watchdog's threads.
  (*lease)->execute_text("SELECT 1", with_deadline_in(hours(1)));
  std::string idle;
  {
    const auto other = pool->acquire({});
    idle = process_of(*other);
  }
  const pid_t child = fork();
  if (child == 0) {
    const auto is_refused = [](const std::function<void()>& body) {
      return code_thrown_by(body) == ErrorCode::failed_precondition;
    };
    bool right = is_refused([&] { static_cast<void>(pool->acquire({})); });
    right = right && is_refused([&] { (*lease)->execute_text("SELECT 1", {}); });
    pool->close(nullptr);
    lease.reset();
    pool.reset();
    _exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(process_of(**lease), lent);
  EXPECT_EQ(process_of(*pool->acquire({})), idle);
}

TEST_F(PoolTest, ConcurrentCallsShareFewConnections) {
  Pool pool(options(3));
  std::atomic<int> wrong = 0;
  const auto work = [&](int thread) {
    for (int i = 0; i < 50; ++i) {
      const auto lease = pool.acquire(with_deadline_in(hours(1)));
      Arguments arguments;
      arguments.add(std::int64_t{thread * 1000 + i});
      const Rows rows =
          lease->execute({"echo", "SELECT $1::int8"}, arguments, with_deadline_in(hours(1)));
      if (rows.integer(0, 0) != thread * 1000 + i) ++wrong;
      if (i % 10 == 9) lease->execute_text("BEGIN", {});
    }
  };
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 6; ++thread) threads.emplace_back(work, thread);
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(pool.facts().open, 3U);
  EXPECT_EQ(pool.facts().open, pool.facts().idle);
  EXPECT_EQ(pool.facts().discarded, 30U);
}

class PoolAtAServerOfItsOwn : public PoolTest {};

TEST_F(PoolAtAServerOfItsOwn, AWrongPasswordIsTriedOnce) {
  testing::PostgresqlServerOptions own;
  own.durable = false;
  own.tcp = true;
  testing::PostgresqlServer server(own);
  server.execute("CREATE ROLE agent LOGIN PASSWORD 'right'");
  PoolOptions refused = options();
  refused.connection.target =
      ConnectionString(server.tcp_url("postgres", "agent", {{"password", "wr@ng"}}));
  Pool pool(refused);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(pool.acquire({})); }),
            ErrorCode::permission_denied);
  const std::string log = server.log();
  const std::string words = "password authentication failed";
  const std::size_t first = log.find(words);
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log.find(words, first + 1), std::string::npos);
}

}  // namespace
}  // namespace holdfast::postgresql
