/// @file
/// The handle that a transaction's function reads and writes through (contract, clause 5.2).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "holdfast/backend.hpp"
#include "holdfast/write.hpp"

namespace holdfast {

/// Reads see the store and this transaction's own writes. What was read (also that nothing lay
/// there) must still hold at the commit, or the function runs again. Nothing is locked meanwhile.
/// Used by one thread, inside the function it was given to.
class Transaction {
 public:
  [[nodiscard]] std::optional<MemoryValue> get(const Namespace& ns, std::string_view key);
  [[nodiscard]] bool exists(const Namespace& ns, std::string_view key);
  [[nodiscard]] std::vector<std::optional<MemoryValue>> get_many(
      std::span<const Address> addresses);

  void set(const Namespace& ns, std::string_view key, MemoryValue value,
           std::optional<Ttl> ttl = std::nullopt);
  /// As `set`, keeping the deadline that the entry has.
  void replace(const Namespace& ns, std::string_view key, MemoryValue value);
  /// Whether an entry lay there.
  bool erase(const Namespace& ns, std::string_view key);
  /// The new number; as `Memory::increment`.
  std::int64_t increment(const Namespace& ns, std::string_view key, std::int64_t delta = 1);

  /// The instant that this attempt takes for now.
  [[nodiscard]] Timestamp now() const noexcept { return *context_.instant; }

 private:
  friend class Memory;
  Transaction(Backend& backend, const Context& context);

  struct Seen {
    std::optional<Precondition> as_read{};  ///< What the commit must find; empty: never read.
    std::optional<MemoryValue> value{};     ///< What this transaction sees now.
  };
  /// What this transaction sees at the address, reading the store where it has not yet.
  Seen& look_at(const Namespace& ns, std::string_view key);
  void remember(Seen& seen, const std::optional<Record>& record);
  /// Where what is written here is seen by later reads.
  void overlay(const Namespace& ns, std::string_view key, std::optional<MemoryValue> value);
  /// Preconditions for everything read, followed by the writes.
  [[nodiscard]] WriteBatch conditional_batch() &&;

  Backend& backend_;
  Context context_;
  std::map<Address, Seen, std::less<>> seen_;
  WriteBatch writes_;
};

}  // namespace holdfast
