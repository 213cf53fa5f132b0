// Comparing two stores: each kind of difference, the order they come in, and how it ends.
#include "holdfast/diff.hpp"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

// "kind left-namespace:left-key right-namespace:right-key".
std::string shown(const Difference& difference) {
  const auto address = [](const std::optional<Entry>& entry) {
    return entry ? " " + std::string(entry->ns.text()) + ":" + entry->key : std::string(" -");
  };
  return std::string(to_string(difference.kind)) + address(difference.left) +
         address(difference.right);
}

class DiffTest : public StorePairTest {
 protected:
  std::vector<std::string> differences(const DiffOptions& options = {}) {
    std::vector<std::string> found;
    summary_ = diff(left_, right_, options, [&](const Difference& difference) {
      found.push_back(shown(difference));
      last_ = difference;
      return true;
    });
    EXPECT_EQ(summary_.same(), found.empty());
    return found;
  }

  // More than a scan can have fetched ahead: it is still under way while they are read.
  static constexpr std::uint64_t many = 6000;
  static void set_many(Memory& store, const Namespace& ns) {
    for (std::uint64_t done = 0; done < many;) {
      WriteBatch batch;
      for (; batch.size() < 500; ++done) batch.set(ns, "k" + std::to_string(done), done);
      store.write(batch);
    }
  }

  DiffSummary summary_;
  Difference last_;
};

TEST_F(DiffTest, EmptyStoresAreTheSame) {
  EXPECT_THAT(differences(), ElementsAre());
  EXPECT_EQ(summary_.equal, 0U);
}

TEST_F(DiffTest, EqualEntriesWithOtherRevisionsAreTheSame) {
  right_.set("elsewhere", "gone", 1);
  right_.erase("elsewhere", "gone");
  for (int i = 0; i < 2500; ++i) set_in_both("a/" + std::to_string(i % 3), std::to_string(i), i);
  set_in_both("", "", "root", milliseconds(1000));
  EXPECT_THAT(differences(), ElementsAre());
  EXPECT_EQ(summary_.equal, 2501U);
  EXPECT_TRUE(summary_.same_order);
}

TEST_F(DiffTest, FindsWhatOnlyOneSideHas) {
  set_in_both("a", "both", 1);
  left_.set("a", "l", 1);
  right_.set("a", "r", 1);
  EXPECT_THAT(differences(), ElementsAre("only_left a:l -", "only_right - a:r"));
  EXPECT_EQ(summary_.only_left, 1U);
  EXPECT_EQ(summary_.only_right, 1U);
  EXPECT_EQ(summary_.equal, 1U);
  left_.clear({"a"});
  EXPECT_THAT(differences(), ElementsAre("only_right - a:both", "only_right - a:r"));
  right_.clear({"a"});
  left_.set("", "", 1);
  EXPECT_THAT(differences(), ElementsAre("only_left : -"));
}

TEST_F(DiffTest, FindsOtherValuesDeadlinesAndTimes) {
  left_.set("a", "kind", 1);
  right_.set("a", "kind", 1.0);
  left_.set("a", "later", 1, {.ttl = Ttl(milliseconds(1000))});
  right_.set("a", "later", 1, {.ttl = Ttl(milliseconds(1001))});
  left_.set("a", "never", 1, {.ttl = Ttl(milliseconds(1000))});
  right_.set("a", "never", 1);
  set_in_both("a", "updated", 1);
  left_.set("a", "created", 1);
  tick();
  right_.set("a", "created", 1);
  for (const std::string key : {"created", "updated"}) left_.set("a", key, 1);
  EXPECT_THAT(differences(), ElementsAre("times a:created a:created", "value a:kind a:kind",
                                         "deadline a:later a:later", "deadline a:never a:never",
                                         "times a:updated a:updated"));
  EXPECT_EQ(summary_.different, 5U);
  EXPECT_EQ(summary_.equal, 0U);
}

TEST_F(DiffTest, NamesTheFirstKindOfSeveral) {
  left_.set("a", "value", 1, {.ttl = Ttl(milliseconds(1000))});
  left_.set("a", "deadline", 1, {.ttl = Ttl(milliseconds(1000))});
  tick();
  right_.set("a", "value", 2);
  right_.set("a", "deadline", 1);
  EXPECT_THAT(differences(),
              ElementsAre("deadline a:deadline a:deadline", "value a:value a:value"));
  EXPECT_EQ(last_.left, left_.get_entry("a", "value"));
  EXPECT_EQ(last_.right, right_.get_entry("a", "value"));
}

TEST_F(DiffTest, FindsTheFirstPlaceWhereTheOrderOfInsertionIsAnother) {
  for (const std::string key : {"k", "l", "m", "n"}) left_.set("a", key, 1);
  for (const std::string key : {"k", "m", "l", "n"}) right_.set("a", key, 1);
  EXPECT_THAT(differences(), ElementsAre("order a:l a:m"));
  EXPECT_FALSE(summary_.same_order);
  EXPECT_EQ(summary_.equal, 4U);
  EXPECT_TRUE(last_.left->value.is_null());
}

TEST_F(DiffTest, LooksAtTheOrderOnlyWhereNothingElseDiffers) {
  for (const std::string key : {"k", "l"}) left_.set("a", key, 1);
  for (const std::string key : {"l", "k", "m"}) right_.set("a", key, 1);
  EXPECT_THAT(differences(), ElementsAre("only_right - a:m"));
  EXPECT_TRUE(summary_.same_order);
}

TEST_F(DiffTest, GoesInOrderOfNamespaceAndKey) {
  for (const std::string ns : {"a/b", "a", "a-b", "", "a!", "b"}) {
    left_.set(ns, "l", 1);
    right_.set(ns, "r", 1);
  }
  EXPECT_THAT(differences(),
              ElementsAre("only_left :l -", "only_right - :r", "only_left a:l -",
                          "only_right - a:r", "only_left a!:l -", "only_right - a!:r",
                          "only_left a-b:l -", "only_right - a-b:r", "only_left a/b:l -",
                          "only_right - a/b:r", "only_left b:l -", "only_right - b:r"));
}

TEST_F(DiffTest, SeesNothingOutsideItsScope) {
  set_in_both("a", "k", 1);
  left_.set("ab", "k", 1);
  right_.set("a/b", "k", 1);
  EXPECT_THAT(differences({.scope = {"a", false}}), ElementsAre());
  EXPECT_THAT(differences({.scope = {"a", true}}), ElementsAre("only_right - a/b:k"));
}

TEST_F(DiffTest, ComparesASubtreeWithOneOfAnotherName) {
  for (const std::string below : {"", "/x", "/x!", "/x/y"}) {
    left_.set("from" + below, "k", 1);
    right_.set("deep/to" + below, "k", 1);
  }
  const DiffOptions moved{.scope = {"from", true}, .right_ns = "deep/to"};
  EXPECT_THAT(differences(moved), ElementsAre());
  EXPECT_EQ(summary_.equal, 4U);
  right_.set("deep/to/x", "k", 2);
  right_.erase("deep/to", "k");
  EXPECT_THAT(differences(moved), ElementsAre("only_left from:k -", "value from/x:k deep/to/x:k"));
}

TEST_F(DiffTest, ComparesASubtreeWithARoot) {
  for (const std::string ns : {"a", "a!", "a/b"}) {
    left_.set(ns, "k", 1);
    right_.set(Namespace("top/" + ns), "k", 1);
  }
  EXPECT_THAT(differences({.right_ns = "top"}), ElementsAre());
  EXPECT_EQ(summary_.equal, 3U);
  std::swap(left_, right_);
  EXPECT_THAT(differences({.scope = {"top", true}, .right_ns = Namespace()}), ElementsAre());
  EXPECT_EQ(summary_.equal, 3U);
}

TEST_F(DiffTest, AppliesTheFilterToBothSides) {
  left_.set("a", "k", 1);
  left_.set("a", "l", 2);
  right_.set("a", "k", 1);
  right_.set("a", "m", 3);
  EXPECT_THAT(differences({.filter = Filter::where("", Filter::Operator::lt, 2)}), ElementsAre());
  EXPECT_EQ(summary_.equal, 1U);
}

TEST_F(DiffTest, BothSidesSeeTheInstantOfTheLaterClock) {
  set_in_both("a", "k", 1, milliseconds(10));
  const auto later = std::make_shared<ManualClock>(clock_->now() + milliseconds(10));
  SqliteOptions options = sqlite_options();
  options.clock = later;
  right_.close();
  right_ = open_sqlite(options);
  EXPECT_THAT(differences(), ElementsAre());
  EXPECT_EQ(summary_.equal, 0U);
  const DiffSummary earlier = diff(left_, right_, {}, {}, {.instant = clock_->now()});
  EXPECT_TRUE(earlier.same());
  EXPECT_EQ(earlier.equal, 1U);
}

TEST_F(DiffTest, EndsWhereItsSinkSaysSo) {
  set_many(left_, "a");
  int seen = 0;
  const DiffSummary summary =
      diff(left_, right_, {}, [&](const Difference&) { return ++seen < 3; });
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(summary.only_left, 3U);
}

TEST_F(DiffTest, AnExceptionOfTheSinkEndsItAndGoesOnToTheCaller) {
  set_many(left_, "a");
  const auto throwing = [](const Difference&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW(diff(left_, right_, {}, throwing), std::runtime_error);
  left_.set("a", "k", 1);  // No scan holds the store.
}

TEST_F(DiffTest, ErrorsOfEitherStoreReachTheCaller) {
  right_.close();
  EXPECT_THROW((void)differences(), Error);
  EXPECT_THROW((void)diff(right_, left_, {}, {}), Error);
  EXPECT_THROW((void)differences({.scope = {"$holdfast", true}}), Error);
}

TEST_F(DiffTest, TwoSubtreesOfOneStoreAreCompared) {
  right_.close();
  SqliteOptions options = sqlite_options();
  options.readers = 1;
  options.busy_timeout = milliseconds(100);
  right_ = open_sqlite(options);
  for (Memory* store : {&left_, &right_}) {
    set_many(*store, "a/x");
    set_many(*store, "b/x");
    store->set("b", "more", 1);
    std::vector<std::string> found;
    const DiffSummary summary = diff(*store, *store, {.scope = {"a", true}, .right_ns = "b"},
                                     [&](const Difference& difference) {
                                       found.push_back(shown(difference));
                                       return true;
                                     });
    EXPECT_EQ(summary.equal, many);
    EXPECT_THAT(found, ElementsAre("only_right - b:more"));
  }
}

// A store in memory lets a waiting writer go before new readers.
TEST_F(DiffTest, ConcurrentWritersOfTheOneStoreComparedHoldNothingUp) {
  set_many(left_, "a");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; !done; ++i) left_.set("a", "k0", i);
  });
  for (int i = 0; i < 5; ++i) {
    const DiffSummary summary =
        diff(left_, left_, {.scope = {"a", true}, .right_ns = Namespace()}, {});
    EXPECT_EQ(summary.only_left, many);
  }
  done = true;
  writer.join();
}

TEST_F(DiffTest, ConcurrentWritersOfBothStoresHoldNothingUp) {
  for (Memory* store : {&left_, &right_}) set_many(*store, "a");
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (Memory* store : {&left_, &right_}) {
    writers.emplace_back([&, store] {
      for (int i = 0; !done; ++i) store->set("b/" + std::to_string(i % 10), "k", i);
    });
  }
  for (int i = 0; i < 5; ++i) EXPECT_GE(diff(left_, right_, {}, {}).equal, many);
  done = true;
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace holdfast::migration_tests
