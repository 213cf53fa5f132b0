// One sequence of steps on several stores, every answer compared.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "player.hpp"
#include "stores.hpp"

namespace holdfast::differential {

struct RunOptions {
  bool change_log = false;
  std::optional<std::uint64_t> max_entries{};
};

// Where a store first answered otherwise than the first of them.
struct Disagreement {
  std::size_t step = 0;
  std::string text;  // Both stores and both answers.
};

// Plays the steps on new stores, each store's in a folder of its own in `folder`. When they agree
// throughout, what the first of them holds is restored into further new stores, and compared.
[[nodiscard]] std::optional<Disagreement> play(std::span<const StoreUnderTest> stores,
                                               const RunOptions& options,
                                               std::span<const Step> steps,
                                               const std::filesystem::path& folder);

// Plays random steps, in runs of bounded length on new stores, each from a seed one greater. A
// report of the first difference: the step, the stores, both answers, how to see it again, and the
// fewest steps found that show one. Empty: there is none.
[[nodiscard]] std::optional<std::string> compare_stores(std::span<const StoreUnderTest> stores,
                                                        std::uint64_t seed, std::size_t steps);

// As `compare_stores`, with the seed and number of the environment, where it has them; fails the
// test with the report.
void expect_that_stores_agree(std::size_t steps);

}  // namespace holdfast::differential
