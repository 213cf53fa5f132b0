// One connection, and what runs on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "connection_string.hpp"
#include "holdfast/context.hpp"
#include "rows.hpp"
#include "watchdog.hpp"

namespace holdfast::postgresql {

// A statement's text, and the name under which it is prepared; one name stands for one text, and no
// name for text that is not prepared.
struct Statement {
  std::string name{};
  std::string sql{};
  // Past libpqxx, which knows text alone: arguments may be, and results are, in binary form.
  bool binary = false;
};

struct ConnectionOptions {
  ConnectionString target;
  bool prepare = true;
  std::optional<std::chrono::milliseconds> statement_timeout{};
};

// For one thread at a time. After an error that says that the connection was lost, or where a
// transaction was left open, is_usable() is false, and the connection is to be thrown away.
class Connection {
 public:
  // Connects within the context's deadline. Throws Unavailable, PermissionDenied or
  // FailedPrecondition. A lost connection is never opened again behind the caller's back.
  Connection(const ConnectionOptions& options, Watchdog& watchdog, const Context& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one statement; outside of a transaction it is one of its own. Prepares it at its first
  // execution on this connection, where statements are prepared at all. When the context's deadline
  // passes or its stop token is triggered, the server is asked to cancel: DeadlineExceeded or
  // Cancelled where it did, the result where the statement had been done by then. A server that
  // does not answer to that within a second is given up, as a lost connection.
  Rows execute(const Statement& statement, const Arguments& arguments, const Context& context);
  // Sends `data` to a COPY ... FROM STDIN, and waits for its end. Within a transaction.
  void copy(const std::string& copy_sql, std::string_view data, const Context& context);
  // Runs statements that take no arguments, such as BEGIN. Of several, the last one's rows.
  Rows execute_text(std::string_view sql, const Context& context);

  [[nodiscard]] bool is_usable() const noexcept;
  [[nodiscard]] bool is_in_transaction() const noexcept;
  // When it was last used.
  [[nodiscard]] std::chrono::steady_clock::time_point last_used() const noexcept;
  [[nodiscard]] int server_version() const;  // For example 150004.

  // The store's session on this connection, which the writer keeps; 0: there is none yet.
  std::int64_t session = 0;
  std::int64_t nonce = 0;

 private:
  class Engine;  // libpqxx's part.
  template <typename Body>
  Rows run(std::string_view what, const Context& context, Body&& body);
  [[nodiscard]] bool is_prepared(const Statement& statement) const noexcept;
  void prepare_once(const Statement& statement);
  [[nodiscard]] Rows execute_binary(const Statement& statement, const Arguments& arguments);
  [[nodiscard]] Rows checked(std::string_view doing, PGresult* raw) const;
  [[noreturn]] void rethrow(std::string_view what, bool told_to_end, const Context& context);
  void set_up(const ConnectionOptions& options, const Context& context);

  std::unique_ptr<Engine> engine_;
  Watchdog& watchdog_;
  bool prepare_;
  bool usable_ = true;
  std::string password_;
  std::chrono::steady_clock::time_point last_used_{};
  std::set<std::string> prepared_;
};

}  // namespace holdfast::postgresql
