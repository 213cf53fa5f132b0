// The in-memory store under the conformance suite.
#include "holdfast/in_memory.hpp"

#include "holdfast/conformance/conformance.hpp"
#include "store_options.hpp"

namespace {

std::unique_ptr<holdfast::Backend> open_store(const holdfast::conformance::StoreRequest& request) {
  auto options = holdfast::conformance::options_for<holdfast::InMemoryOptions>(request);
  for (const auto& [subtree, max_entries] : request.entry_quotas) {
    options.quotas.push_back({.subtree = subtree, .max_entries = max_entries});
  }
  if (request.evict) options.eviction = holdfast::Eviction::lru;
  return holdfast::make_in_memory_backend(options);
}

holdfast::conformance::BackendUnderTest in_memory() {
  holdfast::conformance::BackendUnderTest backend;
  backend.name = "InMemory";
  backend.capabilities.atomic_scope = holdfast::AtomicScope::store;
  backend.capabilities.durability = holdfast::Durability::none;
  backend.capabilities.restore = true;
  backend.capabilities.search = true;
  backend.capabilities.quotas = true;
  backend.offers.change_log = true;
  backend.offers.limits = true;
  backend.offers.value_limit = true;
  backend.offers.eviction = true;
  backend.offers.quotas = true;
  backend.open = open_store;
  backend.random_operations = 250'000;
  backend.concurrent_steps = 2000;
  return backend;
}

// The same, with the other policy of eviction and every answer given with the change log on.
holdfast::conformance::BackendUnderTest in_memory_with_change_log() {
  holdfast::conformance::BackendUnderTest backend = in_memory();
  backend.name = "InMemoryWithChangeLog";
  backend.capabilities.change_log = true;
  backend.random_operations = 50'000;
  backend.open = [](const holdfast::conformance::StoreRequest& request) {
    holdfast::InMemoryOptions options;
    options.clock = request.clock;
    options.change_log = true;
    options.max_entries = request.max_entries;
    if (request.evict) options.eviction = holdfast::Eviction::s3fifo;
    return holdfast::make_in_memory_backend(options);
  };
  backend.offers = {.change_log = true, .eviction = true};
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(InMemory, in_memory());
HOLDFAST_INSTANTIATE_CONFORMANCE(InMemoryWithChangeLog, in_memory_with_change_log());
