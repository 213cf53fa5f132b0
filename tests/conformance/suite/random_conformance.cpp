// All clauses at once: random operations, compared with a plain model of the contract.
#include <iostream>
#include <random>

#include "expectations.hpp"
#include "holdfast/conformance/environment.hpp"
#include "random_run.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(random)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(RandomConformance);

namespace {

constexpr std::size_t operations_of_a_run = 10'000;

}  // namespace

TEST_P(RandomConformance, AgreesWithTheReferenceModel) {
  HOLDFAST_CLAUSE("1 to 9");
  const std::size_t operations =
      static_cast<std::size_t>(number_from_environment("HOLDFAST_CONFORMANCE_OPERATIONS")
                                   .value_or(GetParam().random_operations));
  std::uint64_t seed =
      number_from_environment("HOLDFAST_CONFORMANCE_SEED").value_or(std::random_device()());
  std::cout << GetParam().name << ": " << operations << " random operations from seed " << seed
            << '\n';
  for (std::size_t done = 0; done < operations; ++seed) {
    const std::size_t length = std::min(operations_of_a_run, operations - done);
    auto run_clock = std::make_shared<ManualClock>();
    StoreRequest place = request();
    place.clock = run_clock;
    place.change_log = GetParam().offers.change_log && seed % 2 == 1;
    RandomRun run(GetParam(), place, run_clock, seed);
    const std::optional<std::string> difference = run.run(length);
    ASSERT_FALSE(difference.has_value())
        << *difference << "\nTo see it again: HOLDFAST_CONFORMANCE_SEED=" << seed
        << " HOLDFAST_CONFORMANCE_OPERATIONS=" << length;
    done += length;
  }
}

}  // namespace holdfast::conformance
