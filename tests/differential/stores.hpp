// The stores that are compared.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/backend.hpp"
#include "holdfast/conformance/backend_under_test.hpp"

namespace holdfast::differential {

using conformance::StoreRequest;

struct StoreUnderTest {
  std::string name;
  // Opens the store that belongs to the request's folder; empty when it was not opened before.
  std::function<std::unique_ptr<Backend>(const StoreRequest&)> open;
  bool persists = true;  // Whether it is the same store when it is opened again.
  // Takes away what does not lie in the folder, once the store is closed; may be empty.
  std::function<void(const StoreRequest&)> drop{};
};

// Those of this build, the one that the others are compared with first.
[[nodiscard]] std::vector<StoreUnderTest> all_stores();

[[nodiscard]] StoreUnderTest in_memory_store();

}  // namespace holdfast::differential
