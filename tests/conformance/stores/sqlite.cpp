// The SQLite store under the conformance suite, at both levels of durability.
#include "holdfast/sqlite.hpp"

#include "holdfast/analyzer.hpp"
#include "holdfast/conformance/conformance.hpp"
#include "store_options.hpp"

namespace {

holdfast::conformance::BackendUnderTest sqlite(const char* name,
                                               holdfast::SqliteDurability durability) {
  auto backend = holdfast::conformance::lasting_backend(
      name, durability == holdfast::SqliteDurability::full ? holdfast::Durability::power_loss
                                                           : holdfast::Durability::process);
  backend.capabilities.maintenance = true;
  backend.capabilities.search = holdfast::Analyzer::is_available();
  backend.capabilities.bulk_batch_ops = 5000;
  backend.open = [durability](const holdfast::conformance::StoreRequest& request) {
    auto options = holdfast::conformance::options_for<holdfast::SqliteOptions>(request);
    options.path = (request.folder / "store.db").string();
    options.durability = durability;
    return holdfast::make_sqlite_backend(options);
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
