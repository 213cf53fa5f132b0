// The comparison finds a store that does one thing wrong, and says what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../conformance/planted_faults/faulty_backend.hpp"
#include "differential_run.hpp"

namespace holdfast::differential {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t some_seed = 1;
constexpr std::size_t steps = 8'000;

StoreUnderTest faulty_store(const std::string& fault) {
  StoreUnderTest store = in_memory_store();
  store.name = "Faulty";
  store.open = [sound = store.open, fault](const StoreRequest& request) {
    return std::make_unique<conformance::FaultyBackend>(sound(request), fault);
  };
  return store;
}

class PlantedDifference : public testing::TestWithParam<const char*> {};

}  // namespace

TEST_P(PlantedDifference, IsFoundAndReported) {
  const std::vector<StoreUnderTest> stores{in_memory_store(), faulty_store(GetParam())};
  const auto report = compare_stores(stores, some_seed, steps);
  ASSERT_TRUE(report.has_value());
  EXPECT_THAT(*report, HasSubstr("\n  InMemory: "));
  EXPECT_THAT(*report, HasSubstr("\n  Faulty: "));
  EXPECT_THAT(*report, HasSubstr("HOLDFAST_DIFFERENTIAL_SEED="));
  RecordProperty("report", *report);
}

// All of the conformance suite's faults but those that show at a limit of its own or among threads.
INSTANTIATE_TEST_SUITE_P(
    Faults, PlantedDifference,
    testing::Values("expired_counted", "expires_late", "set_keeps_ttl", "increment_clears_ttl",
                    "cursor_skips", "cursor_repeats", "equal_milliseconds_swapped", "subtree_leaks",
                    "clear_leaves_subtree", "empty_namespace_listed", "compare_and_set_lost",
                    "absent_is_erased", "created_at_reset", "int_becomes_double",
                    "batch_applied_half", "tombstone_missing", "stats_miscount_bytes",
                    "foreign_exception"),
    [](const testing::TestParamInfo<const char*>& fault) { return std::string(fault.param); });

TEST(Comparison, FindsNothingBetweenTwoSoundStores) {
  const std::vector<StoreUnderTest> stores{in_memory_store(), faulty_store("")};
  const auto report = compare_stores(stores, some_seed, steps);
  EXPECT_FALSE(report.has_value()) << *report;
}

}  // namespace holdfast::differential
