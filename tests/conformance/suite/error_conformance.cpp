// Clause 11: errors.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(error)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ErrorConformance);

TEST_P(ErrorConformance, AnErrorSaysWhereItHappenedAndWhy) {
  HOLDFAST_CLAUSE("11.1");
  memory().set("a", "text", "x");
  const auto error = error_of([&] { return memory().increment("a", "text"); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->backend(), memory().stats().backend);
  EXPECT_EQ(error->operation(), "increment");
  EXPECT_FALSE(error->message().empty());
  EXPECT_FALSE(error->retryable());
  const std::string what = error->what();
  EXPECT_NE(what.find("FailedPrecondition"), std::string::npos) << what;
  EXPECT_NE(what.find(error->message()), std::string::npos) << what;
}

TEST_P(ErrorConformance, EachCallGivesItsName) {
  HOLDFAST_CLAUSE("11.1");
  const std::string bad_key(2000, 'x');
  MemoryQuery bad_query = query_of(only("a"));
  bad_query.limit = 0;
  const auto operation = [](auto&& call) {
    const auto error = error_of(call);
    return error ? error->operation() : "returned";
  };
  EXPECT_EQ(operation([&] { return memory().set("a", bad_key, 1); }), "set");
  EXPECT_EQ(operation([&] { return memory().get("a", bad_key); }), "get");
  EXPECT_EQ(operation([&] { return memory().erase("a", bad_key); }), "erase");
  EXPECT_EQ(operation([&] { return memory().query(bad_query); }), "query");
  EXPECT_EQ(operation([&] { return memory().clear(only("$holdfast")); }), "clear");
  EXPECT_EQ(operation([&] { return memory().changes(-1); }), "changes");
}

TEST_P(ErrorConformance, OrdinaryOutcomesAreValues) {
  HOLDFAST_CLAUSE("11.1");
  EXPECT_NO_THROW({
    static_cast<void>(memory().get("no/such", "k"));
    static_cast<void>(memory().take("no/such", "k"));
    memory().erase("no/such", "k");
    memory().touch("no/such", "k", Ttl(1s));
    memory().set("a", "k", 1, on(Precondition::if_present()));
    memory().write(std::move(WriteBatch().check("a", "k", Precondition::if_present())));
    memory().clear(below("no/such"));
    static_cast<void>(memory().query(query_of(below("no/such"))));
    static_cast<void>(memory().changes(1'000'000));
  });
}

TEST_P(ErrorConformance, AnErrorLeavesTheStoreUsable) {
  HOLDFAST_CLAUSE("11.1");
  memory().set("a", "text", "x");
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(error_of([&] { return memory().increment("a", "text"); }).has_value());
    EXPECT_TRUE(error_of([&] { return memory().set("a", std::string(2000, 'x'), 1); }).has_value());
    EXPECT_NO_THROW(memory().set("a", "fine", i));
  }
  EXPECT_EQ(memory().get("a", "fine"), MemoryValue(49));
}

TEST_P(ErrorConformance, WhatAnUpdaterThrowsGoesOnToTheCaller) {
  HOLDFAST_CLAUSE("11.2");
  struct OwnException {};
  EXPECT_THROW(
      memory().update("a", "k",
                      [](const Record*) -> std::optional<MemoryValue> { throw OwnException(); }),
      OwnException);
  EXPECT_FALSE(memory().exists("a", "k"));
}

TEST_P(ErrorConformance, ATokenThatNoWriteGaveIsNeverTakenForAnAppliedOne) {
  HOLDFAST_CLAUSE("10.2");
  for (const char* text : {"", "x", "1", "00000000-0000-0000-0000-000000000000"}) {
    try {
      EXPECT_NE(memory().resolve({text}), true) << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    }
  }
}

}  // namespace holdfast::conformance
