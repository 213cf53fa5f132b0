// A hash of addresses that nobody can aim at: SipHash-1-3 under random keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "holdfast/entry.hpp"

namespace holdfast::in_memory {

class KeyedHash {
 public:
  KeyedHash();  // Takes its keys from the system's source of randomness.

  [[nodiscard]] std::uint64_t of(std::string_view text) const noexcept;
  // The namespace's hash is part of the key under which the key is hashed, so that ("a", "bc")
  // and ("ab", "c") have nothing in common.
  [[nodiscard]] std::uint32_t of(const AddressView& address) const noexcept;

 private:
  std::uint64_t key0_;
  std::uint64_t key1_;
};

}  // namespace holdfast::in_memory
