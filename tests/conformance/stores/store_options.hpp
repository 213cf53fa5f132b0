// What the built-in stores have in common where tests open them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "holdfast/conformance/backend_under_test.hpp"
#include "holdfast/value.hpp"

namespace holdfast::conformance {

// The options of a store, with what the request asks for in those that they share.
template <typename Options>
[[nodiscard]] Options options_for(const StoreRequest& request) {
  Options options;
  options.clock = request.clock;
  if constexpr (requires { options.read_only; }) options.read_only = request.read_only;
  if (request.change_log) options.change_log = true;
  options.max_entries = request.max_entries;
  options.max_bytes = request.max_bytes;
  options.max_value_bytes = request.max_value_bytes.value_or(max_value_bytes);
  return options;
}

// A store that lasts and that several processes share.
[[nodiscard]] inline BackendUnderTest lasting_backend(std::string name, Durability durability) {
  BackendUnderTest backend;
  backend.name = std::move(name);
  backend.capabilities.atomic_scope = AtomicScope::store;
  backend.capabilities.durability = durability;
  backend.capabilities.shared_between_processes = true;
  backend.capabilities.restore = true;
  backend.offers.change_log = true;
  backend.offers.read_only = true;
  backend.offers.limits = true;
  backend.offers.value_limit = true;
  return backend;
}

}  // namespace holdfast::conformance
