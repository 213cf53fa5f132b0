#include "postgresql_server.hpp"

#include <libpq-fe.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "loopback.hpp"
#include "server_binaries.hpp"
#include "server_keeper.hpp"

namespace holdfast::testing {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Writes over the file rather than replacing it, so that it stays its owner's.
void write_lines(const fs::path& file, std::ios::openmode mode,
                 const std::vector<std::string>& lines) {
  std::ofstream stream(file, mode);
  for (const std::string& line : lines) stream << line << '\n';
  stream.flush();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

std::string_view name_of(PostgresqlServer::Mode mode) {
  switch (mode) {
    case PostgresqlServer::Mode::smart:
      return "smart";
    case PostgresqlServer::Mode::fast:
      return "fast";
    case PostgresqlServer::Mode::immediate:
      break;
  }
  return "immediate";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string encoded;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4U];
    encoded += digits[byte & 15U];
  }
  return encoded;
}

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) result.append(c == quote ? 2 : 1, c);
  return result + quote;
}

}  // namespace

PostgresqlServer::PostgresqlServer(PostgresqlServerOptions options)
    : options_(std::move(options)),
      keeper_(std::make_unique<Keeper>(server_binaries(), options_.link)),
      folder_(keeper_->folder()) {
  make_cluster();
  configure();
  if (options_.tcp) {
    start_at_free_port();
  } else {
    start();
  }
}

PostgresqlServer::~PostgresqlServer() = default;

void PostgresqlServer::make_cluster() {
  const std::string sync = options_.durable ? "" : " --no-sync";
  keeper_->require(
      "as_server \"$bin/initdb\" -D \"$data\" -U postgres -A trust -E UTF8 "
      "--locale=C --no-instructions" +
          sync,
      "initdb");
  if (!options_.tls) return;
  keeper_->require(
      "as_server openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost "
      "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
      "-keyout \"$data/server.key\" -out \"$data/server.crt\"",
      "making a certificate with openssl");
}

void PostgresqlServer::configure() {
  // Shared memory in a file of the cluster: its folder is all that can be left behind.
  std::vector<std::string> settings = {"unix_socket_directories = '" + folder_.string() + "'",
                                       "dynamic_shared_memory_type = mmap", "max_connections = 200",
                                       "shared_buffers = 32MB"};
  settings.emplace_back(options_.tcp ? "listen_addresses = '127.0.0.1'" : "listen_addresses = ''");
  if (options_.tls) settings.emplace_back("ssl = on");
  if (!options_.durable) {
    settings.insert(settings.end(), {"fsync = off", "full_page_writes = off"});
  }
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  write_lines(data_folder() / "postgresql.conf", std::ios::app, settings);

  std::vector<std::string> access = options_.access;
  access.insert(access.end(), {"local all all trust", "local replication all trust",
                               "host all all 127.0.0.1/32 scram-sha-256"});
  write_lines(data_folder() / "pg_hba.conf", std::ios::trunc, access);
}

// Somebody else may take the port between the moment it is found free and the server's start.
void PostgresqlServer::start_at_free_port() {
  constexpr int attempts = 10;
  for (int attempt = 1;; ++attempt) {
    port_ = port_of(bound_loopback_socket());
    const std::size_t seen = log().size();
    if (keeper_->run("start_server " + std::to_string(port_))) return;
    if (attempt == attempts || log().find("Address already in use", seen) == std::string::npos) {
      start();  // Says what is wrong.
      return;
    }
  }
}

void PostgresqlServer::start() {
  keeper_->require("start_server " + std::to_string(port_), "starting the server");
}

void PostgresqlServer::stop(Mode mode) {
  keeper_->require(
      "as_server \"$bin/pg_ctl\" -D \"$data\" -w -t 120 stop -m " + std::string(name_of(mode)),
      "stopping the server");
}

void PostgresqlServer::restart(Mode mode) {
  stop(mode);
  start();
}

std::string with_url_options(std::string base, PostgresqlServer::UrlOptions options) {
  for (const auto& [name, value] : options) {
    base += base.find('?') == std::string::npos ? '?' : '&';
    base.append(name).append("=").append(percent_encoded(value));
  }
  return base;
}

std::string PostgresqlServer::url(std::string_view database, std::string_view user,
                                  UrlOptions options) const {
  std::string base = with_url_options("postgresql:///" + percent_encoded(database),
                                      {{"host", folder_.native()}, {"user", user}});
  if (options_.tcp) base = with_url_options(base, {{"port", std::to_string(port_)}});
  return with_url_options(base, options);
}

std::string PostgresqlServer::tcp_url(std::string_view database, std::string_view user,
                                      UrlOptions options) const {
  if (!options_.tcp) throw std::logic_error("this server does not listen at 127.0.0.1");
  const std::string base = "postgresql://" + percent_encoded(user) +
                           "@127.0.0.1:" + std::to_string(port_) + "/" + percent_encoded(database);
  return with_url_options(base, options);
}

std::string PostgresqlServer::execute(const std::string& sql, std::string_view database) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url(database).c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    throw std::runtime_error(PQresultErrorMessage(result.get()));
  }
  if (PQntuples(result.get()) == 0 || PQnfields(result.get()) == 0) return {};
  return PQgetvalue(result.get(), 0, 0);
}

void PostgresqlServer::create_database(std::string_view name, std::string_view encoding,
                                       std::string_view locale) const {
  execute("CREATE DATABASE " + quoted(name, '"') + " TEMPLATE template0 ENCODING " +
          quoted(encoding, '\'') + " LOCALE " + quoted(locale, '\''));
}

pid_t PostgresqlServer::pid() const {
  const std::string text = content_of(data_folder() / "postmaster.pid");
  if (text.empty()) throw std::runtime_error("the server does not run");
  return static_cast<pid_t>(std::stol(text));
}

std::string PostgresqlServer::log() const { return content_of(folder_ / "log"); }

}  // namespace holdfast::testing
