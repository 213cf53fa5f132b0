// Digests: equal for equal entries in the same order on every backend, and for nothing else.
#include "holdfast/digest.hpp"

#include <fstream>
#include <functional>
#include <iterator>

#include "holdfast/error.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

using std::chrono::milliseconds;

class DigestTest : public StorePairTest {
 protected:
  [[nodiscard]] std::string in_memory_after(const std::function<void(Memory&)>& write) const {
    Memory store = open_in_memory({.clock = clock_});
    write(store);
    return digest(store).text;
  }
  void expect_equal() { EXPECT_EQ(digest(left_), digest(right_)); }
  void expect_different() { EXPECT_NE(digest(left_).text, digest(right_).text); }
};

Record record_of(const MemoryValue& value, std::int64_t created_ms, std::int64_t updated_ms) {
  Record record;
  record.value = value;
  record.created_at = Timestamp(milliseconds(created_ms));
  record.updated_at = Timestamp(milliseconds(updated_ms));
  return record;
}

// Damages a file where it says `text`.
void turn_a_bit(const std::string& path, const std::string& text) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = bytes.find(text);
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(bytes[at] ^ 1));
}

// What docs/migration.md says, written to a file by hand and given to xxh128sum.
TEST(DigestBuilder, GivesWhatTheDefinitionSays) {
  DigestBuilder builder("tenants/7");
  EXPECT_EQ(builder.finish().text, "3247018cbd214ab68e7908348aabf707");
  builder.add({"tenants/7", "k"}, record_of(MemoryValue::parse(R"({"a":1})"), 1, 2));
  Record expiring = record_of("ü", 1'700'000'000'000, 1'700'000'000'001);
  expiring.expires_at = Timestamp(milliseconds(1'800'000'000'000));
  builder.add({"tenants/7/x%2Fy", ""}, expiring);
  EXPECT_EQ(builder.finish(), (Digest{"c7a1f2d1b5cdf46cd54c7589605fe67e", 2, 9 + 1 + 7 + 15 + 0 + 4}));
}

TEST(DigestBuilder, RefusesWhatDoesNotLieBelowItsBase) {
  DigestBuilder builder("a");
  EXPECT_THROW(builder.add({"ab", "k"}, Record{}), Error);
  EXPECT_THROW(builder.add({"", "k"}, Record{}), Error);
  EXPECT_EQ(builder.finish(), DigestBuilder("a").finish());
}

TEST(DigestBuilder, MayBeMovedAndGoneOnWithAfterFinish) {
  DigestBuilder one;
  one.add({"a", "k"}, Record{});
  const Digest after_one = one.finish();
  DigestBuilder other(std::move(one));
  EXPECT_EQ(other.finish(), after_one);
  other.add({"a", "l"}, Record{});
  EXPECT_NE(other.finish().text, after_one.text);
}

TEST_F(DigestTest, IsThatOfTheBuilderOverTheEntriesInOrderOfInsertion) {
  left_.set("b", "k", 1);
  tick();
  left_.set("a", "k", 2);
  DigestBuilder builder;
  builder.add({"b", "k"}, *left_.get_entry("b", "k"));
  builder.add({"a", "k"}, *left_.get_entry("a", "k"));
  EXPECT_EQ(digest(left_), builder.finish());
}

TEST_F(DigestTest, OfAnEmptyStoreIsTheSameEverywhere) {
  expect_equal();
  EXPECT_EQ(digest(left_), DigestBuilder().finish());
}

TEST_F(DigestTest, DoesNotDependOnRevisionsOrBackend) {
  right_.set("elsewhere", "gone", 1);  // Takes revisions.
  right_.erase("elsewhere", "gone");
  for (int i = 0; i < 3000; ++i) {
    set_in_both("users/" + std::to_string(i % 7), "k" + std::to_string(i),
                MemoryValue::parse(R"({"text":"ü\u0000","n":)" + std::to_string(i) + "}"));
    if (i % 100 == 0) tick();
  }
  set_in_both("", "", 1.5, milliseconds(1000));
  ASSERT_NE(left_.get_entry("", "")->revision, right_.get_entry("", "")->revision);
  expect_equal();
  const Digest of_right = digest(right_);
  EXPECT_EQ(of_right.entries, 3001U);
  EXPECT_EQ(of_right.bytes, right_.stats().bytes);
}

TEST_F(DigestTest, DoesNotDependOnTheOrderOfOverwriting) {
  for (const std::string key : {"k", "l"}) set_in_both("a", key, 1);
  left_.set("a", "k", 2);
  left_.set("a", "l", 2);
  right_.set("a", "l", 2);
  right_.set("a", "k", 2);
  expect_equal();
}

TEST_F(DigestTest, LeavesOutWhatHasExpired) {
  set_in_both("a", "k", 1);
  const Digest before = digest(left_);
  set_in_both("a", "short", 2, milliseconds(10));
  EXPECT_NE(digest(left_), before);
  clock_->advance(milliseconds(10));
  EXPECT_EQ(digest(left_), before);
  expect_equal();
}

TEST_F(DigestTest, TellsOneByteOfAValue) {
  left_.set("a", "k", "text");
  right_.set("a", "k", "texu");
  expect_different();
}

TEST_F(DigestTest, TellsKindsOfNumber) {
  left_.set("a", "k", 1);
  right_.set("a", "k", 1.0);
  expect_different();
}

TEST_F(DigestTest, TellsTheOrderOfInsertion) {
  left_.set("a", "k", 1);
  left_.set("a", "l", 1);
  right_.set("a", "l", 1);
  right_.set("a", "k", 1);
  expect_different();
}

TEST_F(DigestTest, TellsTheTimeOfCreation) {
  left_.set("a", "k", 1);
  tick();
  right_.set("a", "k", 1);
  left_.set("a", "k", 1);  // Both were updated now.
  expect_different();
}

TEST_F(DigestTest, TellsTheTimeOfTheLastWrite) {
  set_in_both("a", "k", 1);
  tick();
  right_.set("a", "k", 1);
  expect_different();
}

TEST_F(DigestTest, TellsDeadlines) {
  left_.set("a", "k", 1, {.ttl = Ttl(milliseconds(1000))});
  right_.set("a", "k", 1, {.ttl = Ttl(milliseconds(1001))});
  expect_different();
  right_.set("a", "k", 1);
  expect_different();
}

TEST_F(DigestTest, TellsWhereTheNamespaceEndsAndTheKeyBegins) {
  left_.set("a/b", "c", 1);
  right_.set("a", "b/c", 1);
  expect_different();
  EXPECT_NE(in_memory_after([](Memory& store) { store.set("a", "bc", 1); }),
            in_memory_after([](Memory& store) { store.set("ab", "c", 1); }));
  EXPECT_NE(in_memory_after([](Memory& store) { store.set("a", "b1", 1); }),
            in_memory_after([](Memory& store) { store.set("a", "b", 11); }));
}

TEST_F(DigestTest, TellsAMissingEntry) {
  for (const std::string key : {"k", "l", "m"}) set_in_both("a", key, 1);
  right_.erase("a", "l");
  expect_different();
}

TEST_F(DigestTest, OfARenamedSubtreeIsTheSame) {
  for (const std::string below : {"", "/x", "/x/y", "!"}) {
    left_.set("users/42" + below, "k" + below, 1);
    right_.set("moved" + below, "k" + below, 1);
  }
  const Digest of_left = digest(left_, {.scope = {"users/42", true}});
  const Digest of_right = digest(right_, {.scope = {"moved", true}});
  EXPECT_EQ(of_left.text, of_right.text);
  EXPECT_EQ(of_left.entries, 3U);  // "users/42!" lies beside it.
  EXPECT_EQ(of_left.bytes - of_right.bytes, 3 * (std::string("users/42").size() - 5));
}

TEST_F(DigestTest, OfASubtreeIsThatOfTheSameAtTheRoot) {
  for (const std::string ns : {"a", "a/b"}) right_.set("top/" + ns, "k", 1);
  for (const std::string ns : {"a", "a/b"}) left_.set(ns, "k", 1);
  EXPECT_EQ(digest(left_).text, digest(right_, {.scope = {"top", true}}).text);
}

TEST_F(DigestTest, OfOneNamespaceLeavesOutWhatLiesBelow) {
  left_.set("a", "k", 1);
  const Digest before = digest(left_, {.scope = {"a", false}});
  left_.set("a/b", "k", 1);
  EXPECT_EQ(digest(left_, {.scope = {"a", false}}), before);
  EXPECT_NE(digest(left_, {.scope = {"a", true}}), before);
}

TEST_F(DigestTest, OfWhatMatchesAFilterCountsRanksAmongThoseAlone) {
  left_.set("a", "other", 2);
  left_.set("a", "k", 1);
  right_.set("a", "k", 1);
  const DigestOptions ones{.filter = Filter::where("", Filter::Operator::eq, 1)};
  expect_different();
  EXPECT_EQ(digest(left_, ones), digest(right_, ones));
}

TEST_F(DigestTest, TellsADamagedByteInAFile) {
  set_in_both("a", "k", "a text in which a bit will turn round");
  expect_equal();
  right_.close();
  turn_a_bit(sqlite_options().path, "a bit will");
  right_ = open_sqlite(sqlite_options());
  expect_different();
}

TEST_F(DigestTest, IsRefusedForTheLibrarysOwnNamespace) {
  EXPECT_THROW((void)digest(left_, {.scope = {"$holdfast", true}}), Error);
}

}  // namespace
}  // namespace holdfast::migration_tests
