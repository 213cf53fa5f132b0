/// @file
/// Entries: what a store holds under (namespace, key) (contract, clause 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/namespace.hpp"
#include "holdfast/time.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

/// A position in a store's history: unique in the store; later writes have greater ones. 0 stands
/// before every write.
using Revision = std::int64_t;

inline constexpr std::size_t max_key_bytes = 1024;
inline constexpr std::size_t max_value_bytes = std::size_t{16} << 20;  ///< Of canonical text.

/// Where an entry lies.
struct Address {
  Address() = default;
  Address(Namespace in, std::string of) noexcept : ns(std::move(in)), key(std::move(of)) {}

  Namespace ns;
  std::string key;

  [[nodiscard]] friend bool operator==(const Address&, const Address&) = default;
  [[nodiscard]] friend auto operator<=>(const Address&, const Address&) = default;
};

/// An address that owns nothing: the namespace's canonical text and the key, both checked.
struct AddressView {
  std::string_view ns;
  std::string_view key;

  [[nodiscard]] friend bool operator==(const AddressView&, const AddressView&) = default;
  [[nodiscard]] friend auto operator<=>(const AddressView&, const AddressView&) = default;
};

/// What lies at an address.
struct Record {
  MemoryValue value;
  Revision created_revision = 0;  ///< Of the write that created it; survives overwriting.
  Revision revision = 0;          ///< Of the last write.
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<Timestamp> expires_at{};  ///< From this instant on it is absent; empty: never.

  [[nodiscard]] friend bool operator==(const Record&, const Record&) = default;
};

/// A record with its address.
struct Entry : Record {
  Namespace ns;
  std::string key;

  /// Logical size: bytes of canonical namespace, key and canonical value; equal on every backend.
  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return ns.text().size() + key.size() + value.json_text().size();
  }
  [[nodiscard]] friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace holdfast
