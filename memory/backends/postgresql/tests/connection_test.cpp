#include "connection.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <limits>
#include <optional>
#include <string>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

class PreparedOrNot : public ConnectionTest, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(Both, PreparedOrNot, ::testing::Bool(), [](const auto& instance) {
  return instance.param ? "Prepared" : "NotPrepared";
});

TEST_P(PreparedOrNot, ArgumentsArriveAsTheyAre) {
  const auto connection = connect(GetParam());
  const std::string text = "it's \"Zürich\" \\ %s $1 \n\t\x01";
  Arguments arguments;
  arguments.add(text).add(std::numeric_limits<std::int64_t>::min()).add(true).add_null().add("");
  const Statement echo{"echo", "SELECT $1::text, $2::int8, $3::bool, $4::int8, $5::text"};
  for (int time = 0; time < 2; ++time) {
    const Rows rows = connection->execute(echo, arguments, {});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.text(0, 0), text);
    EXPECT_EQ(rows.integer(0, 1), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows.optional_integer(0, 1), rows.integer(0, 1));
    EXPECT_TRUE(rows.boolean(0, 2));
    EXPECT_TRUE(rows.is_null(0, 3));
    EXPECT_EQ(rows.optional_integer(0, 3), std::nullopt);
    EXPECT_FALSE(rows.is_null(0, 4));
    EXPECT_EQ(rows.text(0, 4), "");
  }
}

TEST_P(PreparedOrNot, AStatementIsPreparedOnceOrNever) {
  const auto connection = connect(GetParam());
  for (int time = 0; time < 3; ++time) connection->execute({"one", "SELECT 1"}, {}, {});
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM pg_prepared_statements"),
            GetParam() ? "1" : "0");
}

TEST_P(PreparedOrNot, AStatementThatFailsToPrepareFailsAgain) {
  const auto connection = connect(GetParam());
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(code_thrown_by([&] {
                connection->execute({"no", "SELECT * FROM nowhere"}, {}, {});
              }),
              ErrorCode::failed_precondition);
  }
  EXPECT_EQ(ask(*connection, "SELECT 7"), "7");
}

TEST_P(PreparedOrNot, ADeadlineEndsAStatementAndLeavesTheConnectionUsable) {
  const auto connection = connect(GetParam());
  const auto error = error_thrown_by([&] {
    connection->execute({"sleep", "SELECT pg_sleep(3600)"}, {}, with_deadline_in(milliseconds(30)));
  });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::deadline_exceeded);
  EXPECT_EQ(error->message(), "the call's deadline passed before it took effect");
  EXPECT_TRUE(connection->is_usable());
  EXPECT_EQ(ask(*connection, "SELECT 7"), "7");
}

TEST_F(PreparedOrNot, WithoutPreparingNothingStaysInTheSession) {
  const auto connection = connect(false);
  connection->execute({"one", "SELECT 1"}, {}, {});
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM pg_settings WHERE source = 'session'"), "0");
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM pg_prepared_statements"), "0");
  EXPECT_EQ(ask(*connection, "SHOW client_encoding"), "UTF8");
}

using ConnectionSettings = ConnectionTest;

TEST_F(ConnectionSettings, AreThoseOfHoldfastWhereNothingElseIsAskedFor) {
  const auto connection = connect();
  EXPECT_EQ(ask(*connection, "SHOW application_name"), "holdfast");
  EXPECT_EQ(ask(*connection, "SHOW client_encoding"), "UTF8");
  EXPECT_EQ(ask(*connection, "SHOW client_min_messages"), "warning");
  EXPECT_EQ(ask(*connection, "SHOW statement_timeout"), "0");
  EXPECT_GE(connection->server_version(), 150000);
}

TEST_F(ConnectionSettings, GiveWayToThoseOfTheConnectionString) {
  ConnectionOptions options = shared_server_options();
  options.target.set("application_name", "mine");
  options.target.set("client_encoding", "LATIN1");
  const auto connection = connect(options);
  EXPECT_EQ(ask(*connection, "SHOW application_name"), "mine");
  // But for this one.
  EXPECT_EQ(ask(*connection, "SHOW client_encoding"), "UTF8");
}

TEST_F(ConnectionSettings, HoldATimeoutForStatements) {
  ConnectionOptions options = shared_server_options();
  options.statement_timeout = milliseconds(30);
  const auto connection = connect(options);
  const auto error = error_thrown_by<EngineError>(
      [&] { connection->execute_text("SELECT pg_sleep(3600)", with_deadline_in(hours(1))); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::deadline_exceeded);
  EXPECT_TRUE(connection->is_usable());
}

class RunningStatement : public ConnectionTest {
 protected:
  // Returns when the statement of that process is running.
  void wait_for_sleep(const std::string& process) {
    const auto other = connect();
    wait_until([&] {
      return ask(*other,
                 "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                 "wait_event = 'PgSleep' AND pid = " +
                     process) == "1";
    });
  }
};

TEST_F(RunningStatement, IsEndedByTheStopToken) {
  const auto connection = connect();
  const std::string process = process_of(*connection);
  std::stop_source source;
  std::jthread stopper([&] {
    wait_for_sleep(process);
    source.request_stop();
  });
  const auto error = error_thrown_by(
      [&] { connection->execute_text("SELECT pg_sleep(3600)", with_stop(source)); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::cancelled);
  EXPECT_EQ(process_of(*connection), process);
}

TEST_F(RunningStatement, DoesNotBeginOnceTheContextHasEnded) {
  const auto connection = connect();
  connection->execute_text("CREATE TEMPORARY TABLE tried (number int)", {});
  EXPECT_EQ(code_thrown_by([&] {
              connection->execute_text("INSERT INTO tried VALUES (1)",
                                       with_deadline_in(milliseconds(0)));
            }),
            ErrorCode::deadline_exceeded);
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM tried"), "0");
}

TEST_F(RunningStatement, IsInDoubtWhereTheServerEndsItsProcess) {
  const auto connection = connect();
  const std::string process = process_of(*connection);
  std::jthread ender([&] {
    wait_for_sleep(process);
    terminate(process);
  });
  const auto error =
      error_thrown_by<EngineError>([&] { connection->execute_text("SELECT pg_sleep(3600)", {}); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_TRUE(error->connection_lost());
  EXPECT_FALSE(connection->is_usable());
}

using ConnectionLoss = ConnectionTest;

TEST_F(ConnectionLoss, IsReportedOnceAndNeverOpenedAgain) {
  const auto connection = connect();
  EXPECT_TRUE(connection->is_usable());
  terminate(process_of(*connection));
  const auto first = error_thrown_by<EngineError>([&] {
    connection->execute({"one", "SELECT 1"}, {}, {});
  });
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->code(), ErrorCode::unavailable);
  EXPECT_TRUE(first->connection_lost());
  EXPECT_FALSE(connection->is_usable());
  // Nothing was sent, so that nothing is in doubt.
  const auto second =
      error_thrown_by<EngineError>([&] { connection->execute_text("SELECT 1", {}); });
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->code(), ErrorCode::unavailable);
  EXPECT_FALSE(second->connection_lost());
}

using TransactionsOnAConnection = ConnectionTest;

TEST_F(TransactionsOnAConnection, AreThoseThatTheStatementsBeginAndEnd) {
  const auto connection = connect();
  connection->execute_text("CREATE TEMPORARY TABLE kept (number int)", {});
  connection->execute_text("BEGIN", {});
  EXPECT_FALSE(connection->is_usable());
  connection->execute_text("INSERT INTO kept VALUES (1)", {});
  connection->execute_text("ROLLBACK", {});
  EXPECT_TRUE(connection->is_usable());
  connection->execute_text("BEGIN", {});
  connection->execute_text("INSERT INTO kept VALUES (2)", {});
  connection->execute_text("COMMIT", {});
  EXPECT_EQ(ask(*connection, "SELECT string_agg(number::text, ',') FROM kept"), "2");
}

TEST_F(TransactionsOnAConnection, MayGoOnAfterASavepoint) {
  const auto connection = connect();
  connection->execute_text("BEGIN; SAVEPOINT here", {});
  EXPECT_THROW(connection->execute_text("SELECT 1/0", {}), EngineError);
  connection->execute_text("ROLLBACK TO here", {});
  EXPECT_EQ(ask(*connection, "SELECT 7"), "7");
  connection->execute_text("COMMIT", {});
  EXPECT_TRUE(connection->is_usable());
}

using RowsOfAResult = ConnectionTest;

TEST_F(RowsOfAResult, AreThoseOfTheLastStatement) {
  const auto connection = connect();
  const Rows rows = connection->execute_text("SELECT 1; SELECT 2, 3 UNION ALL SELECT 4, 5", {});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.integer(1, 1), 5);
  EXPECT_TRUE(connection->execute_text("SELECT 1 WHERE false", {}).empty());
  EXPECT_EQ(Rows().size(), 0U);
}

TEST_F(RowsOfAResult, OutliveTheConnection) {
  Rows rows;
  {
    const auto connection = connect();
    rows = connection->execute_text("SELECT repeat('long', 100)", {});
  }
  EXPECT_EQ(rows.text(0, 0).size(), 400U);
}

TEST_F(RowsOfAResult, AreDamagedWhereTheyAreNotWhatIsRead) {
  const auto connection = connect();
  const Rows rows =
      connection->execute_text("SELECT '12x', '', NULL, '9223372036854775808', 'y'", {});
  for (std::size_t column = 0; column < 5; ++column) {
    EXPECT_EQ(code_thrown_by([&] { static_cast<void>(rows.integer(0, column)); }),
              ErrorCode::corruption);
    EXPECT_EQ(code_thrown_by([&] { static_cast<void>(rows.boolean(0, column)); }),
              ErrorCode::corruption);
  }
}

using Notices = ConnectionTest;

TEST_F(Notices, AreKeptOffStderr) {
  ::testing::internal::CaptureStderr();
  {
    for (const bool prepare : {true, false}) {
      const auto connection = connect(prepare);
      connection->execute_text("DO $$BEGIN RAISE WARNING 'loud'; END$$", {});
      EXPECT_THROW(connection->execute_text("SELECT 1/0", {}), EngineError);
    }
    const auto lost = connect();
    terminate(process_of(*lost));
    EXPECT_THROW(lost->execute_text("SELECT 1", {}), EngineError);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

// A port of this machine at which connections are taken and nothing is said.
class SilentPort {
 public:
  SilentPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, generic, size) != 0 || listen(socket_, 16) != 0 ||
        getsockname(socket_, generic, &size) != 0) {
      ADD_FAILURE() << "no port is free";
    }
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  [[nodiscard]] std::string target() const {
    return "host=127.0.0.1 user=agent dbname=memory password=tiger port=" + std::to_string(port_);
  }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

using Connecting = ConnectionTest;

TEST_F(Connecting, EndsByTheContext) {
  const SilentPort silent;
  const ConnectionOptions options{ConnectionString(silent.target())};
  EXPECT_EQ(code_thrown_by([&] { connect(options, with_deadline_in(milliseconds(30))); }),
            ErrorCode::deadline_exceeded);
  std::stop_source source;
  std::promise<void> begun;
  std::jthread stopper([&] {
    begun.get_future().wait();
    source.request_stop();
  });
  begun.set_value();
  EXPECT_EQ(code_thrown_by([&] { connect(options, with_stop(source)); }), ErrorCode::cancelled);
}

TEST_F(Connecting, EndsAfterConnectTimeout) {
  const SilentPort silent;
  const auto error = error_thrown_by<EngineError>(
      [&] { connect({ConnectionString(silent.target() + " connect_timeout=1")}); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_FALSE(error->connection_lost());
  EXPECT_THAT(error->cause(), HasSubstr("connect_timeout"));
  EXPECT_THAT(error->message(), HasSubstr("database 'memory', user 'agent'"));
  EXPECT_THAT(error->message(), Not(HasSubstr("tiger")));
}

TEST_F(Connecting, WhereNobodyListensIsUnavailable) {
  EXPECT_EQ(code_thrown_by([&] { connect({ConnectionString("host=/nonexistent user=agent")}); }),
            ErrorCode::unavailable);
  EXPECT_EQ(code_thrown_by([&] {
              connect({ConnectionString("host=127.0.0.1 port=1 user=agent connect_timeout=5")});
            }),
            ErrorCode::unavailable);
}

class ServerOfItsOwn : public ConnectionTest {
 protected:
  static testing::PostgresqlServerOptions options() {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    options.tcp = true;
    return options;
  }
  std::unique_ptr<EngineError> refusal_of(const std::string& url) {
    return error_thrown_by<EngineError>([&] { connect({ConnectionString(url)}); });
  }

  testing::PostgresqlServer server_{options()};
};

TEST_F(ServerOfItsOwn, SaysWhyItRefusesWithoutThePassword) {
  server_.execute("CREATE ROLE agent LOGIN PASSWORD 'right'; CREATE ROLE nobody_else NOLOGIN");
  const auto url = [&](const std::string& user, const std::string& password,
                       const std::string& database = "postgres") {
    return server_.tcp_url(database, user, {{"password", password}});
  };
  const auto expect = [&](const std::string& target, ErrorCode code, const std::string& state) {
    const auto error = refusal_of(target);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(to_string(error->code()), to_string(code)) << error->cause();
    EXPECT_EQ(error->sqlstate(), state) << error->cause();
    EXPECT_FALSE(error->connection_lost());
    for (const std::string& text : {std::string(error->what()), error->cause()}) {
      EXPECT_THAT(text, Not(HasSubstr("ti@ger")));
      EXPECT_THAT(text, Not(HasSubstr("ti%40ger")));
      EXPECT_THAT(text, Not(HasSubstr("right")));
    }
  };
  expect(url("agent", "ti@ger"), ErrorCode::permission_denied, "28P01");
  expect(url("no_one", "ti@ger"), ErrorCode::permission_denied, "28P01");
  expect(server_.tcp_url("postgres", "agent"), ErrorCode::permission_denied, "");
  expect(url("agent", "right", "nowhere"), ErrorCode::failed_precondition, "3D000");
  // A server that repeats the password.
  expect(url("agent", "right", "right"), ErrorCode::failed_precondition, "3D000");
  expect(server_.url("postgres", "no_one"), ErrorCode::permission_denied, "28000");
  server_.execute("ALTER ROLE agent CONNECTION LIMIT 0");
  expect(url("agent", "right"), ErrorCode::unavailable, "53300");
}

TEST_F(ServerOfItsOwn, RefusesInAnyLanguage) {
  server_.execute("CREATE ROLE agent LOGIN; ALTER ROLE agent SET lc_messages = 'C'");
  server_.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
  const auto error = refusal_of(server_.url("postgres", "agent"));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::permission_denied);
  EXPECT_EQ(error->sqlstate(), "42501");
}

TEST_F(ServerOfItsOwn, IsFoundBehindAHostWhereNobodyListens) {
  const auto connection = connect(
      {ConnectionString("host=127.0.0.1," + server_.socket_folder().string() + " port=1," +
                        std::to_string(server_.port()) + " user=postgres dbname=postgres")});
  EXPECT_EQ(ask(*connection, "SELECT 7"), "7");
}

TEST_F(ServerOfItsOwn, IsGivenUpWhereItsProcessDoesNotAnswer) {
  const auto connection = connect({ConnectionString(server_.url())});
  const pid_t process = std::stoi(process_of(*connection));
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  const auto error = error_thrown_by<EngineError>(
      [&] { connection->execute_text("SELECT 1", with_deadline_in(milliseconds(30))); });
  kill(process, SIGCONT);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_TRUE(error->connection_lost());
  EXPECT_FALSE(connection->is_usable());
}

TEST_F(ServerOfItsOwn, IsGivenUpWhereNoneOfItAnswers) {
  const auto connection = connect({ConnectionString(server_.url())});
  const pid_t process = std::stoi(process_of(*connection));
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  ASSERT_EQ(kill(server_.pid(), SIGSTOP), 0);
  const auto error = error_thrown_by<EngineError>(
      [&] { connection->execute_text("SELECT 1", with_deadline_in(milliseconds(30))); });
  kill(server_.pid(), SIGCONT);
  kill(process, SIGCONT);
  ASSERT_NE(error, nullptr);
  EXPECT_TRUE(error->connection_lost());
}

}  // namespace
}  // namespace holdfast::postgresql
