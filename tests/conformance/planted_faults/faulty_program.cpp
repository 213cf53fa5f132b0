// The suite on the in-memory store with the fault that HOLDFAST_PLANTED_FAULT names.
#include <cstdlib>

#include "faulty_backend.hpp"
#include "holdfast/conformance/conformance.hpp"
#include "holdfast/in_memory.hpp"

namespace {

std::unique_ptr<holdfast::Backend> open_faulty(const holdfast::conformance::StoreRequest& request) {
  const char* named = std::getenv("HOLDFAST_PLANTED_FAULT");
  const std::string fault = named == nullptr ? "" : named;
  holdfast::InMemoryOptions options;
  options.clock = request.clock;
  options.change_log = request.change_log;
  options.max_entries = request.max_entries;
  if (fault == "limit_overshoots" && options.max_entries) ++*options.max_entries;
  return std::make_unique<holdfast::conformance::FaultyBackend>(
      holdfast::make_in_memory_backend(options), fault);
}

holdfast::conformance::BackendUnderTest faulty() {
  holdfast::conformance::BackendUnderTest backend;
  backend.name = "Faulty";
  backend.capabilities.atomic_scope = holdfast::AtomicScope::store;
  backend.capabilities.restore = true;
  backend.capabilities.quotas = true;
  backend.offers.change_log = true;
  backend.offers.limits = true;
  backend.open = open_faulty;
  backend.random_operations = 3000;
  backend.concurrent_steps = 100;
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(Faulty, faulty());
