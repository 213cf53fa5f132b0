// Clauses 10 and 12.2: what outlives a handle, a process, and what processes share.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <set>

#include "expectations.hpp"
#include "processes.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(durability)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(DurabilityConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ReadOnlyConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(SharedStoreConformance);

TEST_P(DurabilityConformance, EverythingComesBackAsItWas) {
  HOLDFAST_CLAUSE("10.1");
  const StoreRequest place = request();
  std::vector<Entry> before;
  {
    Memory store = open(place);
    for (int i = 0; i < 40; ++i) {
      store.set(i % 2 == 0 ? "a" : "a/b", std::to_string(i), MemoryValue::map({{"i", i}}),
                i % 3 == 0 ? with_ttl(1h) : SetOptions{});
      advance(1ms);
    }
    store.set("a", "0", "again", {.keep_ttl = true});
    store.set("large", "k", std::string(300'000, 'x'));
    store.erase("a", "2");
    before = everything(store);
    store.close();
  }
  Memory store = open(place);
  EXPECT_EQ(everything(store), before);
  EXPECT_EQ(listed(store), (std::vector<std::string>{"a", "a/b", "large"}));
  EXPECT_EQ(store.stats().entries, before.size());
  EXPECT_EQ(all_pages(store, query_of(below({}), OrderBy::created)).size(), before.size());
}

TEST_P(DurabilityConformance, RevisionsGoOnAfterEveryOneEverGiven) {
  HOLDFAST_CLAUSE("3.1, 10.1");
  const StoreRequest place = request();
  Revision last = 0;
  for (int round = 0; round < 4; ++round) {
    Memory store = open(place);
    const Revision set = store.set("a", "k", round).revision;
    EXPECT_GT(set, last);
    const Revision other = store.set("a", "other", round).revision;
    last = store.erase("a", "other").revision;  // The greatest one lies in no entry.
    EXPECT_GT(last, other);
    if (round == 2) store.clear(below({}));
  }
  Memory store = open(place);
  EXPECT_GE(store.stats().last_revision, last);
  EXPECT_GT(store.set("b", "k", 1).revision, last);
}

TEST_P(DurabilityConformance, DeadlinesGoOnWhileTheStoreIsClosed) {
  HOLDFAST_CLAUSE("6.1, 10.1");
  const StoreRequest place = request();
  {
    Memory store = open(place);
    store.set("a", "short", 1, with_ttl(10s));
    store.set("a", "long", 1, with_ttl(1h));
  }
  advance(10s);
  Memory store = open(place);
  EXPECT_EQ(keys_of(everything(store)), std::vector<std::string>{"long"});
  EXPECT_EQ(store.stats().entries, 1U);
  EXPECT_EQ(store.set("a", "short", 2).status, WriteStatus::created);
}

TEST_P(DurabilityConformance, CountersStartAnewWithEachHandle) {
  HOLDFAST_CLAUSE("9.3");
  const StoreRequest place = request();
  {
    Memory store = open(place);
    store.set("a", "k", 1);
    EXPECT_EQ(store.stats().counters.writes, 1U);
  }
  Memory store = open(place);
  EXPECT_EQ(store.stats().counters.writes, 0U);
  EXPECT_TRUE(store.get("a", "k").has_value());
}

TEST_P(DurabilityConformance, AcknowledgedWritesSurviveTheDeathOfTheProcess) {
  HOLDFAST_CLAUSE("10.1");
  const StoreRequest place = request();
  int acknowledged[2];
  ASSERT_EQ(pipe(acknowledged), 0);
  const pid_t child = in_process([&] {
    Memory store = open(place);
    for (int i = 0; i < 200; ++i) {
      WriteBatch batch;
      batch.set("a", std::to_string(i), i).increment("a", "count", 1);
      store.write(batch);
      static_cast<void>(!write(acknowledged[1], ".", 1));
    }
    store.erase("a", "0");
    static_cast<void>(!write(acknowledged[1], ".", 1));
    raise(SIGKILL);
  });
  ::close(acknowledged[1]);
  const int status = status_of(child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  int heard = 0;
  for (char byte = 0; read(acknowledged[0], &byte, 1) == 1;) ++heard;
  ::close(acknowledged[0]);
  ASSERT_EQ(heard, 201);
  Memory store = open(place);
  EXPECT_EQ(store.get("a", "count"), MemoryValue(200));
  EXPECT_FALSE(store.exists("a", "0"));
  EXPECT_EQ(store.count(only("a")), 200U);
  EXPECT_EQ(store.stats().entries, 200U);
}

TEST_P(ReadOnlyConformance, ReadsEverythingAndRefusesEveryWrite) {
  HOLDFAST_CLAUSE("11.1, 14");
  StoreRequest place = request();
  std::vector<Entry> before;
  {
    Memory store = open(place);
    store.set("a", "k", 1, with_ttl(1h));
    store.set("a/b", "k", "v");
    before = everything(store);
  }
  place.read_only = true;
  Memory store = open(place);
  EXPECT_TRUE(store.capabilities().read_only);
  const auto is_denied = [](auto&& call) { return throws(ErrorCode::permission_denied, call); };
  EXPECT_TRUE(is_denied([&] { return store.set("a", "new", 1); }));
  EXPECT_TRUE(is_denied([&] { return store.set("a", "k", 2); }));
  EXPECT_TRUE(is_denied([&] { return store.erase("a", "k"); }));
  EXPECT_TRUE(is_denied([&] { return store.take("a", "k"); }));
  EXPECT_TRUE(is_denied([&] { return store.increment("a", "k"); }));
  EXPECT_TRUE(is_denied([&] { return store.touch("a", "k", Ttl(1s)); }));
  EXPECT_TRUE(is_denied([&] { return store.get("a", "k", {.refresh_ttl = Ttl(1s)}); }));
  EXPECT_TRUE(is_denied([&] { return store.write(std::move(WriteBatch().set("a", "n", 1))); }));
  EXPECT_TRUE(is_denied([&] { return store.clear(below({})); }));
  EXPECT_EQ(everything(store), before);
  EXPECT_EQ(store.count(below("a")), 2U);
  EXPECT_EQ(store.stats().entries, 2U);
  EXPECT_TRUE(store.health().ok);
}

TEST_P(SharedStoreConformance, ProcessesThatWriteAtOnceLoseNothing) {
  HOLDFAST_CLAUSE("12.2");
  constexpr int processes = 4;
  constexpr int writes = 100;
  const StoreRequest place = request();
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    children.push_back(in_process([&place, process, this] {
      Memory store = open(place);
      for (int i = 0; i < writes; ++i) {
        store.set("entries", std::to_string(process) + "_" + std::to_string(i), i);
        store.increment("shared", "count");
      }
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(status_of(child), 0);
  Memory store = open(place);
  EXPECT_EQ(store.count(only("entries")), static_cast<std::uint64_t>(processes * writes));
  EXPECT_EQ(store.get("shared", "count"), MemoryValue(processes * writes));
  std::set<Revision> revisions;
  for (const Entry& entry : everything(store)) revisions.insert(entry.revision);
  EXPECT_EQ(revisions.size(), static_cast<std::size_t>(processes * writes + 1));
}

TEST_P(SharedStoreConformance, AnotherProcessSeesWhatWasAcknowledged) {
  HOLDFAST_CLAUSE("12.2");
  const StoreRequest place = request();
  int asked[2];
  int answered[2];
  ASSERT_EQ(pipe(asked) + pipe(answered), 0);
  const pid_t child = in_process([&] {
    Memory store = open(place);
    static_cast<void>(!write(answered[1], "o", 1));
    for (char byte = 0; read(asked[0], &byte, 1) == 1 && byte != 'q';) {
      store.increment("a", "n");
      static_cast<void>(!write(answered[1], ".", 1));
    }
  });
  char byte = 0;
  ASSERT_EQ(read(answered[0], &byte, 1), 1);
  {
    Memory store = open(place);
    for (int i = 1; i <= 20; ++i) {
      ASSERT_EQ(write(asked[1], "?", 1), 1);
      ASSERT_EQ(read(answered[0], &byte, 1), 1);
      EXPECT_EQ(store.get("a", "n"), MemoryValue(2 * i - 1));
      EXPECT_EQ(store.increment("a", "n"), 2 * i);
    }
    EXPECT_EQ(store.stats().entries, 1U);
  }
  ASSERT_EQ(write(asked[1], "q", 1), 1);
  EXPECT_EQ(status_of(child), 0);
  for (const int end : {asked[0], asked[1], answered[0], answered[1]}) ::close(end);
}

}  // namespace holdfast::conformance
