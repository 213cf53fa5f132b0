#include "test_schema.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

#include "postgresql_server.hpp"

namespace holdfast::testing {

namespace {

// Drops at the end of the process what it made; not in one that was forked off it.
class SchemasOfThisProcess {
 public:
  ~SchemasOfThisProcess() {
    if (::getpid() != process_) return;
    for (const std::string& schema : schemas_) {
      try {
        drop_schema(schema);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
    }
  }
  void add(const std::string& schema) {
    const std::lock_guard lock(mutex_);
    schemas_.insert(schema);
  }

 private:
  const pid_t process_ = ::getpid();
  std::mutex mutex_;
  std::set<std::string> schemas_;
};

}  // namespace

void drop_schema(const std::string& schema) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(shared_server_url().c_str()), PQfinish);
  const std::string sql =
      "SET client_min_messages = warning; DROP SCHEMA IF EXISTS \"" + schema + "\" CASCADE";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return;
  throw std::runtime_error("the schema of a test could not be dropped: " +
                           std::string(PQerrorMessage(connection.get())));
}

std::string schema_for(const std::filesystem::path& folder) {
  static_cast<void>(shared_server_url());  // A server that this process starts is to end after it.
  static SchemasOfThisProcess schemas;
  std::string name = folder.parent_path().filename().string() + "_" + folder.filename().string();
  schemas.add(name);
  return name;
}

}  // namespace holdfast::testing
