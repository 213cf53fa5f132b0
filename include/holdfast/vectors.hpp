/// @file
/// Searching by vectors (contract, clause 13): what is kept beside an entry, and what is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/filter.hpp"
#include "holdfast/query.hpp"

namespace holdfast {

/// A vector for the entry at an address, made of what it held at `revision`.
struct EntryVector {
  Address address;
  Revision revision = 0;
  std::vector<float> vector;  ///< Finite, not all zeros. Its length does not count: only its
                              ///< direction is kept.
  /// What made it: `FailedPrecondition` where the configuration that governs the namespace, as it
  /// is when the vector is to be kept, names another model. Empty: whoever calls answers for it.
  std::string model{};
};

struct VectorQuery {
  static constexpr std::size_t default_limit = 10;
  static constexpr std::size_t max_limit = 1'000;

  /// As in `SearchQuery`.
  Scope scope{};
  std::vector<float> vector{};  ///< Finite, not all zeros, as long as the configuration says.
  Filter filter{};              ///< Leaves out hits, as do the next two.
  TimeRange created{};
  TimeRange updated{};
  std::size_t limit = default_limit;  ///< 1 to `max_limit`.
};

/// What a backend is asked; the rest of a `VectorQuery` is not its concern.
struct VectorRequest {
  const Scope& scope;
  std::span<const float> vector;  // Of unit length.
};

/// A vector as a backend takes it: of unit length.
struct VectorRow {
  AddressView address;
  Revision revision = 0;
  std::span<const float> vector;
  std::string_view model{};  ///< As in `EntryVector`.
};

/// Takes live entries until it returns false. Must not call the store.
using EntrySink = std::function<bool(const AddressView&, const Record&)>;
/// The same, with their vectors, which have unit length.
using VectorSink =
    std::function<bool(const AddressView&, const Record&, std::span<const float> vector)>;

}  // namespace holdfast
