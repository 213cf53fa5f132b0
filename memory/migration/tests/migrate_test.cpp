// Moving between a store in memory and one in a file.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "holdfast/diff.hpp"
#include "holdfast/digest.hpp"
#include "holdfast/migration.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> in_order(Memory& memory, OrderBy order, const Namespace& ns = {}) {
  std::vector<std::string> keys;
  MemoryQuery query{.scope = {ns, true}, .order = order};
  memory.scan(query, [&](const ScanRow& row) {
    keys.push_back(std::string(row.address.ns) + "|" + std::string(row.address.key));
    return true;
  });
  return keys;
}

std::vector<Entry> entries_of(Memory& memory) {
  return memory.query({.scope = {Namespace(), true}, .limit = 10'000}).entries;
}

class MigrateTest : public StorePairTest {
 protected:
  // Entries of every kind, in an order of creation and of update that differ from that by key.
  void fill(Memory& memory, int entries = 200) {
    for (int i = 0; i < entries; ++i) {
      const Namespace ns(i % 3 == 0 ? "users/a" : i % 3 == 1 ? "users/b/chat" : "other");
      const std::string key = std::to_string((i * 37) % 101);
      const MemoryValue value = i % 4 == 0   ? MemoryValue(i)
                                : i % 4 == 1 ? MemoryValue(double(i))
                                : i % 4 == 2 ? MemoryValue::map({{"i", i}, {"t", "x\"y"}})
                                             : MemoryValue(std::string(2000, 'v'));
      SetOptions options;
      if (i % 5 == 0) options.ttl = Ttl(1h);
      memory.set(ns, key, value, options);
      if (i % 7 == 0) memory.erase(ns, std::to_string((i * 37 - 37) % 101));
      tick();
    }
  }
};

}  // namespace

TEST_F(MigrateTest, AnEmptyDestinationBecomesTheSameWithItsRevisions) {
  fill(left_);
  const MigrationResult result = migrate(left_, right_);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.revisions, RestoreRevisions::keep);
  EXPECT_EQ(entries_of(right_), entries_of(left_));
  EXPECT_EQ(result.copied, left_.count(Scope{Namespace(), true}));
  EXPECT_EQ(result.source_digest, digest(left_));
  EXPECT_EQ(result.destination_digest, digest(right_));
  EXPECT_FALSE(result.resumed);
  EXPECT_GT(right_.set("new", "k", 1).revision, left_.stats().last_revision);
}

TEST_F(MigrateTest, AStoreInUseTakesBothOrdersOver) {
  fill(left_);
  right_.set("there", "already", 1);
  const MigrationResult result = migrate(left_, right_, {.batch_entries = 10});
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(result.revisions, RestoreRevisions::assign);
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(in_order(right_, order, "users"), in_order(left_, order, "users"));
    EXPECT_EQ(in_order(right_, order, "other"), in_order(left_, order, "other"));
  }
  EXPECT_EQ(right_.get("there", "already"), MemoryValue(1));
}

TEST_F(MigrateTest, TheSameCallCatchesUp) {
  fill(left_);
  static_cast<void>(migrate(left_, right_));
  left_.set("users/a", "0", "changed");
  left_.erase("users/b/chat", "74");
  left_.set("users/a", "later", 1);
  const MigrationResult result = migrate(left_, right_);
  EXPECT_TRUE(result.resumed);
  EXPECT_TRUE(result.verified);
  EXPECT_EQ(entries_of(right_), entries_of(left_));
}

TEST_F(MigrateTest, TheSameCallCatchesUpInAStoreInUse) {
  fill(left_);
  right_.set("there", "already", 1);
  static_cast<void>(migrate(left_, right_, {.batch_entries = 7}));
  left_.set("users/a", "0", "changed");
  left_.erase("users/b/chat", "74");
  left_.set("users/a", "later", 1);
  fill(left_, 50);
  const MigrationResult result = migrate(left_, right_, {.batch_entries = 7});
  EXPECT_TRUE(result.verified);
  right_.erase("there", "already");
  EXPECT_EQ(digest(right_), digest(left_));
  EXPECT_EQ(in_order(right_, OrderBy::updated), in_order(left_, OrderBy::updated));
}

}  // namespace holdfast::migration_tests
