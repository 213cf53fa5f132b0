// As injection_test.cpp, with many texts more.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "../support/tries.hpp"
#include "holdfast/conformance/environment.hpp"
#include "hostile_texts.hpp"
#include "injection.hpp"

namespace holdfast::fault_tests {
namespace {

class ManyInjectedTexts : public Injection {};

TEST_P(ManyInjectedTexts, StayWithinTheirTenant) {
  const std::uint64_t seed = conformance::number_from_environment("HOLDFAST_HOSTILE_SEED")
                                 .value_or(std::random_device()());
  std::cout << "HOLDFAST_HOSTILE_SEED=" << seed << '\n';
  std::size_t calls = 0;
  for (std::uint64_t round = 0; round < 10 && !HasFailure(); ++round) {
    std::vector<std::string> texts = mixed_hostile_texts(seed + round, 100);
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    calls += as_addresses(texts);
    calls += as_filters(texts);
    calls += as_patterns(texts);
    calls += as_searches(texts);
    calls += as_handles(texts);
    memory().clear({mine, true});
  }
  count_tries("a tenant's text reaches no other tenant", calls);
}

INSTANTIATE_TEST_SUITE_P(Stores, ManyInjectedTexts, ::testing::ValuesIn(differential::all_stores()),
                         name_of_store);

}  // namespace
}  // namespace holdfast::fault_tests
