// Clause 4: counters.
#include <limits>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(increment)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(IncrementConformance);

TEST_P(IncrementConformance, ReturnsTheNewNumberAndCreatesFromZero) {
  HOLDFAST_CLAUSE("4.5");
  EXPECT_EQ(memory().increment("a", "n", 5), 5);
  EXPECT_EQ(memory().increment("a", "n"), 6);
  EXPECT_EQ(memory().increment("a", "n", -10), -4);
  EXPECT_EQ(memory().increment("a", "n", 0), -4);
  EXPECT_EQ(memory().get("a", "n"), MemoryValue(-4));
  EXPECT_EQ(memory().get("a", "n")->kind(), ValueKind::int64);
}

TEST_P(IncrementConformance, CountsExactlyBeyondWhatADoubleHolds) {
  HOLDFAST_CLAUSE("4.5");
  memory().set("a", "n", std::int64_t{9'007'199'254'740'992});
  EXPECT_EQ(memory().increment("a", "n"), 9'007'199'254'740'993);
  EXPECT_EQ(memory().get("a", "n"), MemoryValue(std::int64_t{9'007'199'254'740'993}));
}

TEST_P(IncrementConformance, KeepsTheDeadline) {
  HOLDFAST_CLAUSE("4.5");
  memory().set("a", "n", 1, with_ttl(10s));
  const auto deadline = memory().get_entry("a", "n")->expires_at;
  advance(3s);
  EXPECT_EQ(memory().increment("a", "n"), 2);
  EXPECT_EQ(memory().get_entry("a", "n")->expires_at, deadline);
  advance(7s);
  EXPECT_FALSE(memory().exists("a", "n"));
  EXPECT_EQ(memory().increment("a", "n"), 1);
  EXPECT_EQ(memory().get_entry("a", "n")->expires_at, std::nullopt);
}

TEST_P(IncrementConformance, RefusesEveryOtherKindAndLeavesItUnchanged) {
  HOLDFAST_CLAUSE("4.5");
  const std::vector<MemoryValue> others{nullptr,
                                        true,
                                        1.0,
                                        "1",
                                        MemoryValue::bytes({}),
                                        MemoryValue::list({1}),
                                        MemoryValue::map({{"n", 1}})};
  for (const MemoryValue& other : others) {
    memory().set("a", "n", other);
    const Entry before = *memory().get_entry("a", "n");
    EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
      return memory().increment("a", "n");
    })) << other.json_text();
    EXPECT_EQ(memory().get_entry("a", "n"), before);
  }
}

TEST_P(IncrementConformance, RefusesToLeaveInt64AndLeavesItUnchanged) {
  HOLDFAST_CLAUSE("4.5");
  using Int64 = std::numeric_limits<std::int64_t>;
  memory().set("a", "max", Int64::max());
  memory().set("a", "min", Int64::min());
  const std::vector<Entry> before = everything(memory());
  EXPECT_TRUE(throws(ErrorCode::out_of_range, [&] { return memory().increment("a", "max", 1); }));
  EXPECT_TRUE(throws(ErrorCode::out_of_range, [&] { return memory().increment("a", "min", -1); }));
  EXPECT_TRUE(throws(ErrorCode::out_of_range,
                     [&] { return memory().increment("a", "max", Int64::max()); }));
  EXPECT_EQ(everything(memory()), before);
  EXPECT_EQ(memory().increment("a", "max", Int64::min()), -1);
  EXPECT_EQ(memory().increment("a", "min", Int64::max()), -1);
  EXPECT_EQ(memory().increment("a", "new", Int64::min()), Int64::min());
}

}  // namespace holdfast::conformance
