/// @file
/// Real PostgreSQL servers for tests.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::testing {

struct PostgresqlServerOptions {
  /// Lines of postgresql.conf; a later one of the same name wins.
  std::vector<std::string> settings{};
  /// Lines of pg_hba.conf, tried before those that the server has anyway.
  std::vector<std::string> access{};
  /// Whether what is committed survives a loss of power. Off is faster, and the same otherwise.
  bool durable = true;
  /// Listens at 127.0.0.1, too, at a free port, and asks for a password there (scram-sha-256).
  bool tcp = false;
  /// Speaks TLS, with a certificate for `localhost` and 127.0.0.1 that it signed itself; with
  /// `tcp`.
  bool tls = false;
  /// A symbolic link that leads to the server's folder while it is there; empty: none.
  std::filesystem::path link{};
};

/// A cluster of its own in a new folder under /tmp, with a superuser `postgres` for whom no
/// password is needed at the Unix socket. Where the program runs as root, the server runs as
/// `postgres`, or `nobody` where there is no such user. For one thread at a time.
///
/// The server and the folder go with this object. Where the program ends without destroying it, a
/// process that watches over the program ends the server and removes the folder.
class PostgresqlServer {
 public:
  /// How the server stops: when the last client has gone; after undoing what is under way; or at
  /// once, so that it recovers at the next start.
  enum class Mode : std::uint8_t { smart, fast, immediate };
  /// Names and values, as in a URL's query; values may hold any character.
  using UrlOptions = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Makes the cluster, starts it, and waits until it accepts connections. Throws
  /// std::runtime_error, with the end of the server's log, where that fails.
  explicit PostgresqlServer(PostgresqlServerOptions options = {});
  /// Stops it at once, and removes the folder. Does nothing in a process made by fork.
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  /// Returns when it accepts connections, after what killed it, too.
  void start();
  void stop(Mode mode = Mode::fast);
  void restart(Mode mode = Mode::fast);

  /// For libpq and for Holdfast, through the Unix socket: `postgresql:///db?host=...&user=...`.
  [[nodiscard]] std::string url(std::string_view database = "postgres",
                                std::string_view user = "postgres", UrlOptions options = {}) const;
  /// As `url`, through 127.0.0.1; the password is one of `options`, for a role that has one.
  [[nodiscard]] std::string tcp_url(std::string_view database, std::string_view user,
                                    UrlOptions options = {}) const;

  /// Runs SQL as the superuser. The first value of the last statement's result, "" where it has
  /// none. Throws std::runtime_error with the server's message.
  std::string execute(const std::string& sql, std::string_view database = "postgres") const;
  /// `locale` is one that the machine has; "C", "C.UTF-8" and "POSIX" are always there.
  void create_database(std::string_view name, std::string_view encoding = "UTF8",
                       std::string_view locale = "C") const;

  [[nodiscard]] std::filesystem::path socket_folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path data_folder() const { return folder_ / "data"; }
  /// The port, also of the Unix socket's name.
  [[nodiscard]] int port() const { return port_; }
  /// What a client takes as `sslrootcert`; with `tls`.
  [[nodiscard]] std::filesystem::path certificate() const { return data_folder() / "server.crt"; }
  /// The server's first process; throws where it does not run.
  [[nodiscard]] pid_t pid() const;
  /// What the server wrote so far.
  [[nodiscard]] std::string log() const;

 private:
  class Keeper;

  void make_cluster();
  void configure();
  void start_at_free_port();

  PostgresqlServerOptions options_;
  std::unique_ptr<Keeper> keeper_;
  std::filesystem::path folder_;
  int port_ = 5432;
};

/// A URL with a query, from `base` and options; values are percent-encoded.
[[nodiscard]] std::string with_url_options(std::string base, PostgresqlServer::UrlOptions options);

/// The server that ordinary tests share, each in schemas of its own: the one that
/// HOLDFAST_TEST_POSTGRES_URL leads to; else the one that ctest started for all tests
/// (HOLDFAST_TEST_POSTGRES_SHARED_URL); else, where a test program is run by hand, one that is
/// started now and ends with the program. Safe to use from many threads. Throws std::runtime_error
/// that says what to install where no server can be had.
[[nodiscard]] const std::string& shared_server_url();

/// What the shared server runs with: it need not survive a loss of power.
[[nodiscard]] PostgresqlServerOptions shared_server_options();

}  // namespace holdfast::testing
