// Sets without conditions, which have statements of their own: one, many, and many that are new.
#include <chrono>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::milliseconds;

class Sets : public StoreTest {
 protected:
  Sets() : schema_(new_schema()), memory_(open(schema_)) {
    memory_.set("first", "key", 1);  // Before it, a store might still be restored.
  }
  ~Sets() override { expect_exact_tallies(); }

  static std::string key(int number) {
    const std::string digits = std::to_string(number);
    return "key" + std::string(6 - digits.size(), '0') + digits;
  }
  static Namespace ns_of(int number) { return Namespace("ns") / std::to_string(number % 7); }
  // What is written as `version` of each.
  static WriteBatch batch(const std::vector<int>& numbers, int version) {
    WriteBatch made;
    for (const int number : numbers) made.set(ns_of(number), key(number), version * 1000);
    return made;
  }
  static std::vector<int> numbers(int first, int count) {
    std::vector<int> made;
    // In another order than that of the keys.
    for (int i = 0; i < count; ++i) made.push_back(first + (i * 11) % count);
    return made;
  }
  // Writes, and compares what came back with what lies there.
  void expect_written(const std::vector<int>& numbers, int version, int first_new) {
    const BatchResult result = memory_.write(batch(numbers, version));
    ASSERT_TRUE(result.applied);
    Revision last = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const WriteResult& written = result.results[i];
      const bool is_new = numbers[i] >= first_new;
      EXPECT_EQ(written.status, is_new ? WriteStatus::created : WriteStatus::updated) << numbers[i];
      EXPECT_GT(written.revision, last);
      last = written.revision;
      const auto entry = memory_.get_entry(ns_of(numbers[i]), key(numbers[i]));
      ASSERT_TRUE(entry.has_value()) << numbers[i];
      EXPECT_EQ(entry->value, MemoryValue(version * 1000));
      EXPECT_EQ(entry->revision, written.revision);
      EXPECT_EQ(entry->created_revision == entry->revision, is_new);
    }
  }
  void expect_exact_tallies() const {
    EXPECT_EQ(
        Sql().run(in_schema(
            "SELECT count(*) FROM (SELECT namespace, count(*) AS n, sum(size) AS s FROM"
            " @schema@.entry GROUP BY 1) e FULL JOIN (SELECT namespace, sum(entries) AS n,"
            " sum(bytes) AS s FROM @schema@.tally GROUP BY 1) t USING (namespace)"
            " WHERE (coalesce(e.n, 0), coalesce(e.s, 0)) <> (coalesce(t.n, 0), coalesce(t.s, 0))",
            schema_)),
        "0");
    EXPECT_EQ(Sql().run(in_schema("SELECT count(*) FROM @schema@.entry WHERE size <>"
                                  " octet_length(namespace) + octet_length(key) +"
                                  " octet_length(value)",
                                  schema_)),
              "0");
  }

  std::string schema_;
  Memory memory_;
};

TEST_F(Sets, OfOneCreateAndUpdate) {
  const WriteResult created = memory_.set("ns", "key", "a");
  EXPECT_EQ(created.status, WriteStatus::created);
  const WriteResult updated = memory_.set("ns", "key", "longer than that");
  EXPECT_EQ(updated.status, WriteStatus::updated);
  EXPECT_GT(updated.revision, created.revision);
  const auto entry = memory_.get_entry("ns", "key");
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->created_revision, created.revision);
  EXPECT_EQ(entry->revision, updated.revision);
  EXPECT_FALSE(entry->expires_at.has_value());
  memory_.set("ns", "key", "b", {.ttl = std::chrono::hours(1)});
  EXPECT_TRUE(memory_.get_entry("ns", "key")->expires_at.has_value());
  memory_.set("ns", "key", "c");
  EXPECT_FALSE(memory_.get_entry("ns", "key")->expires_at.has_value());
}

TEST_F(Sets, OfManyCreateAndUpdateInOneBatch) {
  expect_written(numbers(0, 20), 1, 0);
  expect_written(numbers(0, 50), 2, 20);
  expect_written(numbers(0, 50), 3, 50);
  EXPECT_EQ(memory_.count(Scope{"ns", true}), 50U);
}

TEST_F(Sets, OfManyThatAreNewAreCopied) {
  // Once some batches of them have come.
  for (int i = 0; i < 3; ++i) expect_written(numbers(i * 500, 500), 1, 0);
  expect_written(numbers(1500, 1000), 1, 0);
  EXPECT_EQ(memory_.count(Scope{"ns", true}), 2500U);
  // One of them is there.
  const std::vector<int> chosen = numbers(2999, 1501);
  memory_.set(ns_of(3500), key(3500), 1);
  const BatchResult result = memory_.write(batch(chosen, 2));
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    EXPECT_EQ(result.results[i].status,
              chosen[i] == 3500 ? WriteStatus::updated : WriteStatus::created);
  }
  EXPECT_EQ(memory_.count(Scope{"ns", true}), 4001U);
}

TEST_F(Sets, TakeTheTimesToLiveOfEach) {
  for (const int count : {2, 40, 400}) {
    WriteBatch made;
    const Namespace ns("timed/" + std::to_string(count));
    for (int i = 0; i < count; ++i) {
      if (i % 2 == 0) {
        made.set(ns, key(i), i, {.ttl = std::chrono::hours(i + 1)});
      } else {
        made.set(ns, key(i), i);
      }
    }
    memory_.write(made);
    for (int i = 0; i < count; ++i) {
      const auto entry = memory_.get_entry(ns, key(i));
      ASSERT_TRUE(entry.has_value());
      ASSERT_EQ(entry->expires_at.has_value(), i % 2 == 0) << i;
      if (i % 2 != 0) continue;
      EXPECT_EQ(*entry->expires_at - entry->updated_at, std::chrono::hours(i + 1));
    }
  }
}

TEST_F(Sets, OverExpiredEntriesMakeNewOnes) {
  for (const int count : {1, 30, 500}) {
    WriteBatch passing;
    const Namespace ns("passing/" + std::to_string(count));
    for (int i = 0; i < count; ++i) passing.set(ns, key(i), "old", {.ttl = milliseconds(1)});
    memory_.write(passing);
    while (memory_.count(Scope(ns)) > 0) std::this_thread::yield();
    WriteBatch made;
    for (int i = 0; i < count; ++i) made.set(ns, key(i), i);
    for (const WriteResult& result : memory_.write(made).results) {
      EXPECT_EQ(result.status, WriteStatus::created);
    }
    EXPECT_EQ(memory_.count(Scope(ns)), static_cast<std::uint64_t>(count));
    const auto entry = memory_.get_entry(ns, key(0));
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->created_at, entry->updated_at);
    EXPECT_EQ(entry->created_revision, entry->revision);
  }
}

// Each thread writes the same addresses in an order of its own, one by one, in batches, and new.
TEST_F(Sets, ConcurrentOnesOfTheSameAddressesLoseNothing) {
  constexpr int threads = 4;
  // Two batches that make the same entries can wait for each other until the server ends one of
  // them, after a second (its deadlock_timeout): a few in a row use up what retries have by
  // default.
  PostgresqlOptions options = options_for(schema_);
  options.retry_for = std::chrono::minutes(2);
  Memory patient = open_postgresql(options);
  run_threads(threads, [&](int thread) {
    for (int round = 0; round < 8; ++round) {
      std::vector<int> chosen = numbers(round * 200, 350);
      if (thread % 2 == 1) std::reverse(chosen.begin(), chosen.end());
      patient.write(batch(chosen, thread));
      for (int i = 0; i < 20; ++i) patient.set(ns_of(i), key(i), thread * 1'000'000);
      patient.erase(ns_of(round), key(round));
    }
  });
  for (int i = 0; i < 8; ++i) memory_.set(ns_of(i), key(i), 1);
  EXPECT_EQ(memory_.count(Scope{"ns", true}), 1750U);
}

TEST_F(Sets, AreRefusedWhereTheValueIsTooLong) {
  PostgresqlOptions options = options_for(schema_);
  options.max_value_bytes = 10;
  Memory small = open_postgresql(options);
  EXPECT_EQ(code_thrown_by([&] { small.set("ns", "key", "eleven bytes"); }),
            ErrorCode::resource_exhausted);
  WriteBatch made;
  made.set("ns", "a", 1).set("ns", "b", "eleven bytes");
  EXPECT_EQ(code_thrown_by([&] { small.write(made); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(small.count(Scope{"ns", true}), 0U);
}

}  // namespace
}  // namespace holdfast::postgresql
