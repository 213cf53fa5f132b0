// Passwords stay where they belong, whatever goes wrong.
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "failure_fixture.hpp"
#include "holdfast/open.hpp"

namespace holdfast::postgresql {
namespace {

using testing::CuttingProxy;
using ::testing::HasSubstr;
using testing::message_with;
using ::testing::Not;
using testing::PostgresqlServer;

// The password of the role `agent`, with characters that URLs escape, and another one.
constexpr const char* password = "Zebra/7 k?w@x:%41";
constexpr const char* encoded = "Zebra%2F7%20k%3Fw%40x%3A%2541";
constexpr const char* wrong = "Okapi&3#no=way";
constexpr const char* wrong_encoded = "Okapi%263%23no%3Dway";

// What the log says while this lives.
class CapturedLog {
 public:
  CapturedLog() {
    spdlog::drop("holdfast");
    auto logger = std::make_shared<spdlog::logger>(
        "holdfast", std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_, true));
    logger->set_level(spdlog::level::trace);
    spdlog::register_logger(logger);
  }
  ~CapturedLog() { spdlog::drop("holdfast"); }
  [[nodiscard]] std::string text() const { return stream_.str(); }

 private:
  std::ostringstream stream_;
};

class PasswordFile {
 public:
  PasswordFile(const std::filesystem::path& path, const std::string& line) : path_(path) {
    std::ofstream(path) << line << '\n';
    ::chmod(path.c_str(), 0600);
    ::setenv("PGPASSFILE", path.c_str(), 1);
  }
  ~PasswordFile() {
    ::unsetenv("PGPASSFILE");
    std::filesystem::remove(path_);
  }

 private:
  std::filesystem::path path_;
};

class Password : public ConnectionTest {
 protected:
  Password() {
    server_.execute("CREATE ROLE agent LOGIN PASSWORD '" + std::string(password) +
                    "'; GRANT CREATE ON DATABASE postgres TO agent");
    register_postgresql(registry_);
  }
  ~Password() override { expect_no_secret(log_.text()); }

  [[nodiscard]] std::string url(const std::string& secret, const std::string& rest) const {
    return "postgresql://agent:" + secret + "@127.0.0.1:" + std::to_string(server_.port()) + "/" +
           rest;
  }
  static void expect_no_secret(const std::string& text) {
    for (const char* secret :
         {password, encoded, wrong, wrong_encoded, "Zebra", "Okapi", "k?w", "no=way"}) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
  }
  static void expect_no_secret(const Error& error) {
    expect_no_secret(error.what());
    expect_no_secret(error.message());
    expect_no_secret(error.cause());
    expect_no_secret(error.token().text);
  }
  void expect_refused(const std::string& url, ErrorCode code) const {
    const auto error = error_thrown_by([&] { static_cast<void>(registry_.open(url)); });
    ASSERT_NE(error, nullptr) << url;
    EXPECT_EQ(error->code(), code) << url << ": " << error->what() << error->cause();
    expect_no_secret(*error);
  }

  PostgresqlServer server_{{.durable = false, .tcp = true}};
  BackendRegistry registry_;
  CapturedLog log_;
};

TEST_F(Password, StandsInNoErrorOfOpening) {
  expect_refused(url(wrong_encoded, "postgres"), ErrorCode::permission_denied);
  expect_refused(url(encoded, "elsewhere"), ErrorCode::failed_precondition);
  expect_refused(url(encoded, "postgres?create=off"), ErrorCode::failed_precondition);
  expect_refused(url(encoded, "postgres?pool_siz=3"), ErrorCode::invalid_argument);
  expect_refused(url(encoded, "postgres?pool_size=many"), ErrorCode::invalid_argument);
  expect_refused(url(encoded, "postgres?pool_size=0"), ErrorCode::invalid_argument);
  expect_refused(url(encoded, "postgres?schema=pg_x"), ErrorCode::invalid_argument);
  expect_refused(url(encoded, "postgres?schema=%ZZ"), ErrorCode::invalid_argument);
  expect_refused(url(encoded, "postgres?sslmode=sometimes"), ErrorCode::unavailable);
  expect_refused("postgresql://agent:" + std::string(encoded) + "@127.0.0.1:port/postgres",
                 ErrorCode::unavailable);
  // Nobody listens at port 1.
  expect_refused("postgresql://agent:" + std::string(encoded) + "@127.0.0.1:1/postgres",
                 ErrorCode::unavailable);
  expect_refused("postgresql://agent@127.0.0.1:1/postgres?password=" + std::string(encoded),
                 ErrorCode::unavailable);
  // Ambiguous, as a part of it could be taken for the host.
  expect_refused("postgresql://agent:Zebra/7 k?w@127.0.0.1:1/postgres",
                 ErrorCode::invalid_argument);
  expect_refused("postgresql://agent:x?Okapi@127.0.0.1:1/postgres", ErrorCode::invalid_argument);
  expect_refused("postgresql://agent:x?Okapi@127.0.0.1:1/postgres?pool_size=3",
                 ErrorCode::invalid_argument);
  for (const char* options : {"host=127.0.0.1 port=1 user=agent password='Zebra/7 k?w'",
                              "host=127.0.0.1 port=1 passwort=Okapi", "password=Zebra 'k?w",
                              "postgresql://agent:7/Zebra@127.0.0.1:1/postgres",
                              "postgresql://agent:7?Zebra@127.0.0.1:1/postgres",
                              "postgresql://agent:7@Zebra@127.0.0.1:1/postgres"}) {
    const auto error =
        error_thrown_by([&] { static_cast<void>(open_postgresql({.connection = options})); });
    ASSERT_NE(error, nullptr);
    expect_no_secret(*error);
  }
}

TEST_F(Password, FromAFileStandsInNoError) {
  const std::filesystem::path path = server_.socket_folder().string() + ".pgpass";
  const std::string open = "postgresql://agent@127.0.0.1:" + std::to_string(server_.port()) + "/";
  {
    const PasswordFile file(path, "*:*:*:agent:" + std::string(wrong));
    expect_refused(open + "postgres", ErrorCode::permission_denied);
    expect_refused("postgresql://agent@127.0.0.1:1/postgres", ErrorCode::unavailable);
  }
  // In such a file a colon is written with a backslash.
  const PasswordFile file(path, "*:*:*:agent:Zebra/7 k?w@x\\:%41");
  expect_refused(open + "elsewhere", ErrorCode::failed_precondition);
  Memory memory = registry_.open(open + "postgres");
  memory.set("a", "k", 1);
  expect_no_secret(std::string(to_value(memory.stats()).json_text()));
}

TEST_F(Password, StandsInNothingThatAStoreSaysWhileItsServerGoes) {
  CuttingProxy proxy(url(encoded, "postgres"));
  Memory memory =
      open_postgresql({.connection = proxy.url(), .retry_for = std::chrono::milliseconds(0)});
  memory.set("a", "k", 1);
  expect_no_secret(std::string(to_value(memory.stats()).json_text()));
  proxy.refuse_connections(true);
  proxy.cut_when(message_with("B", "holdfast_write_one"));
  const std::vector<std::pair<ErrorCode, std::function<void()>>> calls{
      {ErrorCode::commit_unknown, [&] { memory.set("a", "k", 2); }},
      {ErrorCode::unavailable, [&] { memory.set("a", "k", 3); }},
      {ErrorCode::unavailable, [&] { static_cast<void>(memory.get("a", "k")); }},
      {ErrorCode::unavailable, [&] { static_cast<void>(memory.stats()); }},
  };
  for (const auto& [code, call] : calls) {
    const auto error = error_thrown_by(call);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), code);
    expect_no_secret(*error);
  }
  const Health health = memory.health();
  EXPECT_FALSE(health.ok);
  expect_no_secret(health.message);
  expect_no_secret(std::string(to_value(health).json_text()));
  proxy.refuse_connections(false);
  EXPECT_EQ(memory.get("a", "k"), MemoryValue(2));
}

}  // namespace
}  // namespace holdfast::postgresql
