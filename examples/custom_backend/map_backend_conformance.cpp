// Holds `MapBackend` to the contract: a factory, what it declares, and one macro.
#include "holdfast/conformance/conformance.hpp"
#include "map_backend.hpp"

namespace {

holdfast::conformance::BackendUnderTest map_backend() {
  holdfast::conformance::BackendUnderTest backend;
  backend.name = "Map";
  backend.capabilities.atomic_scope = holdfast::AtomicScope::store;
  backend.open = [](const holdfast::conformance::StoreRequest& request) {
    return std::make_unique<example::MapBackend>(request.clock);
  };
  backend.random_operations = 50'000;
  return backend;
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(Map, map_backend());
