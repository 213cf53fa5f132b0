// A hash of addresses that nobody can aim at: a universal one under random keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "holdfast/entry.hpp"

namespace holdfast::in_memory {

// NH (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: fast and secure message authentication",
// 1999) with words of 64 bits, whose 128 bits a pair-multiply-shift (Thorup, "High speed hashing
// for integers and strings", 2015) makes 64 of. Whoever does not know the keys, and so every
// tenant, finds that two addresses meet in one of n places once in n tries, whichever
// bits of the hash the places go by. What it does not withstand is somebody who is told hashes:
// none leaves the store.
//
// Safe to use from many threads.
class KeyedHash {
 public:
  KeyedHash();  // Takes its keys from the system's source of randomness.

  // Of texts of at most 1,024 bytes, as the contract bounds them; beyond that the keys repeat.
  [[nodiscard]] std::uint64_t of(std::string_view text) const noexcept;
  // ("a", "bc") and ("ab", "c") have nothing in common.
  [[nodiscard]] std::uint32_t of(const AddressView& address) const noexcept;

 private:
  // For each sixteen bytes of a text, two. A text of 1,024 takes 128 of them, the two lengths the
  // last ones.
  static constexpr std::size_t keys_of_a_text = 128;

  [[nodiscard]] std::uint64_t of(std::string_view first, std::string_view second) const noexcept;

  struct Keys {
    std::array<std::uint64_t, keys_of_a_text> first;
    std::array<std::uint64_t, keys_of_a_text> second;
    std::array<std::uint64_t, 2> lengths;
    std::array<std::uint64_t, 6> last;  // Three of 128 bits each.
  };
  Keys keys_;
};

// For tables of texts that tenants choose. `keyed` outlives them.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return keyed->of(text); }

  const KeyedHash* keyed;
};

}  // namespace holdfast::in_memory
