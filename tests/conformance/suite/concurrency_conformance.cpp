// Clauses 12.1, 3 and 5 under concurrency: histories of 8 threads on few keys.
#include <atomic>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(concurrency)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ConcurrencyConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ConcurrencyAcrossNamespacesConformance);

namespace {

constexpr int thread_count = 8;

std::int64_t number_at(Memory& memory, const Namespace& ns, const std::string& key) {
  return memory.get(ns, key)->get<std::int64_t>();
}

}  // namespace

TEST_P(ConcurrencyConformance, IncrementsAddUp) {
  HOLDFAST_CLAUSE("12.1, 4.5");
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  std::mutex mutex;
  std::set<std::int64_t> returned;
  in_threads(thread_count, [&](int) {
    std::vector<std::int64_t> own;
    for (int i = 0; i < steps; ++i) own.push_back(memory().increment("a", "n"));
    EXPECT_TRUE(std::ranges::is_sorted(own));
    const std::lock_guard lock(mutex);
    returned.insert(own.begin(), own.end());
  });
  EXPECT_EQ(number_at(memory(), "a", "n"), thread_count * steps);
  EXPECT_EQ(returned.size(), static_cast<std::size_t>(thread_count * steps))
      << "two increments returned one number";
}

TEST_P(ConcurrencyConformance, CountersByCompareAndSetAddUp) {
  HOLDFAST_CLAUSE("12.1, 4.2");
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 4;
  for (int key = 0; key < 2; ++key) memory().set("a", std::to_string(key), 0);
  in_threads(thread_count, [&](int thread) {
    const std::string key = std::to_string(thread % 2);
    for (int done = 0; done < steps;) {
      const Entry seen = *memory().get_entry("a", key);
      const auto next = seen.value.get<std::int64_t>() + 1;
      done += memory().set("a", key, next, on(Precondition::if_revision(seen.revision))).applied();
    }
  });
  for (int key = 0; key < 2; ++key) {
    EXPECT_EQ(number_at(memory(), "a", std::to_string(key)), thread_count / 2 * steps);
  }
}

TEST_P(ConcurrencyConformance, OneOfManyCreatesIfAbsent) {
  HOLDFAST_CLAUSE("12.1, 4.2");
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> created{0};
    std::atomic<int> erased{0};
    const std::string key = std::to_string(round);
    in_threads(thread_count, [&](int thread) {
      created += memory().set("a", key, thread, on(Precondition::if_absent())).applied();
    });
    EXPECT_EQ(created, 1);
    in_threads(thread_count, [&](int) { erased += memory().take("a", key).has_value(); });
    EXPECT_EQ(erased, 1);
  }
}

TEST_P(ConcurrencyConformance, UpdatesLoseNothing) {
  HOLDFAST_CLAUSE("12.1, 4.6");
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 10;
  std::atomic<int> applied{0};
  in_threads(thread_count, [&](int) {
    for (int i = 0; i < steps; ++i) {
      const auto error = error_of([&] {
        return memory().update("a", "n", [](const Record* current) {
          const std::int64_t seen = current == nullptr ? 0 : current->value.get<std::int64_t>();
          return std::optional<MemoryValue>(seen + 1);
        });
      });
      if (!error) {
        ++applied;
      } else {
        EXPECT_EQ(error->code(), ErrorCode::aborted) << error->what();
      }
    }
  });
  EXPECT_EQ(number_at(memory(), "a", "n"), applied);
  EXPECT_GT(applied, 0);
}

TEST_P(ConcurrencyConformance, RevisionsAreUniqueAndRiseAsObserved) {
  HOLDFAST_CLAUSE("12.1, 3.1");
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  std::mutex mutex;
  std::set<Revision> given;
  std::atomic<std::size_t> writes{0};
  in_threads(thread_count, [&](int thread) {
    std::map<std::string, Revision> seen;
    std::vector<Revision> own;
    for (int i = 0; i < steps; ++i) {
      const std::string key = std::to_string((i + thread) % 3);
      if (i % 2 == 0) {
        const Revision revision = memory().set("a", key, i).revision;
        if (!own.empty()) {
          EXPECT_GT(revision, own.back());
        }
        EXPECT_GT(revision, seen[key]) << "a write after a read has a smaller revision";
        own.push_back(revision);
        seen[key] = revision;
      } else if (const auto entry = memory().get_entry("a", key)) {
        EXPECT_GE(entry->revision, seen[key]) << "a key went back";
        EXPECT_GE(entry->revision, entry->created_revision);
        seen[key] = entry->revision;
      }
    }
    const std::lock_guard lock(mutex);
    given.insert(own.begin(), own.end());
    writes += own.size();
  });
  EXPECT_EQ(given.size(), writes) << "a revision was given twice";
}

TEST_P(ConcurrencyConformance, OrderOfCreationIsTheOrderOfRevisions) {
  HOLDFAST_CLAUSE("12.1, 3.2");
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 2;
  std::mutex mutex;
  std::map<Revision, std::string> created;
  in_threads(thread_count, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      const std::string key = std::to_string(thread) + "_" + std::to_string(i);
      const Revision revision = memory().set("a", key, i).revision;
      const std::lock_guard lock(mutex);
      created[revision] = key;
    }
  });
  std::vector<std::string> expected;
  for (const auto& [revision, key] : created) expected.push_back(key);
  EXPECT_EQ(keys_of(all_pages(memory(),
                              query_of(only("a"), OrderBy::created, Direction::ascending, 100))),
            expected);
  EXPECT_EQ(memory().count(only("a")), expected.size());
}

TEST_P(ConcurrencyConformance, PagesSeeEntriesThatStayExactlyOnce) {
  HOLDFAST_CLAUSE("12.1, 7.2");
  for (int i = 0; i < 40; ++i) memory().set("a", "stays_" + std::to_string(i), i);
  std::atomic<bool> done{false};
  in_threads(4, [&](int thread) {
    if (thread == 0) {
      for (int round = 0; round < 20; ++round) {
        std::map<std::string, int> seen;
        const OrderBy order = round % 2 == 0 ? OrderBy::key : OrderBy::created;
        const MemoryQuery query = query_of(only("a"), order, Direction::descending, 6);
        for (const Entry& entry : all_pages(memory(), query)) ++seen[entry.key];
        for (int i = 0; i < 40; ++i) EXPECT_EQ(seen["stays_" + std::to_string(i)], 1) << i;
      }
      done = true;
      return;
    }
    for (int i = 0; !done; i = (i + 1) % 50) {
      const std::string key = "moves_" + std::to_string(thread) + "_" + std::to_string(i);
      memory().set("a", key, i);
      memory().set("a", "stays_" + std::to_string(i % 40), i);
      if (i % 3 != 0) memory().erase("a", key);
    }
  });
}

TEST_P(ConcurrencyConformance, CountsAndStatsAddUpInTheEnd) {
  HOLDFAST_CLAUSE("12.1, 9.1");
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 2;
  in_threads(thread_count, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      const Namespace ns = Namespace("n") / std::to_string((thread + i) % 5);
      const std::string key = std::to_string(i % 7);
      if (i % 11 == 10) {
        memory().clear(only(ns));
      } else if (i % 3 == 2) {
        memory().erase(ns, key);
      } else {
        memory().set(ns, key, std::string(static_cast<std::size_t>(i % 20), 'x'));
      }
    }
  });
  const std::vector<Entry> entries = everything(memory());
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.size_bytes();
  EXPECT_EQ(memory().count(below({})), entries.size());
  EXPECT_EQ(memory().stats().entries, entries.size());
  EXPECT_EQ(memory().stats().bytes, bytes);
  EXPECT_EQ(memory().stats().namespaces, listed(memory()).size());
}

TEST_P(ConcurrencyConformance, CallsThatRunWhileTheStoreClosesSucceedOrAreRefused) {
  HOLDFAST_CLAUSE("12.1, 12.4");
  Memory store = open(request());
  in_threads(4, [&](int thread) {
    if (thread == 0) {
      while (store.capabilities().max_batch_ops > 0 && !store.exists("a", "1_20")) {
        std::this_thread::yield();
      }
      store.close();
      return;
    }
    for (int i = 0;; ++i) {
      const std::string key = std::to_string(thread) + "_" + std::to_string(i);
      const auto error = error_of([&] {
        store.set("a", key, i);
        return store.get("a", key);
      });
      if (!error) continue;
      EXPECT_EQ(error->code(), ErrorCode::failed_precondition) << error->what();
      return;
    }
  });
}

TEST_P(ConcurrencyAcrossNamespacesConformance, ABatchIsNeverSeenHalf) {
  HOLDFAST_CLAUSE("12.1, 5.1, 5.2, 7.1");
  const std::vector<Address> addresses{{"a", "k"}, {"b/c", "k"}, {"a", "l"}, {{}, "k"}};
  const auto write_all = [&](std::int64_t value) {
    WriteBatch batch;
    for (const Address& address : addresses) batch.set(address.ns, address.key, value);
    memory().write(batch);
  };
  write_all(0);
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  constexpr int writers = 3;
  std::latch readers(thread_count - writers);
  in_threads(thread_count, [&](int thread) {
    if (thread < writers) {  // As long as somebody reads.
      for (int i = 0; !readers.try_wait(); ++i) write_all(i * writers + thread);
      return;
    }
    const auto done = [&](void*) { readers.count_down(); };
    const std::unique_ptr<void, decltype(done)> count_down(&readers, done);
    for (int i = 0; i < steps; ++i) {
      std::set<MemoryValue, decltype([](const MemoryValue& a, const MemoryValue& b) {
                 return a.json_text() < b.json_text();
               })>
          seen;
      if (thread < 6) {
        for (const auto& entry : memory().get_many(addresses)) seen.insert(entry->value);
      } else {
        const OrderBy order = thread == 6 ? OrderBy::key : OrderBy::updated;
        const Page page = memory().query(query_of(below({}), order));
        EXPECT_EQ(page.entries.size(), addresses.size());
        for (const Entry& entry : page.entries) seen.insert(entry.value);
      }
      ASSERT_EQ(seen.size(), 1U) << "half of a batch was seen";
    }
  });
}

TEST_P(ConcurrencyAcrossNamespacesConformance, CreatingAndErasingTogetherIsNeverSeenHalf) {
  HOLDFAST_CLAUSE("12.1, 5.2");
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  in_threads(4, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      if (thread < 2) {
        WriteBatch batch;
        if (i % 2 == 0) {
          batch.set("left", "k", i).set("right", "k", i);
        } else {
          batch.erase("left", "k").erase("right", "k");
        }
        memory().write(batch);
        continue;
      }
      const std::uint64_t count = memory().count(below({}));
      EXPECT_TRUE(count == 0 || count == 2) << count;
      const std::size_t namespaces = memory().list_namespaces().namespaces.size();
      EXPECT_TRUE(namespaces == 0 || namespaces == 2) << namespaces;
    }
  });
}

TEST_P(ConcurrencyAcrossNamespacesConformance, TransfersKeepTheSum) {
  HOLDFAST_CLAUSE("12.1, 5.3");
  constexpr int accounts = 4;
  constexpr std::int64_t start = 1000;
  const auto account = [](int i) { return Namespace("accounts") / std::to_string(i); };
  for (int i = 0; i < accounts; ++i) memory().set(account(i), "balance", start);
  const int steps = static_cast<int>(GetParam().concurrent_steps) / 10;
  in_threads(thread_count, [&](int thread) {
    for (int i = 0; i < steps; ++i) {
      if (thread == 0) {  // Watches.
        std::int64_t sum = 0;
        for (const Entry& entry : memory().query(query_of(below("accounts"))).entries) {
          sum += entry.value.get<std::int64_t>();
        }
        EXPECT_EQ(sum, accounts * start);
        continue;
      }
      const int from = (thread + i) % accounts;
      const int to = (from + 1 + i % (accounts - 1)) % accounts;
      const auto error = error_of([&] {
        memory().transaction([&](Transaction& transaction) {
          const auto left = transaction.get(account(from), "balance")->get<std::int64_t>();
          const auto right = transaction.get(account(to), "balance")->get<std::int64_t>();
          transaction.set(account(from), "balance", left - 7);
          transaction.set(account(to), "balance", right + 7);
        });
        return 0;
      });
      if (error) {
        EXPECT_EQ(error->code(), ErrorCode::aborted) << error->what();
      }
    }
  });
  std::int64_t sum = 0;
  for (int i = 0; i < accounts; ++i) sum += number_at(memory(), account(i), "balance");
  EXPECT_EQ(sum, accounts * start);
}

TEST_P(ConcurrencyAcrossNamespacesConformance, NoWriteSkew) {
  HOLDFAST_CLAUSE("12.1, 5.3");
  // Either of two may go off call while the other stays: at least one stays, whoever races.
  const int rounds = static_cast<int>(GetParam().concurrent_steps) / 4;
  for (int round = 0; round < rounds; ++round) {
    memory().set("on_call/ann", "on", true);
    memory().set("on_call/bob", "on", true);
    in_threads(2, [&](int thread) {
      const char* self = thread == 0 ? "on_call/ann" : "on_call/bob";
      const char* other = thread == 0 ? "on_call/bob" : "on_call/ann";
      memory().transaction([&](Transaction& transaction) {
        if (transaction.get(other, "on") == MemoryValue(true)) transaction.set(self, "on", false);
      });
    });
    const bool someone_stays = memory().get("on_call/ann", "on") == MemoryValue(true) ||
                               memory().get("on_call/bob", "on") == MemoryValue(true);
    ASSERT_TRUE(someone_stays) << "write skew in round " << round;
  }
}

TEST_P(ConcurrencyAcrossNamespacesConformance, NoTransactionSeesAPhantomOfAbsence) {
  HOLDFAST_CLAUSE("12.1, 5.3");
  const int rounds = static_cast<int>(GetParam().concurrent_steps) / 4;
  for (int round = 0; round < rounds; ++round) {
    const Namespace ns = Namespace("claims") / std::to_string(round);
    std::atomic<int> winners{0};
    in_threads(4, [&](int thread) {
      bool claimed = false;
      memory().transaction([&](Transaction& transaction) {
        claimed = !transaction.exists(ns, "owner");
        if (claimed) transaction.set(ns, "owner", thread);
      });
      winners += claimed;
    });
    ASSERT_EQ(winners, 1) << "in round " << round;
  }
}

}  // namespace holdfast::conformance
