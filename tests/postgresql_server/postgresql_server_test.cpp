#include "postgresql_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace holdfast::testing {
namespace {

using ::testing::HasSubstr;
using Mode = PostgresqlServer::Mode;

PostgresqlServerOptions quick_options() {
  PostgresqlServerOptions options;
  options.durable = false;
  return options;
}

// What libpq says when it connects there, "" where it can.
std::string refusal_of(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                &PQfinish);
  return PQstatus(connection.get()) == CONNECTION_OK ? "" : PQerrorMessage(connection.get());
}

// Whether it runs; one that has ended, but was not waited for yet, has no folder either.
bool runs(pid_t process) {
  std::error_code missing;
  const std::filesystem::path link = "/proc/" + std::to_string(process) + "/cwd";
  return !std::filesystem::read_symlink(link, missing).empty();
}

TEST(PostgresqlServer, AnswersAtItsUrlAndLeavesNothingBehind) {
  std::filesystem::path folder;
  pid_t process = 0;
  {
    const PostgresqlServer server(quick_options());
    folder = server.socket_folder();
    process = server.pid();
    EXPECT_TRUE(runs(process));
    EXPECT_EQ(refusal_of(server.url()), "");
    EXPECT_EQ(server.execute("SELECT 1; SELECT 'two', 3"), "two");
    EXPECT_EQ(server.execute("SHOW listen_addresses"), "");
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_FALSE(runs(process));
}

TEST(PostgresqlServer, KeepsItsDataOverEveryWayToStop) {
  PostgresqlServer server;
  server.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
  for (const Mode mode : {Mode::smart, Mode::fast, Mode::immediate}) {
    server.stop(mode);
    EXPECT_THROW(server.execute("SELECT 1"), std::runtime_error);
    EXPECT_THROW(static_cast<void>(server.pid()), std::runtime_error);
    server.start();
    EXPECT_EQ(server.execute("SELECT n FROM kept"), "7");
  }
}

TEST(PostgresqlServer, StartsAgainAfterItWasKilled) {
  PostgresqlServer server;
  server.execute("CREATE TABLE kept (n int)");
  const pid_t before = server.pid();
  ASSERT_EQ(::kill(before, SIGKILL), 0);
  server.start();
  EXPECT_NE(server.pid(), before);
  EXPECT_EQ(server.execute("SELECT count(*) FROM kept"), "0");
}

TEST(PostgresqlServer, SettingsGoOverThoseThatItHasAnyway) {
  PostgresqlServerOptions options = quick_options();
  options.settings = {"max_connections = 17", "fsync = on"};
  const PostgresqlServer server(options);
  EXPECT_EQ(server.execute("SHOW max_connections"), "17");
  EXPECT_EQ(server.execute("SHOW fsync"), "on");
  EXPECT_EQ(server.execute("SHOW full_page_writes"), "off");
}

TEST(PostgresqlServer, MakesDatabasesOfAnEncodingAndALocale) {
  const PostgresqlServer server(quick_options());
  server.create_database("of \"latin\"", "LATIN1", "C");
  server.create_database("utf8", "UTF8", "C.UTF-8");
  EXPECT_EQ(server.execute("SHOW server_encoding", "of \"latin\""), "LATIN1");
  EXPECT_EQ(server.execute("SELECT datcollate FROM pg_database WHERE datname = 'utf8'", "utf8"),
            "C.UTF-8");
}

TEST(PostgresqlServer, AsksForAPasswordAt127001) {
  PostgresqlServerOptions options = quick_options();
  options.tcp = true;
  const PostgresqlServer server(options);
  server.execute("CREATE ROLE ada LOGIN PASSWORD 'a&b=c %ä'");
  EXPECT_EQ(refusal_of(server.tcp_url("postgres", "ada", {{"password", "a&b=c %ä"}})), "");
  EXPECT_THAT(refusal_of(server.tcp_url("postgres", "ada", {{"password", "other"}})),
              HasSubstr("password authentication failed"));
  EXPECT_EQ(refusal_of(server.url("postgres", "ada")), "");
  EXPECT_THAT(refusal_of(server.tcp_url("postgres", "ada", {{"sslmode", "require"}})),
              HasSubstr("does not support SSL"));
}

TEST(PostgresqlServer, ItsCertificateCanBeVerified) {
  PostgresqlServerOptions options = quick_options();
  options.tcp = true;
  options.tls = true;
  options.access = {"hostnossl all all 127.0.0.1/32 reject"};
  const PostgresqlServer server(options);
  server.execute("CREATE ROLE ada LOGIN PASSWORD 'secret'");
  EXPECT_EQ(refusal_of(server.tcp_url("postgres", "ada",
                                      {{"password", "secret"},
                                       {"sslmode", "verify-full"},
                                       {"sslrootcert", server.certificate().native()}})),
            "");
  EXPECT_THAT(refusal_of(server.tcp_url("postgres", "ada",
                                        {{"password", "secret"}, {"sslmode", "disable"}})),
              HasSubstr("rejects connection"));
}

TEST(PostgresqlServer, ErrorsOfSqlAndOfSettingsAreReported) {
  PostgresqlServer server(quick_options());
  try {
    server.execute("SELEKT 1");
    ADD_FAILURE() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("syntax error"));
  }
  PostgresqlServerOptions wrong = quick_options();
  wrong.settings = {"no_such_setting = 1"};
  try {
    const PostgresqlServer refused(wrong);
    ADD_FAILURE() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no_such_setting"));
  }
}

TEST(PostgresqlServer, AChildMadeByForkDoesNotStopIt) {
  auto server = std::make_unique<PostgresqlServer>(quick_options());
  const pid_t child = ::fork();
  if (child == 0) {
    server.reset();
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(server->execute("SELECT 1"), "1");
}

// The child's end of the pipe tells that the child is gone; the server's folder goes after it.
TEST(PostgresqlServer, GoesWithAProgramThatIsKilled) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const PostgresqlServer server(quick_options());
    const std::string facts = std::to_string(server.pid()) + " " + server.socket_folder().string();
    static_cast<void>(::write(ends[1], facts.data(), facts.size()));
    ::pause();
  }
  char facts[200] = {};
  ASSERT_GT(::read(ends[0], facts, sizeof facts - 1), 0);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);
  const std::string text = facts;
  const std::filesystem::path folder = text.substr(text.find(' ') + 1);
  while (std::filesystem::exists(folder)) std::this_thread::yield();
  EXPECT_FALSE(runs(static_cast<pid_t>(std::stol(text))));
}

TEST(SharedServer, TakesSchemas) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(shared_server_url().c_str()), &PQfinish);
  ASSERT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
  // Of this process's own, since other builds' tests may use the server at the same time.
  const std::string schema = "holdfast_server_test_" + std::to_string(::getpid());
  for (const std::string& sql : {"CREATE SCHEMA " + schema, "DROP SCHEMA " + schema}) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), &PQclear);
    EXPECT_EQ(PQresultStatus(result.get()), PGRES_COMMAND_OK) << PQerrorMessage(connection.get());
  }
}

}  // namespace
}  // namespace holdfast::testing
