// The data of the benchmarks of speed: the same for every contestant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

enum class Keys : std::uint8_t { uniform, zipf };
[[nodiscard]] std::string_view to_string(Keys keys) noexcept;

// Numbers of entries to ask for, chosen beforehand so that no contestant pays for the choice.
// `zipf` is YCSB's distribution with exponent 0.99 (Gray et al., "Quickly generating billion-record
// synthetic databases", SIGMOD 1994), its frequent numbers spread over the whole range.
[[nodiscard]] std::vector<std::uint32_t> picks(Keys keys, std::uint64_t entries, std::size_t count,
                                               std::uint64_t seed);

// Entries lie in namespaces of `entries_of_namespace` each, one after the other.
inline constexpr std::uint64_t entries_of_namespace = 100;
inline constexpr std::size_t address_bytes = 100;  // Namespace, a separator and key.

[[nodiscard]] std::string namespace_text(std::uint64_t entry);  // "agents/000000042"
// Of the length that makes an address of `address_bytes`; keys grow with their numbers.
[[nodiscard]] std::string key_text(std::uint64_t entry);
// Both, and a slash between them: the key in stores that have no namespaces.
[[nodiscard]] std::string whole_key(std::uint64_t entry);

// Canonical JSON of exactly `bytes` (at least 64): a message that tells `version`. Stores write
// nothing for a value that stays as it was: give each write another version.
[[nodiscard]] std::string value_text(std::size_t bytes, std::uint64_t version);

}  // namespace holdfast::bench
