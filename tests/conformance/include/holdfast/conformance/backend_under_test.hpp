/// @file
/// What the conformance suite needs to know about a backend to test it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/backend.hpp"
#include "holdfast/time.hpp"

namespace holdfast::conformance {

/// How a test wants its store opened. Only what the backend offers is asked for (see `Offers`).
struct StoreRequest {
  /// Where the store may keep files: an empty folder at first, removed after the test. Opening
  /// twice with one folder (closed in between) means the same store, for those that persist; a
  /// backend without files can take the folder's name as a unique name for its store.
  std::filesystem::path folder;
  std::shared_ptr<Clock> clock;  ///< The store's only source of time.
  bool change_log = false;       ///< With removals in `changes`.
  bool read_only = false;
  bool evict = false;  ///< Gives way to new entries at the limits instead of refusing.
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};
  std::optional<std::uint64_t> max_value_bytes{};
  /// Limits of entries for the subtrees of namespaces.
  std::vector<std::pair<Namespace, std::uint64_t>> entry_quotas{};
};

/// What `BackendUnderTest::open` can be asked for. Tests of what is not offered are not run, unless
/// the contract asks for a refusal.
struct Offers {
  bool change_log = false;   ///< `StoreRequest::change_log`
  bool read_only = false;    ///< `StoreRequest::read_only`
  bool limits = false;       ///< `StoreRequest::max_entries`, `max_bytes`
  bool value_limit = false;  ///< `StoreRequest::max_value_bytes`
  bool eviction = false;     ///< `StoreRequest::evict`, with `limits`
  bool quotas = false;       ///< `StoreRequest::entry_quotas`
};

/// A backend as the suite sees it: the parameter of every test.
struct BackendUnderTest {
  std::string name;  ///< Letters and digits; stands in the names of the tests.
  /// What `Backend::capabilities` has to declare where no option of `StoreRequest` was used. Each
  /// is held to work; what is missing is held to be refused with `Unsupported`.
  Capabilities capabilities{};
  Offers offers{};
  /// Opens the store in `StoreRequest::folder`; empty when it was not opened there before.
  std::function<std::unique_ptr<Backend>(const StoreRequest&)> open;
  /// Length of the randomised comparison; HOLDFAST_CONFORMANCE_OPERATIONS overrides it.
  std::size_t random_operations = 100'000;
  /// Entries or steps for each of the 8 threads of the concurrent histories.
  std::size_t concurrent_steps = 200;

  [[nodiscard]] bool persists() const noexcept {
    return capabilities.durability != Durability::none;
  }
  [[nodiscard]] bool has_atomic_store() const noexcept {
    return capabilities.atomic_scope == AtomicScope::store;
  }
};

/// For GoogleTest's messages: the name.
void PrintTo(const BackendUnderTest& backend, std::ostream* out);

}  // namespace holdfast::conformance
