// Clause 5.3: transactions.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(transaction)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(TransactionConformance);

TEST_P(TransactionConformance, ItsWritesTakeEffectTogetherWhenItEnds) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "from", 100);
  memory().set("a", "to", 0);
  memory().transaction([&](Transaction& transaction) {
    const auto from = transaction.get("a", "from")->get<std::int64_t>();
    transaction.set("a", "from", from - 30);
    transaction.increment("a", "to", 30);
    EXPECT_EQ(memory().get("a", "from"), MemoryValue(100)) << "seen from outside too early";
  });
  EXPECT_EQ(memory().get("a", "from"), MemoryValue(70));
  EXPECT_EQ(memory().get("a", "to"), MemoryValue(30));
}

TEST_P(TransactionConformance, ItReadsItsOwnWrites) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "old", 1);
  memory().transaction([](Transaction& transaction) {
    EXPECT_EQ(transaction.get("a", "new"), std::nullopt);
    transaction.set("a", "new", "v");
    EXPECT_EQ(transaction.get("a", "new"), MemoryValue("v"));
    EXPECT_TRUE(transaction.erase("a", "old"));
    EXPECT_FALSE(transaction.erase("a", "old"));
    EXPECT_FALSE(transaction.exists("a", "old"));
    EXPECT_EQ(transaction.increment("a", "n", 2), 2);
    EXPECT_EQ(transaction.increment("a", "n", 3), 5);
    const std::vector<Address> addresses{{"a", "new"}, {"a", "old"}, {"a", "n"}, {"a", "none"}};
    const auto values = transaction.get_many(addresses);
    EXPECT_EQ(values, (std::vector<std::optional<MemoryValue>>{MemoryValue("v"), std::nullopt,
                                                               MemoryValue(5), std::nullopt}));
  });
  EXPECT_EQ(keys_of(everything(memory())), (std::vector<std::string>{"n", "new"}));
}

TEST_P(TransactionConformance, OneThatThrowsLeavesNothingBehind) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "k", 1);
  const std::vector<Entry> before = everything(memory());
  EXPECT_THROW(memory().transaction([](Transaction& transaction) {
    transaction.set("a", "k", 2);
    transaction.set("a", "new", 2);
    throw std::runtime_error("thought better of it");
  }),
               std::runtime_error);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(TransactionConformance, ItRunsAgainWhenWhatItReadHasChanged) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "read", 1);
  int attempts = 0;
  memory().transaction([&](Transaction& transaction) {
    const auto read = transaction.get("a", "read")->get<std::int64_t>();
    if (++attempts == 1) memory().set("a", "read", 10);
    transaction.set("a", "written", read);
  });
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(memory().get("a", "written"), MemoryValue(10));
}

TEST_P(TransactionConformance, ItRunsAgainWhenWhatItFoundAbsentHasAppeared) {
  HOLDFAST_CLAUSE("5.3");
  int attempts = 0;
  memory().transaction([&](Transaction& transaction) {
    const bool there = transaction.exists("a", "guard");
    if (++attempts == 1) memory().set("a", "guard", 1);
    transaction.set("a", "saw_guard", there);
  });
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(memory().get("a", "saw_guard"), MemoryValue(true));
}

TEST_P(TransactionConformance, ItRunsAgainWhenWhatItReadWentAndCameBackEqual) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "k", 1);
  int attempts = 0;
  memory().transaction([&](Transaction& transaction) {
    EXPECT_EQ(transaction.get("a", "k"), MemoryValue(1));
    if (++attempts == 1) {
      memory().erase("a", "k");
      memory().set("a", "k", 1);
    }
    transaction.set("a", "seen", attempts);
  });
  EXPECT_EQ(attempts, 2);
}

TEST_P(TransactionConformance, AConflictThatNeverEndsIsAborted) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "k", 0);
  int attempts = 0;
  const auto error = error_of([&] {
    memory().transaction([&](Transaction& transaction) {
      static_cast<void>(transaction.get("a", "k"));
      memory().set("a", "k", ++attempts);
      transaction.set("a", "never", 1);
    });
    return 0;
  });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ErrorCode::aborted);
  EXPECT_TRUE(error->retryable());
  EXPECT_LE(attempts, Memory::max_attempts);
  EXPECT_FALSE(memory().exists("a", "never"));
}

TEST_P(TransactionConformance, WritesWithoutReadsNeverConflict) {
  HOLDFAST_CLAUSE("5.3");
  int attempts = 0;
  memory().transaction([&](Transaction& transaction) {
    ++attempts;
    memory().set("a", "k", "other");
    transaction.set("a", "k", "mine");
  });
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue("mine"));
}

TEST_P(TransactionConformance, AReadAloneMustStillHoldAtTheEnd) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "x", 1);
  memory().set("a", "y", 1);
  std::int64_t sum = 0;
  int attempts = 0;
  memory().transaction([&](Transaction& transaction) {
    sum = transaction.get("a", "x")->get<std::int64_t>();
    if (++attempts == 1) {  // Between the two reads both change.
      memory().set("a", "x", 5);
      memory().set("a", "y", 5);
    }
    sum += transaction.get("a", "y")->get<std::int64_t>();
  });
  EXPECT_EQ(sum, 10);
}

TEST_P(TransactionConformance, ReplaceKeepsTheDeadlineAndSetDoesNot) {
  HOLDFAST_CLAUSE("5.3");
  memory().set("a", "kept", 1, with_ttl(1h));
  memory().set("a", "cleared", 1, with_ttl(1h));
  memory().set("a", "counted", 1, with_ttl(1h));
  memory().transaction([](Transaction& transaction) {
    transaction.replace("a", "kept", 2);
    transaction.set("a", "cleared", 2);
    transaction.increment("a", "counted");
    transaction.set("a", "new", 2, Ttl(5s));
  });
  EXPECT_EQ(memory().get_entry("a", "kept")->expires_at, clock().now() + 1h);
  EXPECT_EQ(memory().get_entry("a", "cleared")->expires_at, std::nullopt);
  EXPECT_EQ(memory().get_entry("a", "counted")->expires_at, clock().now() + 1h);
  EXPECT_EQ(memory().get_entry("a", "new")->expires_at, clock().now() + 5s);
}

TEST_P(TransactionConformance, AnAttemptUsesOneInstant) {
  HOLDFAST_CLAUSE("5.3, 6.2");
  memory().set("a", "k", 1, with_ttl(1s));
  const Timestamp start = clock().now();
  memory().transaction([&](Transaction& transaction) {
    EXPECT_EQ(transaction.now(), start);
    advance(2s);
    EXPECT_EQ(transaction.now(), start);
    EXPECT_TRUE(transaction.exists("a", "k")) << "it was there at the attempt's instant";
    transaction.set("a", "new", 1, Ttl(10s));
  });
  EXPECT_EQ(memory().get_entry("a", "new")->created_at, start);
  EXPECT_EQ(memory().get_entry("a", "new")->expires_at, start + 10s);
}

TEST_P(TransactionConformance, InvalidArgumentsAreRefusedInside) {
  HOLDFAST_CLAUSE("5.3");
  EXPECT_TRUE(is_refused_as_invalid([&] {
    memory().transaction([](Transaction& transaction) {
      transaction.set("a", "fine", 1);
      transaction.set("$holdfast", "k", 1);
    });
    return 0;
  }));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
    memory().transaction([](Transaction& transaction) {
      transaction.set("a", "text", "x");
      transaction.increment("a", "text");
    });
    return 0;
  }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

}  // namespace holdfast::conformance
