#include "cutting_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>

#include "postgresql_server.hpp"

namespace holdfast::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using Moment = Cut::Moment;

class Client {
 public:
  explicit Client(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {}

  [[nodiscard]] bool is_connected() const { return PQstatus(get()) == CONNECTION_OK; }
  [[nodiscard]] std::string error() const { return PQerrorMessage(get()); }
  [[nodiscard]] PGconn* get() const { return connection_.get(); }
  // The first value, "" where there is none; "lost" where the connection is.
  std::string run(const std::string& sql) { return value_of(PQexec(get(), sql.c_str())); }
  // The same by the messages P, B, D, E and S.
  std::string run_extended(const std::string& sql) {
    return value_of(PQexecParams(get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
  }
  // Reads past libpq.
  std::size_t bytes_until_end() {
    std::size_t received = 0;
    std::array<char, 1000> buffer{};
    pollfd awaited{PQsocket(get()), POLLIN, 0};
    while (::poll(&awaited, 1, -1) == 1) {
      const ssize_t n = ::read(awaited.fd, buffer.data(), buffer.size());
      last_error_ = n < 0 ? errno : 0;
      if (n <= 0) break;
      received += static_cast<std::size_t>(n);
    }
    return received;
  }
  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  std::string value_of(PGresult* result) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> owner(result, &PQclear);
    if (!is_connected()) return "lost";
    if (PQntuples(result) == 0) return PQresultErrorMessage(result);
    return PQgetvalue(result, 0, 0);
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  int last_error_ = 0;
};

// A table of this process's own on the shared server.
class CuttingProxyTest : public ::testing::Test {
 protected:
  CuttingProxyTest() { direct_.run("CREATE TABLE " + table_ + " (n int)"); }
  ~CuttingProxyTest() override { direct_.run("DROP TABLE " + table_); }

  [[nodiscard]] std::string insertion() const { return "INSERT INTO " + table_ + " VALUES (1)"; }
  std::string rows() { return direct_.run("SELECT count(*) FROM " + table_); }

  CuttingProxy proxy_{shared_server_url()};
  Client direct_{shared_server_url()};
  std::string table_ = "holdfast_proxy_" + std::to_string(::getpid());
};

TEST_F(CuttingProxyTest, HandsOnWhatMeetsNoCondition) {
  proxy_.cut_when(message_with("Q", "no such text"));
  Client client(proxy_.url());
  ASSERT_TRUE(client.is_connected()) << client.error();
  EXPECT_EQ(client.run("SELECT 5"), "5");
  EXPECT_EQ(client.run_extended("SELECT repeat('x', 1000000)").size(), 1000000U);
  EXPECT_EQ(client.run("SELECT length('" + std::string(1000000, 'y') + "')"), "1000000");
  EXPECT_EQ(proxy_.happened(), 0U);
  EXPECT_EQ(proxy_.accepted(), 1U);
}

TEST_F(CuttingProxyTest, BeforeForwardingTheServerDoesNothing) {
  proxy_.cut_when(message_with("Q", "INSERT"), {.moment = Moment::before_forwarding});
  Client client(proxy_.url());
  EXPECT_EQ(client.run(insertion()), "lost");
  EXPECT_EQ(proxy_.happened(), 1U);
  EXPECT_EQ(rows(), "0");
}

TEST_F(CuttingProxyTest, BeforeTheAnswerTheServerHasDoneIt) {
  proxy_.cut_when(message_with("Q", "INSERT"));
  Client client(proxy_.url());
  EXPECT_EQ(client.run(insertion()), "lost");
  EXPECT_EQ(rows(), "1");
  proxy_.cut_when(message_with("E", ""));
  Client second(proxy_.url());
  EXPECT_EQ(second.run_extended(insertion()), "lost");
  EXPECT_EQ(rows(), "2");
}

TEST_F(CuttingProxyTest, AfterForwardingAnExecutionWithoutItsSyncNothingIsCommitted) {
  proxy_.cut_when(message_with("E", ""), {.moment = Moment::after_forwarding});
  Client client(proxy_.url());
  EXPECT_EQ(client.run_extended(insertion()), "lost");
  // Waits for what the connection that was cut holds, if it still does.
  direct_.run("TRUNCATE " + table_);
  EXPECT_EQ(rows(), "0");
}

TEST_F(CuttingProxyTest, InTheAnswerSoManyBytesGoBack) {
  proxy_.cut_when(message_with("Q", "repeat"), {.moment = Moment::in_answer, .answer_bytes = 500});
  Client client(proxy_.url());
  ASSERT_EQ(PQsendQuery(client.get(), "SELECT repeat('x', 100000)"), 1);
  EXPECT_EQ(client.bytes_until_end(), 500U);
}

TEST_F(CuttingProxyTest, AResetIsAnErrorForTheClientAndAnEndIsNot) {
  for (const Moment moment :
       {Moment::before_forwarding, Moment::after_forwarding, Moment::before_answer}) {
    for (const bool reset : {true, false}) {
      proxy_.cut_when(message_with("Q", "SELECT"), {.moment = moment, .reset = reset});
      Client client(proxy_.url());
      ASSERT_EQ(PQsendQuery(client.get(), "SELECT 1"), 1);
      EXPECT_EQ(client.bytes_until_end(), 0U);
      EXPECT_EQ(client.last_error(), reset ? ECONNRESET : 0);
    }
  }
}

TEST_F(CuttingProxyTest, TheNthMessageOfAllConnectionsIsMeantAndOnlyOne) {
  proxy_.cut_when(message_with("QP", "SELECT", 3));
  Client first(proxy_.url());
  Client second(proxy_.url());
  EXPECT_EQ(first.run("SELECT 1"), "1");
  EXPECT_EQ(second.run_extended("SELECT 2"), "2");
  EXPECT_EQ(first.run("SELECT 3"), "lost");
  EXPECT_EQ(second.run("SELECT 4"), "4");
  EXPECT_EQ(proxy_.happened(), 1U);
}

TEST_F(CuttingProxyTest, AStallSwallowsTheAnswersUntilTheConnectionIsCut) {
  proxy_.stall_when(message_with("Q", "INSERT"));
  Client client(proxy_.url());
  ASSERT_EQ(PQsendQuery(client.get(), insertion().c_str()), 1);
  proxy_.wait_until_happened();
  while (rows() != "1") {
  }
  pollfd awaited{PQsocket(client.get()), POLLIN, 0};
  EXPECT_EQ(::poll(&awaited, 1, 0), 0);
  proxy_.cut_all();
  EXPECT_EQ(client.bytes_until_end(), 0U);
}

TEST_F(CuttingProxyTest, ForgottenCutsDoNotHappen) {
  proxy_.cut_when(message_with("Q", ""));
  proxy_.stall_when(message_with("Q", ""));
  proxy_.forget();
  Client client(proxy_.url());
  EXPECT_EQ(client.run("SELECT 1"), "1");
}

TEST_F(CuttingProxyTest, RefusesNewConnectionsWhileOldOnesGoOn) {
  Client client(proxy_.url());
  EXPECT_EQ(client.run("SELECT 1"), "1");
  proxy_.refuse_connections(true);
  const Client refused(proxy_.url());
  EXPECT_FALSE(refused.is_connected());
  EXPECT_THAT(refused.error(), AnyOf(HasSubstr("closed the connection"), HasSubstr("reset by peer"),
                                     HasSubstr("could not receive data")));
  EXPECT_EQ(client.run("SELECT 1"), "1");
  proxy_.refuse_connections(false);
  EXPECT_TRUE(Client(proxy_.url()).is_connected());
}

TEST_F(CuttingProxyTest, CuttingAllEndsEveryConnection) {
  Client first(proxy_.url());
  Client second(proxy_.url());
  proxy_.cut_all(true);
  EXPECT_EQ(first.run("SELECT 1"), "lost");
  EXPECT_EQ(second.run("SELECT 1"), "lost");
  EXPECT_EQ(Client(proxy_.url()).run("SELECT 1"), "1");
}

}  // namespace
}  // namespace holdfast::testing
