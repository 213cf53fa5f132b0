// No text that a tenant gives, wherever a call takes one, reaches another tenant's entries
// (contract, clauses 1.2, 7.1, 7.2, 7.5, 13.4).
#include "injection.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "../support/tries.hpp"
#include "hostile_texts.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr const char* promise = "a tenant's text reaches no other tenant";
constexpr std::uint64_t seed = 20'261'129;

class InjectedTexts : public Injection {
 protected:
  // Those known to be bad, and mixtures of them.
  static std::vector<std::string> texts() {
    std::vector<std::string> texts = hostile_texts();
    for (std::string& text : mixed_hostile_texts(seed, 20)) texts.push_back(std::move(text));
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
  }
};

TEST_P(InjectedTexts, AsKeysAndNamespacesStayWithinTheirTenant) {
  count_tries(promise, as_addresses(texts()));
}

TEST_P(InjectedTexts, AsPathsOperandsAndFormsOfFiltersStayWithinTheirTenant) {
  count_tries(promise, as_filters(texts()));
}

TEST_P(InjectedTexts, AsPatternsAndPrefixesStayWithinTheirTenant) {
  count_tries(promise, as_patterns(texts()));
}

TEST_P(InjectedTexts, AsSearchesAndTheirConfigurationsStayWithinTheirTenant) {
  count_tries(promise, as_searches(texts()));
}

TEST_P(InjectedTexts, AsCursorsNotesAndTokensStayWithinTheirTenant) {
  count_tries(promise, as_handles(texts()));
  reopen();
  expect_others_untouched("after opening again");
}

TEST_P(InjectedTexts, ThatNoKeyMayHoldAreRefusedByEveryCall) {
  for (const std::string& text : impossible_texts()) {
    const auto refused = [&](const auto& call) { EXPECT_FALSE(is_taken(call, shown(text))); };
    refused([&] { memory().set(mine, text, 1); });
    refused([&] { static_cast<void>(memory().get(mine, text)); });
    refused([&] { static_cast<void>(mine / text); });
    refused([&] { static_cast<void>(Namespace("mine/" + text)); });
    refused([&] { static_cast<void>(KeyPattern(text)); });
    refused([&] { static_cast<void>(memory().query({.scope = {mine}, .cursor = text})); });
    const Note note{text, "text"};
    refused([&] { memory().restore(RestoreBatch{.note = &note}); });
    // U+0000 is a character like any other in a value, and so in a path.
    if (text.find('\0') == std::string::npos) {
      refused([&] { static_cast<void>(Path(std::vector<Path::Step>{text})); });
      refused([&] { static_cast<void>(MemoryValue(text)); });
    }
    if (memory().capabilities().search) {
      memory().configure_search(mine, SearchConfig::texts({"note"}));
      EXPECT_TRUE(memory().search({.scope = {mine}, .text = text}).hits.empty());  // Any text.
    }
  }
  expect_others_untouched("impossible texts");
  count_tries(promise, 9 * impossible_texts().size());
}

TEST_P(InjectedTexts, AsSubjectsToEraseStayWithinTheirTenant) {
  std::size_t erased = 0;
  for (const std::string text : {"theirs", "%", "' OR 1=1 --", "../theirs", "*"}) {
    memory().set(mine / text, text, text);
    erased += memory().erase_subject(mine / text).entries;
  }
  EXPECT_EQ(erased, 5U);
  expect_others_untouched("erased subjects");
  count_tries(promise, 5);
}

INSTANTIATE_TEST_SUITE_P(Stores, InjectedTexts, ::testing::ValuesIn(differential::all_stores()),
                         name_of_store);

}  // namespace
}  // namespace holdfast::fault_tests
