// Clauses 5.1 and 5.2: many entries in one call.
#include <limits>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(bulk)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(BulkReadConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(BatchConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(BatchAcrossNamespacesConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(BatchRefusalConformance);

TEST_P(BulkReadConformance, GetManyIsPositional) {
  HOLDFAST_CLAUSE("5.1");
  memory().set("a", "1", "one");
  memory().set("b", "2", "two");
  const std::vector<Address> addresses{
      {"b", "2"}, {"a", "absent"}, {"a", "1"}, {"b", "2"}, {"b", "1"}};
  const auto entries = memory().get_many(addresses);
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0], memory().get_entry("b", "2"));
  EXPECT_EQ(entries[1], std::nullopt);
  EXPECT_EQ(entries[2], memory().get_entry("a", "1"));
  EXPECT_EQ(entries[3], entries[0]);
  EXPECT_EQ(entries[4], std::nullopt);
}

TEST_P(BulkReadConformance, GetManyOfNothingIsNothing) {
  HOLDFAST_CLAUSE("5.1");
  EXPECT_TRUE(memory().get_many(std::vector<Address>{}).empty());
  EXPECT_TRUE(memory().get_many("a", std::vector<std::string>{}).empty());
}

TEST_P(BulkReadConformance, GetManyReadsThousandsAtOnce) {
  HOLDFAST_CLAUSE("5.1");
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    keys.push_back("key_" + std::to_string(i));
    if (i % 500 == 0) memory().set("a", keys.back(), i);
  }
  const auto entries = memory().get_many("a", keys);
  ASSERT_EQ(entries.size(), keys.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ(entries[i].has_value(), i % 500 == 0) << i;
    if (entries[i]) {
      EXPECT_EQ(entries[i]->value, MemoryValue(i));
    }
  }
}

TEST_P(BatchConformance, AnEmptyBatchIsAppliedAndChangesNothing) {
  HOLDFAST_CLAUSE("5.2");
  const BatchResult result = memory().write(WriteBatch());
  EXPECT_TRUE(result.applied);
  EXPECT_TRUE(result.results.empty());
}

TEST_P(BatchConformance, EachOperationGetsItsResultInOrder) {
  HOLDFAST_CLAUSE("5.2");
  memory().set("a", "there", 1);
  WriteBatch batch;
  batch.set("a", "new", "v").set("a", "there", 2, {.return_previous = true});
  batch.erase("a", "absent").increment("a", "count", 7).touch("a", "there", Ttl(1h));
  batch.touch("a", "absent", Ttl(1h)).check("a", "there", Precondition::if_present());
  batch.erase("a", "there", {.return_previous = true});
  const BatchResult result = memory().write(batch);
  ASSERT_TRUE(result.applied);
  ASSERT_EQ(result.results.size(), 8U);
  std::vector<WriteStatus> statuses;
  for (const WriteResult& each : result.results) statuses.push_back(each.status);
  EXPECT_EQ(statuses, (std::vector{WriteStatus::created, WriteStatus::updated, WriteStatus::absent,
                                   WriteStatus::created, WriteStatus::updated, WriteStatus::absent,
                                   WriteStatus::checked, WriteStatus::erased}));
  EXPECT_EQ(result.results[1].previous->value, MemoryValue(1));
  EXPECT_EQ(result.results[3].number, 7);
  EXPECT_EQ(result.results[6].revision, result.results[4].revision);
  EXPECT_EQ(result.results[7].previous->value, MemoryValue(2));
  EXPECT_EQ(result.results[7].previous->revision, result.results[4].revision);
}

TEST_P(BatchConformance, RevisionsRiseThroughABatch) {
  HOLDFAST_CLAUSE("3.1, 5.2");
  const Revision before = memory().set("a", "x", 0).revision;
  WriteBatch batch;
  for (int i = 0; i < 20; ++i) batch.set("a", std::to_string(19 - i), i);
  Revision last = before;
  for (const WriteResult& each : memory().write(batch).results) {
    EXPECT_GT(each.revision, last);
    last = each.revision;
  }
  EXPECT_GT(memory().set("a", "y", 0).revision, last);
  const auto inserted = all_pages(memory(), query_of(only("a"), OrderBy::created));
  EXPECT_EQ(inserted[1].key, "19");
  EXPECT_EQ(inserted[20].key, "0");
}

TEST_P(BatchConformance, LaterOperationsSeeEarlierOnes) {
  HOLDFAST_CLAUSE("5.2");
  WriteBatch batch;
  batch.set("a", "k", 1, on(Precondition::if_absent()));
  batch.set("a", "k", 2, on(Precondition::if_present())).increment("a", "k", 40);
  batch.check("a", "k", Precondition::if_present()).erase("a", "k");
  batch.check("a", "k", Precondition::if_absent());
  batch.set("a", "k", "last", on(Precondition::if_absent()));
  const BatchResult result = memory().write(batch);
  ASSERT_TRUE(result.applied);
  EXPECT_EQ(result.results[2].number, 42);
  EXPECT_EQ(result.results[4].status, WriteStatus::erased);
  EXPECT_EQ(result.results[6].status, WriteStatus::created);
  const Entry entry = *memory().get_entry("a", "k");
  EXPECT_EQ(entry.value, MemoryValue("last"));
  EXPECT_EQ(entry.created_revision, result.results[6].revision);
  EXPECT_EQ(entry.revision, result.results[6].revision);
  EXPECT_EQ(memory().count(only("a")), 1U);
}

TEST_P(BatchConformance, TheSameKeyManyTimesEndsAsWrittenLast) {
  HOLDFAST_CLAUSE("5.2");
  WriteBatch batch;
  for (int i = 0; i < 50; ++i) batch.set("a", "k", i).set("a", "other", i);
  const BatchResult result = memory().write(batch);
  EXPECT_EQ(result.results[0].status, WriteStatus::created);
  EXPECT_EQ(result.results[2].status, WriteStatus::updated);
  const Entry entry = *memory().get_entry("a", "k");
  EXPECT_EQ(entry.value, MemoryValue(49));
  EXPECT_EQ(entry.created_revision, result.results[0].revision);
  EXPECT_EQ(entry.revision, result.results[98].revision);
  EXPECT_EQ(memory().count(only("a")), 2U);
  EXPECT_EQ(memory().stats().entries, 2U);
}

TEST_P(BatchConformance, CreatedAndErasedInOneBatchLeavesNothing) {
  HOLDFAST_CLAUSE("5.2");
  memory().write(std::move(WriteBatch().set("a", "k", 1).erase("a", "k")));
  EXPECT_FALSE(memory().exists("a", "k"));
  EXPECT_EQ(memory().count(below({})), 0U);
  EXPECT_EQ(memory().stats().namespaces, 0U);
  EXPECT_TRUE(listed(memory()).empty());
}

TEST_P(BatchConformance, AnUnmetPreconditionAbortsTheWholeBatch) {
  HOLDFAST_CLAUSE("5.2");
  memory().set("a", "there", 1);
  const std::vector<Entry> before = everything(memory());
  WriteBatch batch;
  batch.set("a", "first", 1).erase("a", "there").increment("a", "n", 1);
  batch.set("a", "there", 2, on(Precondition::if_present())).set("a", "last", 1);
  const BatchResult result = memory().write(batch);
  EXPECT_FALSE(result.applied);
  EXPECT_EQ(result.failed, 3U);
  ASSERT_EQ(result.results.size(), 5U);
  EXPECT_EQ(result.results[3].status, WriteStatus::unmet);
  EXPECT_EQ(everything(memory()), before);
  EXPECT_EQ(memory().count(below({})), 1U);
  EXPECT_EQ(memory().stats().entries, 1U);
}

TEST_P(BatchConformance, AFailedCheckChangesNothing) {
  HOLDFAST_CLAUSE("5.2");
  const Revision revision = memory().set("a", "k", 1).revision;
  const std::vector<Entry> before = everything(memory());
  WriteBatch batch;
  batch.set("a", "new", 1).check("a", "k", Precondition::if_revision(revision + 1000));
  const BatchResult result = memory().write(batch);
  EXPECT_EQ(result.failed, 1U);
  EXPECT_EQ(result.results[1].revision, revision);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(BatchConformance, SkippingLeavesOutWhatIsUnmetAlone) {
  HOLDFAST_CLAUSE("5.2");
  memory().set("a", "there", 1);
  WriteBatch batch;
  batch.set("a", "there", 2, on(Precondition::if_absent()), OnUnmet::skip);
  batch.set("a", "new", 3, on(Precondition::if_absent()), OnUnmet::skip);
  batch.erase("a", "absent", erase_on(Precondition::if_present()), OnUnmet::skip);
  batch.set("a", "new", 4, on(Precondition::if_absent()), OnUnmet::skip);
  const BatchResult result = memory().write(batch);
  EXPECT_TRUE(result.applied);
  EXPECT_EQ(result.failed, std::nullopt);
  EXPECT_EQ(result.results[0].status, WriteStatus::unmet);
  EXPECT_EQ(result.results[1].status, WriteStatus::created);
  EXPECT_EQ(result.results[2].status, WriteStatus::unmet);
  EXPECT_EQ(result.results[3].status, WriteStatus::unmet);
  EXPECT_EQ(result.results[3].revision, result.results[1].revision);
  EXPECT_EQ(memory().get("a", "there"), MemoryValue(1));
  EXPECT_EQ(memory().get("a", "new"), MemoryValue(3));
}

TEST_P(BatchConformance, AnIncrementThatCannotBeFailsTheWholeBatch) {
  HOLDFAST_CLAUSE("5.2");
  memory().set("a", "text", "x");
  memory().set("a", "max", std::numeric_limits<std::int64_t>::max());
  const std::vector<Entry> before = everything(memory());
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
    return memory().write(std::move(WriteBatch().set("a", "new", 1).increment("a", "text", 1)));
  }));
  EXPECT_TRUE(throws(ErrorCode::out_of_range, [&] {
    return memory().write(std::move(WriteBatch().erase("a", "text").increment("a", "max", 1)));
  }));
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(BatchConformance, ABatchUsesOneInstant) {
  HOLDFAST_CLAUSE("5.2, 6.2");
  WriteBatch batch;
  for (int i = 0; i < 30; ++i) batch.set("a", std::to_string(i), i, with_ttl(5s));
  memory().write(batch);
  for (const Entry& entry : everything(memory())) {
    EXPECT_EQ(entry.created_at, clock().now());
    EXPECT_EQ(entry.expires_at, clock().now() + 5s);
  }
}

TEST_P(BatchConformance, SetManyAndEraseManyAreOneBatchEach) {
  HOLDFAST_CLAUSE("5.2");
  const std::vector<std::pair<std::string, MemoryValue>> pairs{{"1", "a"}, {"2", "b"}, {"3", 1.5}};
  memory().set_many("a", pairs, with_ttl(1h));
  EXPECT_EQ(memory().get("a", "3"), MemoryValue(1.5));
  EXPECT_EQ(memory().get_entry("a", "1")->expires_at, clock().now() + 1h);
  const std::vector<std::string> keys{"1", "absent", "3", "1"};
  EXPECT_EQ(memory().erase_many("a", keys), 2U);
  EXPECT_EQ(keys_of(everything(memory())), std::vector<std::string>{"2"});
}

TEST_P(BatchConformance, LimitsOfABatchAreCheckedBeforeAnythingIsWritten) {
  HOLDFAST_CLAUSE("5.2, 14");
  const Capabilities& limits = memory().capabilities();
  ASSERT_GE(limits.max_batch_ops, 1000U) << "a batch of a thousand operations is little to ask";
  WriteBatch batch;
  for (std::size_t i = 0; i <= limits.max_batch_ops; ++i) batch.increment("a", "n", 1);
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().write(batch); }));
  const std::vector<Address> addresses(limits.max_batch_ops + 1, Address{"a", "n"});
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().get_many(addresses); }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(BatchAcrossNamespacesConformance, IsAppliedAsAWhole) {
  HOLDFAST_CLAUSE("5.2");
  WriteBatch batch;
  batch.set("a", "k", 1).set("b/c", "k", 2).set({}, "k", 3).increment("d", "n", 4);
  EXPECT_TRUE(memory().write(batch).applied);
  EXPECT_EQ(places_of(everything(memory())),
            (std::vector<std::string>{":k", "a:k", "b/c:k", "d:n"}));
}

TEST_P(BatchAcrossNamespacesConformance, IsRefusedAsAWhole) {
  HOLDFAST_CLAUSE("5.2");
  memory().set("b", "k", 1);
  const std::vector<Entry> before = everything(memory());
  WriteBatch batch;
  batch.set("a", "k", 1).erase("b", "k").check("c", "k", Precondition::if_present());
  EXPECT_FALSE(memory().write(batch).applied);
  EXPECT_EQ(everything(memory()), before);
  EXPECT_EQ(listed(memory()), std::vector<std::string>{"b"});
}

TEST_P(BatchRefusalConformance, WhatReachesFurtherThanTheAtomicScopeIsUnsupported) {
  HOLDFAST_CLAUSE("5.2, 14");
  WriteBatch across;
  across.set("a", "k", 1).set("b", "k", 1);
  EXPECT_TRUE(throws(ErrorCode::unsupported, [&] { return memory().write(across); }));
  if (GetParam().capabilities.atomic_scope == AtomicScope::entry) {
    WriteBatch within;
    within.set("a", "k", 1).set("a", "l", 1);
    EXPECT_TRUE(throws(ErrorCode::unsupported, [&] { return memory().write(within); }));
    EXPECT_TRUE(throws(ErrorCode::unsupported, [&] {
      memory().transaction([](Transaction&) {});
      return 0;
    }));
  }
  EXPECT_EQ(memory().count(below({})), 0U);
}

}  // namespace holdfast::conformance
