// The files that are read and written: made once for each size, with the same entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/memory.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {

struct Size {
  std::uint64_t entries = 0;
  std::size_t value_bytes = 0;
  bool is_growing = false;  // For those that add entries: so many at first.

  [[nodiscard]] std::string text() const {
    return std::to_string(value_bytes) + "B/" + std::to_string(entries);
  }
  [[nodiscard]] friend auto operator<=>(const Size&, const Size&) = default;
};

struct Files {
  std::string holdfast;   // Read and written through Memory alone.
  std::string c_api;      // The same, copied; written by hand from then on.
  std::string key_value;  // A plain table.
};

// Made when they are first asked for; closed, their logs empty. Safe to call from many threads.
[[nodiscard]] const Files& files(const Size& size);
// The first of them alone; the others are not made.
[[nodiscard]] const std::string& holdfast_file(const Size& size);
// The path of a file that is not there yet.
[[nodiscard]] std::string new_file();

// Addresses to ask for; made once for each thread. Safe to call from many threads.
inline constexpr std::size_t addresses_prepared = std::size_t{1} << 16;
[[nodiscard]] std::shared_ptr<const std::vector<Address>> addresses(Keys keys,
                                                                    std::uint64_t entries,
                                                                    int thread);
[[nodiscard]] Address address_of(std::uint64_t entry);

// Values that no file has yet.
[[nodiscard]] std::vector<std::string> new_texts(std::size_t value_bytes, std::size_t count);
// A value of such text, which must outlive it.
[[nodiscard]] inline MemoryValue value_of(const std::string& text) {
  return MemoryValue::from_canonical(SharedText::of_static(text));
}

}  // namespace holdfast::bench
