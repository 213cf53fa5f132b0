/// @file
/// How many entries to ask a store for at once, so that memory stays bounded.
#pragma once

#include <algorithm>
#include <cstddef>

#include "holdfast/query.hpp"

namespace holdfast::program {

/// Suggests page sizes that hold about `target_bytes`, from the sizes of the pages before; a run
/// of large values after small ones costs one page that is larger.
class PageSize {
 public:
  [[nodiscard]] std::size_t next() const noexcept { return entries_; }

  void learn(const Page& page) {
    std::size_t bytes = 0;
    for (const Entry& entry : page.entries) bytes += entry.size_bytes();
    if (page.entries.empty()) return;
    const std::size_t average = std::max<std::size_t>(bytes / page.entries.size(), 1);
    const std::size_t fitting = std::max<std::size_t>(target_bytes / average, 1);
    entries_ = std::min({fitting, entries_ * 8, entries_max});
  }

 private:
  static constexpr std::size_t target_bytes = std::size_t{8} << 20;
  static constexpr std::size_t entries_max = 5'000;

  std::size_t entries_ = 100;
};

}  // namespace holdfast::program
