// The PostgreSQL store under the conformance suite: each store is a schema of its own in one
// database.
#include "holdfast/postgresql.hpp"

#include "holdfast/conformance/conformance.hpp"
#include "postgresql_server.hpp"
#include "store_options.hpp"
#include "test_schema.hpp"

namespace {

holdfast::conformance::BackendUnderTest postgresql() {
  auto backend =
      holdfast::conformance::lasting_backend("Postgresql", holdfast::Durability::power_loss);
  backend.open = [](const holdfast::conformance::StoreRequest& request) {
    auto options = holdfast::conformance::options_for<holdfast::PostgresqlOptions>(request);
    options.connection = holdfast::testing::shared_server_url();
    options.schema = holdfast::testing::schema_for(request.folder);
    // Every thread of the concurrent tests gets a connection.
    options.pool_size = 16;
    return holdfast::make_postgresql_backend(options);
  };
  backend.capabilities.search = true;
  backend.random_operations = 10'000;
  backend.concurrent_steps = 50;
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(Postgresql, postgresql());
