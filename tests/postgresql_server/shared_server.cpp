#include <cstdlib>
#include <optional>
#include <string>

#include "postgresql_server.hpp"

namespace holdfast::testing {
namespace {

const char* given_url() {
  for (const char* name : {"HOLDFAST_TEST_POSTGRES_URL", "HOLDFAST_TEST_POSTGRES_SHARED_URL"}) {
    const char* const url = std::getenv(name);
    if (url != nullptr && *url != '\0') return url;
  }
  return nullptr;
}

std::string url_of_own_server() {
  static const PostgresqlServer server(shared_server_options());
  return server.url();
}

}  // namespace

PostgresqlServerOptions shared_server_options() {
  PostgresqlServerOptions options;
  options.durable = false;
  return options;
}

const std::string& shared_server_url() {
  static const std::string url = given_url() != nullptr ? given_url() : url_of_own_server();
  return url;
}

}  // namespace holdfast::testing
