// The SQLite store under the conformance suite, at both levels of durability.
#include "holdfast/sqlite.hpp"

#include "holdfast/conformance/conformance.hpp"

namespace {

std::unique_ptr<holdfast::Backend> open_store(const holdfast::conformance::StoreRequest& request,
                                              holdfast::SqliteDurability durability) {
  holdfast::SqliteOptions options;
  options.path = (request.folder / "store.db").string();
  options.durability = durability;
  options.clock = request.clock;
  options.read_only = request.read_only;
  if (request.change_log) options.change_log = true;
  options.max_entries = request.max_entries;
  options.max_bytes = request.max_bytes;
  options.max_value_bytes = request.max_value_bytes.value_or(holdfast::max_value_bytes);
  return holdfast::make_sqlite_backend(options);
}

holdfast::conformance::BackendUnderTest sqlite(const char* name,
                                               holdfast::SqliteDurability durability) {
  holdfast::conformance::BackendUnderTest backend;
  backend.name = name;
  backend.capabilities.atomic_scope = holdfast::AtomicScope::store;
  backend.capabilities.durability = durability == holdfast::SqliteDurability::full
                                        ? holdfast::Durability::power_loss
                                        : holdfast::Durability::process;
  backend.capabilities.shared_between_processes = true;
  backend.capabilities.restore = true;
  backend.capabilities.maintenance = true;
  backend.offers.change_log = true;
  backend.offers.read_only = true;
  backend.offers.limits = true;
  backend.offers.value_limit = true;
  backend.open = [durability](const holdfast::conformance::StoreRequest& request) {
    return open_store(request, durability);
  };
  return backend;
}

holdfast::conformance::BackendUnderTest sqlite_normal() {
  auto backend = sqlite("SqliteNormal", holdfast::SqliteDurability::normal);
  backend.random_operations = 60'000;
  backend.concurrent_steps = 200;
  return backend;
}

// Each write waits for the disk, so that there are fewer of them.
holdfast::conformance::BackendUnderTest sqlite_full() {
  auto backend = sqlite("SqliteFull", holdfast::SqliteDurability::full);
  backend.random_operations = 3'000;
  backend.concurrent_steps = 50;
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(SqliteNormal, sqlite_normal());
HOLDFAST_INSTANTIATE_CONFORMANCE(SqliteFull, sqlite_full());
