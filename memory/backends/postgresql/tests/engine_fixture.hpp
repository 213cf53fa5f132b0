// What the tests of the engine's own classes share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "connection.hpp"
#include "errors.hpp"
#include "postgresql_server.hpp"
#include "watchdog.hpp"

namespace holdfast::postgresql {

// The error that `body` throws; a failure of the test, and null, where it throws none of `Kind`.
template <typename Kind = Error>
std::unique_ptr<Kind> error_thrown_by(const std::function<void()>& body) {
  try {
    body();
  } catch (const Kind& error) {
    return std::make_unique<Kind>(error);
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another kind of error: " << error.what();
    return nullptr;
  }
  ADD_FAILURE() << "no error was thrown";
  return nullptr;
}

inline ErrorCode code_thrown_by(const std::function<void()>& body) {
  const auto error = error_thrown_by(body);
  return error == nullptr ? ErrorCode::internal : error->code();
}

inline ConnectionOptions shared_server_options(bool prepare = true) {
  return {ConnectionString(testing::shared_server_url()), prepare};
}

inline Context with_deadline_in(std::chrono::milliseconds time) {
  Context context;
  context.deadline = std::chrono::steady_clock::now() + time;
  return context;
}

inline Context with_stop(const std::stop_source& source) {
  Context context;
  context.stop = source.get_token();
  return context;
}

inline void wait_until(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

class ConnectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> connect(bool prepare = true) {
    return connect(shared_server_options(prepare));
  }
  std::unique_ptr<Connection> connect(const ConnectionOptions& options,
                                      const Context& context = {}) {
    return std::make_unique<Connection>(options, watchdog_, context);
  }
  // The first value of the result.
  static std::string ask(Connection& connection, const std::string& sql) {
    const Rows rows = connection.execute_text(sql, {});
    return std::string(rows.text(0, 0));
  }
  static std::string process_of(Connection& connection) {
    return ask(connection, "SELECT pg_backend_pid()");
  }
  // Ends a connection's process, and returns when it has gone.
  void terminate(const std::string& process) {
    const auto other = connect();
    ask(*other, "SELECT pg_terminate_backend(" + process + ")");
    const std::string left = "SELECT count(*) FROM pg_stat_activity WHERE pid = " + process;
    wait_until([&] { return ask(*other, left) == "0"; });
  }

  Watchdog watchdog_;
};

}  // namespace holdfast::postgresql
