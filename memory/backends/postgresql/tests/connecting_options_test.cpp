// Ways to a server that libpq knows, through the store's own interface.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

// An environment variable for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// A port of 127.0.0.1 at which nobody listens while this lives.
class ClosedPort {
 public:
  ClosedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, general, size) != 0 || ::getsockname(socket_, general, &size) != 0) {
      throw std::runtime_error("cannot take a port");
    }
    number_ = ntohs(address.sin_port);
  }
  ~ClosedPort() { ::close(socket_); }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int socket_;
  int number_ = 0;
};

class ConnectingTest : public ::testing::Test {
 protected:
  explicit ConnectingTest(bool tls = false) : server_(server_options(tls)) {
    server_.execute("CREATE ROLE agent LOGIN PASSWORD 'ti@ger'");
    server_.execute("CREATE DATABASE memory OWNER agent");
    register_postgresql(registry_);
  }

  static testing::PostgresqlServerOptions server_options(bool tls) {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    options.tcp = true;
    options.tls = tls;
    return options;
  }
  [[nodiscard]] fs::path file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_.path() / name) << content;
    fs::permissions(folder_.path() / name, fs::perms::owner_read | fs::perms::owner_write);
    return folder_.path() / name;
  }
  [[nodiscard]] std::string port() const { return std::to_string(server_.port()); }
  // A store is opened, written and read there.
  void expect_a_store(const std::string& url) const {
    try {
      Memory memory = registry_.open(url);
      memory.set("ns", "key", 1);
      EXPECT_EQ(memory.get("ns", "key"), MemoryValue(1));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what() << ": " << error.cause();
    }
  }
  // What is said of it.
  std::string refusal(const std::string& url, ErrorCode code) const {
    const auto error = error_thrown_by([&] { Memory memory = registry_.open(url); });
    if (error == nullptr) return {};
    EXPECT_EQ(to_string(error->code()), to_string(code)) << error->what();
    return error->what() + (": " + error->cause());
  }

  testing::PostgresqlServer server_;
  OpenFolder folder_;
  BackendRegistry registry_;
};

class Passwords : public ConnectingTest {};

TEST_F(Passwords, ComeFromTheUrlAFileOrTheEnvironment) {
  const std::string place = "@127.0.0.1:" + port() + "/memory";
  expect_a_store("postgresql://agent:ti%40ger" + place);
  expect_a_store("postgres://agent" + place + "?password=ti%40ger");
  const std::string without = "postgresql://agent" + place;
  const std::string pass = file("pass", "127.0.0.1:" + port() + ":memory:agent:ti@ger\n").string();
  expect_a_store(without + "?passfile=" + pass);
  {
    const Variable variable("PGPASSFILE", pass);
    expect_a_store(without);
  }
  {
    const Variable variable("PGPASSWORD", "ti@ger");
    expect_a_store(without);
  }
  PostgresqlOptions options;
  options.connection = "host=127.0.0.1 dbname=memory user=agent password=ti@ger port=" + port();
  EXPECT_NO_THROW(try_opening(options));
}

TEST_F(Passwords, ThatAreWrongOrMissingAreRefusedAndNotRepeated) {
  const std::string place = "@127.0.0.1:" + port() + "/memory";
  for (const std::string& url :
       {"postgresql://agent:li%40on" + place, "postgresql://agent" + place + "?password=li%40on",
        "postgresql://agent" + place + "?passfile=" + file("wrong", "*:*:*:*:li@on\n").string()}) {
    const std::string words = refusal(url, ErrorCode::permission_denied);
    EXPECT_THAT(words, Not(HasSubstr("li@on")));
    EXPECT_THAT(words, Not(HasSubstr("li%40on")));
    EXPECT_THAT(words, HasSubstr("agent"));
  }
  refusal("postgresql://agent" + place + "?passfile=/dev/null", ErrorCode::permission_denied);
}

class Services : public ConnectingTest {};

TEST_F(Services, AreFoundInTheirFile) {
  const std::string services =
      file("services", "[agent_memory]\nhost=127.0.0.1\nport=" + port() +
                           "\ndbname=memory\nuser=agent\npassword=ti@ger\n")
          .string();
  const Variable variable("PGSERVICEFILE", services);
  expect_a_store("postgresql://?service=agent_memory");
  // What the URL says comes first.
  EXPECT_THAT(
      refusal("postgresql://?service=agent_memory&dbname=nowhere", ErrorCode::failed_precondition),
      HasSubstr("nowhere"));
  refusal("postgresql://?service=none_of_these", ErrorCode::unavailable);
}

class Hosts : public ConnectingTest {};

TEST_F(Hosts, AreSocketsAndAddressesAndTriedInOrder) {
  expect_a_store(server_.url("memory", "agent"));
  expect_a_store("postgresql://agent:ti%40ger@127.0.0.1:" + port() + "/memory?connect_timeout=10");
  const ClosedPort closed_port;
  const std::string closed = std::to_string(closed_port.number());
  expect_a_store("postgresql://agent:ti%40ger@127.0.0.1:" + closed + ",127.0.0.1:" + port() +
                 "/memory?target_session_attrs=read-write");
  EXPECT_THAT(refusal("postgresql://agent@127.0.0.1:" + closed + "/memory", ErrorCode::unavailable),
              HasSubstr("127.0.0.1"));
}

TEST_F(Hosts, SeeWhoIsConnected) {
  Memory memory = registry_.open(server_.url("memory", "agent"));
  const std::string name =
      "SELECT string_agg(DISTINCT application_name, ',') FROM pg_stat_activity "
      "WHERE usename = 'agent'";
  EXPECT_EQ(server_.execute(name), "holdfast");
  memory.close();
  Memory named = registry_.open(
      server_.url("memory", "agent", {{"application_name", "planner"}, {"schema", "another"}}));
  EXPECT_EQ(server_.execute(name), "planner");
}

class EncryptedConnections : public ConnectingTest {
 protected:
  EncryptedConnections() : ConnectingTest(true) {}
};

TEST_F(EncryptedConnections, AreMadeOnlyToAServerWithATrustedCertificate) {
  const auto url = [&](const std::string& options) {
    return "postgresql://agent:ti%40ger@" + options;
  };
  const std::string there = "127.0.0.1:" + port() + "/memory";
  // The server's folder is not for every user.
  const std::string trusted = (folder_.path() / "trusted.crt").string();
  fs::copy_file(server_.certificate(), trusted);
  expect_a_store(url(there + "?sslmode=verify-full&sslrootcert=" + trusted));
  expect_a_store(url(there + "?sslmode=require"));
  EXPECT_EQ(server_.execute("SELECT current_setting('ssl')"), "on");

  const std::string other = (folder_.path() / "other.crt").string();
  ASSERT_EQ(
      std::system(("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
                   "-keyout " +
                   (folder_.path() / "other.key").string() + " -out " + other + " 2> /dev/null")
                      .c_str()),
      0);
  EXPECT_THAT(
      refusal(url(there + "?sslmode=verify-full&sslrootcert=" + other), ErrorCode::unavailable),
      HasSubstr("certificate verify failed"));
  EXPECT_THAT(refusal(url(there + "?sslmode=verify-full&sslrootcert=/dev/null/none"),
                      ErrorCode::unavailable),
              HasSubstr("root certificate file"));
  // The certificate is another host's.
  const std::string elsewhere =
      "db.example.org:" + port() + "/memory?hostaddr=127.0.0.1&sslrootcert=" + trusted;
  EXPECT_THAT(refusal(url(elsewhere + "&sslmode=verify-full"), ErrorCode::unavailable),
              HasSubstr("does not match host name"));
  expect_a_store(url(elsewhere + "&sslmode=verify-ca"));
}

}  // namespace
}  // namespace holdfast::postgresql
