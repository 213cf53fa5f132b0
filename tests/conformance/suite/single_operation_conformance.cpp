// Clause 4: get, set, erase, exists, touch, take, update and their preconditions.
#include <thread>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(single_operation)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SingleOperationConformance);

TEST_P(SingleOperationConformance, WhatIsNotThereIsAnEmptyAnswer) {
  HOLDFAST_CLAUSE("4.3, 11.1");
  EXPECT_EQ(memory().get("a", "k"), std::nullopt);
  EXPECT_EQ(memory().get_entry("a", "k"), std::nullopt);
  EXPECT_FALSE(memory().exists("a", "k"));
  EXPECT_EQ(memory().take("a", "k"), std::nullopt);
  EXPECT_FALSE(memory().touch("a", "k", Ttl(1s)));
  EXPECT_EQ(memory().get("a", "k", {.refresh_ttl = Ttl(1s)}), std::nullopt);
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(SingleOperationConformance, NullIsAValueAndNotAnAbsence) {
  HOLDFAST_CLAUSE("4.1");
  memory().set("a", "k", nullptr);
  EXPECT_TRUE(memory().exists("a", "k"));
  EXPECT_EQ(memory().get("a", "k"), MemoryValue());
  EXPECT_EQ(memory().set("a", "k", 1).status, WriteStatus::updated);
}

TEST_P(SingleOperationConformance, SetSaysWhetherItCreatedOrUpdated) {
  HOLDFAST_CLAUSE("4.1");
  EXPECT_EQ(memory().set("a", "k", 1).status, WriteStatus::created);
  EXPECT_EQ(memory().set("a", "k", 1).status, WriteStatus::updated);
  memory().erase("a", "k");
  EXPECT_EQ(memory().set("a", "k", 1).status, WriteStatus::created);
}

TEST_P(SingleOperationConformance, SetReturnsThePreviousRecordOnRequestOnly) {
  HOLDFAST_CLAUSE("4.1");
  EXPECT_FALSE(memory().set("a", "k", "old", {.return_previous = true}).previous.has_value());
  const Entry before = *memory().get_entry("a", "k");
  const WriteResult result = memory().set("a", "k", "new", {.return_previous = true});
  ASSERT_TRUE(result.previous.has_value());
  EXPECT_EQ(*result.previous, static_cast<const Record&>(before));
  EXPECT_FALSE(memory().set("a", "k", "newer").previous.has_value());
}

TEST_P(SingleOperationConformance, SetIfAbsentCreatesOnce) {
  HOLDFAST_CLAUSE("4.2");
  EXPECT_EQ(memory().set("a", "k", 1, on(Precondition::if_absent())).status, WriteStatus::created);
  const Revision live = memory().get_entry("a", "k")->revision;
  const WriteResult second = memory().set("a", "k", 2, on(Precondition::if_absent()));
  EXPECT_EQ(second.status, WriteStatus::unmet);
  EXPECT_EQ(second.revision, live);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(1));
}

TEST_P(SingleOperationConformance, SetIfPresentNeverCreates) {
  HOLDFAST_CLAUSE("4.2");
  const WriteResult refused = memory().set("a", "k", 1, on(Precondition::if_present()));
  EXPECT_EQ(refused.status, WriteStatus::unmet);
  EXPECT_EQ(refused.revision, 0);
  EXPECT_FALSE(memory().exists("a", "k"));
  memory().set("a", "k", 1);
  EXPECT_EQ(memory().set("a", "k", 2, on(Precondition::if_present())).status, WriteStatus::updated);
}

TEST_P(SingleOperationConformance, SetIfRevisionComparesAndSets) {
  HOLDFAST_CLAUSE("4.2");
  const Revision first = memory().set("a", "k", 1).revision;
  const Revision second = memory().set("a", "k", 2, on(Precondition::if_revision(first))).revision;
  EXPECT_GT(second, first);
  const WriteResult late = memory().set("a", "k", 3, on(Precondition::if_revision(first)));
  EXPECT_EQ(late.status, WriteStatus::unmet);
  EXPECT_EQ(late.revision, second);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(2));
  EXPECT_EQ(memory().set("a", "absent", 1, on(Precondition::if_revision(first))).status,
            WriteStatus::unmet);
  EXPECT_FALSE(memory().exists("a", "absent"));
}

TEST_P(SingleOperationConformance, ARevisionThatCameBackUnderTheSameKeyIsAnotherOne) {
  HOLDFAST_CLAUSE("4.2");
  const Revision first = memory().set("a", "k", 1).revision;
  memory().erase("a", "k");
  memory().set("a", "k", 1);
  EXPECT_EQ(memory().set("a", "k", 2, on(Precondition::if_revision(first))).status,
            WriteStatus::unmet);
}

TEST_P(SingleOperationConformance, EraseSaysWhetherALiveEntryWent) {
  HOLDFAST_CLAUSE("4.3");
  EXPECT_EQ(memory().erase("a", "k").status, WriteStatus::absent);
  memory().set("a", "k", 1);
  const Revision before = memory().get_entry("a", "k")->revision;
  const WriteResult erased = memory().erase("a", "k", {.return_previous = true});
  EXPECT_EQ(erased.status, WriteStatus::erased);
  EXPECT_GT(erased.revision, before);
  EXPECT_EQ(erased.previous->value, MemoryValue(1));
  EXPECT_EQ(memory().erase("a", "k", {.return_previous = true}).status, WriteStatus::absent);
  EXPECT_FALSE(memory().exists("a", "k"));
}

TEST_P(SingleOperationConformance, EraseHoldsToItsPrecondition) {
  HOLDFAST_CLAUSE("4.2");
  const Revision first = memory().set("a", "k", 1).revision;
  const Revision second = memory().set("a", "k", 2).revision;
  EXPECT_EQ(memory().erase("a", "k", erase_on(Precondition::if_revision(first))).status,
            WriteStatus::unmet);
  EXPECT_EQ(memory().erase("a", "k", erase_on(Precondition::if_absent())).status,
            WriteStatus::unmet);
  EXPECT_TRUE(memory().exists("a", "k"));
  EXPECT_EQ(memory().erase("a", "k", erase_on(Precondition::if_revision(second))).status,
            WriteStatus::erased);
  EXPECT_EQ(memory().erase("a", "k", erase_on(Precondition::if_present())).status,
            WriteStatus::unmet);
}

TEST_P(SingleOperationConformance, TakeReturnsWhatItErases) {
  HOLDFAST_CLAUSE("4.3");
  memory().set("a", "k", "v", with_ttl(1h));
  const Entry before = *memory().get_entry("a", "k");
  EXPECT_EQ(memory().take("a", "k"), before);
  EXPECT_FALSE(memory().exists("a", "k"));
  EXPECT_EQ(memory().take("a", "k"), std::nullopt);
}

TEST_P(SingleOperationConformance, TouchMovesTheDeadlineAlone) {
  HOLDFAST_CLAUSE("4.4");
  memory().set("a", "k", "v", with_ttl(10s));
  const Entry before = *memory().get_entry("a", "k");
  advance(5s);
  EXPECT_TRUE(memory().touch("a", "k", Ttl(10s)));
  Entry after = *memory().get_entry("a", "k");
  EXPECT_EQ(after.expires_at, clock().now() + 10s);
  EXPECT_EQ(after.value, before.value);
  EXPECT_EQ(after.created_revision, before.created_revision);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_GT(after.revision, before.revision);
  EXPECT_TRUE(memory().touch("a", "k", std::nullopt));
  EXPECT_EQ(memory().get_entry("a", "k")->expires_at, std::nullopt);
}

TEST_P(SingleOperationConformance, AReadRefreshesTheDeadlineOnRequest) {
  HOLDFAST_CLAUSE("4.4");
  memory().set("a", "k", "v", with_ttl(10s));
  advance(9s);
  const std::optional<Entry> read = memory().get_entry("a", "k", {.refresh_ttl = Ttl(10s)});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->value, MemoryValue("v"));
  EXPECT_EQ(read, memory().get_entry("a", "k"));
  EXPECT_EQ(read->expires_at, clock().now() + 10s);
  advance(9s);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue("v"));  // This one does not refresh.
  advance(1s);
  EXPECT_EQ(memory().get("a", "k", {.refresh_ttl = Ttl(10s)}), std::nullopt);
}

TEST_P(SingleOperationConformance, UpdateReadsAndWritesInOneStep) {
  HOLDFAST_CLAUSE("4.6");
  const WriteResult created =
      memory().update("a", "k", [](const Record* current) -> std::optional<MemoryValue> {
        EXPECT_EQ(current, nullptr);
        return 1;
      });
  EXPECT_EQ(created.status, WriteStatus::created);
  memory().touch("a", "k", Ttl(1h));
  const WriteResult updated = memory().update("a", "k", [](const Record* current) {
    return std::optional<MemoryValue>(current->value.get<std::int64_t>() + 1);
  });
  EXPECT_EQ(updated.status, WriteStatus::updated);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(2));
  EXPECT_EQ(memory().get_entry("a", "k")->expires_at, clock().now() + 1h);
  const auto nothing = [](const Record*) { return std::optional<MemoryValue>(); };
  EXPECT_EQ(memory().update("a", "k", nothing).status, WriteStatus::erased);
  EXPECT_EQ(memory().update("a", "k", nothing).status, WriteStatus::absent);
}

TEST_P(SingleOperationConformance, UpdateGoesAgainWhenTheEntryChangedMeanwhile) {
  HOLDFAST_CLAUSE("4.6");
  memory().set("a", "k", 10);
  std::optional<Revision> seen;
  const auto result = memory().update("a", "k", [&](const Record* current) {
    if (!seen) {  // Somebody else writes while the first attempt thinks.
      std::thread([this] { memory().set("a", "k", 20); }).join();
    }
    seen = current->revision;
    return std::optional<MemoryValue>(current->value.get<std::int64_t>() + 1);
  });
  EXPECT_EQ(result.status, WriteStatus::updated);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(21));
}

TEST_P(SingleOperationConformance, AnUpdaterThatThrowsChangesNothing) {
  HOLDFAST_CLAUSE("4.6");
  memory().set("a", "k", 1);
  const std::vector<Entry> before = everything(memory());
  EXPECT_TRUE(throws(ErrorCode::cancelled, [&] {
    return memory().update("a", "k", [](const Record*) -> std::optional<MemoryValue> {
      throw Error(ErrorCode::cancelled, "not today");
    });
  }));
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(SingleOperationConformance, TtlAndKeepTtlTogetherAreRefused) {
  HOLDFAST_CLAUSE("4.1");
  const SetOptions both{.ttl = Ttl(1s), .keep_ttl = true};
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", 1, both); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return WriteBatch().set("a", "k", 1, both).size(); }));
  EXPECT_FALSE(memory().exists("a", "k"));
}

}  // namespace holdfast::conformance
