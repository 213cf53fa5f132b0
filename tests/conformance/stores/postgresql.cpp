// The PostgreSQL store under the conformance suite: each store is a schema of its own in one
// database.
#include "holdfast/postgresql.hpp"

#include "holdfast/conformance/conformance.hpp"
#include "postgresql_server.hpp"
#include "test_schema.hpp"

namespace {

holdfast::PostgresqlOptions options_of(const holdfast::conformance::StoreRequest& request) {
  holdfast::PostgresqlOptions options;
  options.connection = holdfast::testing::shared_server_url();
  options.schema = holdfast::testing::schema_for(request.folder);
  // Every thread of the concurrent tests gets a connection.
  options.pool_size = 16;
  options.clock = request.clock;
  options.read_only = request.read_only;
  if (request.change_log) options.change_log = true;
  options.max_entries = request.max_entries;
  options.max_bytes = request.max_bytes;
  options.max_value_bytes = request.max_value_bytes.value_or(holdfast::max_value_bytes);
  return options;
}

holdfast::conformance::BackendUnderTest postgresql(const char* name,
                                                   holdfast::PostgresqlDurability durability) {
  holdfast::conformance::BackendUnderTest backend;
  backend.name = name;
  backend.capabilities.atomic_scope = holdfast::AtomicScope::store;
  backend.capabilities.durability = durability == holdfast::PostgresqlDurability::full
                                        ? holdfast::Durability::power_loss
                                        : holdfast::Durability::process;
  backend.capabilities.shared_between_processes = true;
  backend.capabilities.restore = true;
  backend.offers.change_log = true;
  backend.offers.read_only = true;
  backend.offers.limits = true;
  backend.offers.value_limit = true;
  backend.open = [durability](const holdfast::conformance::StoreRequest& request) {
    holdfast::PostgresqlOptions options = options_of(request);
    options.durability = durability;
    return holdfast::make_postgresql_backend(options);
  };
  backend.random_operations = 10'000;
  backend.concurrent_steps = 50;
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(Postgresql,
                                 postgresql("Postgresql", holdfast::PostgresqlDurability::full));
