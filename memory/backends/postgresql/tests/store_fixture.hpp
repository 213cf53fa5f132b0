// What the tests of the store as a whole share: stores in schemas of their own, and SQL beside
// them.
#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine_fixture.hpp"
#include "holdfast/postgresql.hpp"
#include "test_schema.hpp"

namespace holdfast::postgresql {

// A connection of the test's own. Transactions stay open from one call to the next.
class Sql {
 public:
  explicit Sql(const std::string& url = testing::shared_server_url())
      : connection_(PQconnectdb(url.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail_with(PQerrorMessage(connection_.get()));
    run("SET client_min_messages = warning");
  }
  // The first value of the last statement's result, "" where it has none. Throws
  // std::runtime_error with the server's words.
  std::string run(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection_.get(), sql.c_str()), &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      fail_with(sql + ": " + PQresultErrorMessage(result.get()));
    }
    if (PQntuples(result.get()) == 0 || PQnfields(result.get()) == 0) return {};
    return PQgetvalue(result.get(), 0, 0);
  }

 private:
  [[noreturn]] static void fail_with(const std::string& words) { throw std::runtime_error(words); }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// Runs `body(i)` for every i below `count`, each in a thread of its own.
inline void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&body, i] {
      try {
        body(i);
      } catch (const std::exception& error) {
        ADD_FAILURE() << "thread " << i << ": " << error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// For what opening does, or refuses.
inline void try_opening(const PostgresqlOptions& options) {
  const Memory memory = open_postgresql(options);
}

// The keys of a page.
inline std::vector<std::string> keys_of(const Page& page) {
  std::vector<std::string> keys;
  for (const Entry& entry : page.entries) keys.push_back(entry.key);
  return keys;
}

// Stores in the shared server; their schemas go with the test.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { static_cast<void>(testing::shared_server_url()); }  // Before any thread.
  ~StoreTest() override {
    for (const std::string& schema : schemas_) testing::drop_schema(schema);
  }

  // The name of a schema that is not there yet.
  std::string new_schema() {
    static int made = 0;
    schemas_.push_back("store_test_" + std::to_string(::getpid()) + "_" + std::to_string(++made));
    return schemas_.back();
  }
  static PostgresqlOptions options_for(const std::string& schema) {
    PostgresqlOptions options;
    options.connection = testing::shared_server_url();
    options.schema = schema;
    return options;
  }
  static Memory open(const std::string& schema) { return open_postgresql(options_for(schema)); }

 private:
  std::vector<std::string> schemas_;
};

}  // namespace holdfast::postgresql
