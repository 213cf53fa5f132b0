// The suite on a backend, as a user runs it on their own.
#include <gtest/gtest.h>

#include <holdfast/conformance/conformance.hpp>
#include <holdfast/in_memory.hpp>

namespace {

holdfast::conformance::BackendUnderTest consumed_backend() {
  return {.name = "Consumed",
          .capabilities = holdfast::make_in_memory_backend()->capabilities(),
          .open = [](const holdfast::conformance::StoreRequest& request) {
            return holdfast::make_in_memory_backend({.clock = request.clock});
          }};
}

}  // namespace

HOLDFAST_INSTANTIATE_CONFORMANCE(Consumer, consumed_backend());
