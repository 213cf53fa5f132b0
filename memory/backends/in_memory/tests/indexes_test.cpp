// The parts that the indexes are made of, against the standard library's containers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "deadline_heap.hpp"
#include "keyed_hash.hpp"
#include "namespace_index.hpp"
#include "ordered_chunks.hpp"
#include "point_table.hpp"
#include "read_write_lock.hpp"

namespace holdfast::in_memory {
namespace {

struct Number {
  int value = 0;
  void* chunk = nullptr;
};
struct ByValue {
  using Slot = Number*;
  static bool less(const Slot& a, const Slot& b) noexcept { return a->value < b->value; }
  static void prefetch(const Slot&) noexcept {}
  static void moved(const Slot& slot, void* chunk) noexcept { slot->chunk = chunk; }
};
using Numbers = OrderedChunks<ByValue>;

std::vector<int> ascending(const Numbers& numbers) {
  std::vector<int> values;
  for (Numbers::Position at = numbers.first(); at; at.to_next()) values.push_back((*at)->value);
  return values;
}

std::vector<int> descending(const Numbers& numbers) {
  std::vector<int> values;
  for (Numbers::Position at = numbers.last(); at; at.to_previous()) values.push_back((*at)->value);
  return values;
}

Numbers::Position place_of(Number& number) {
  return Numbers::within(number.chunk, [&](const Number* each) { return each == &number; });
}

// Now it grows, now it shrinks, so that chunks are split, merged and made smaller.
TEST(OrderedChunks, StaysSortedThroughRandomChanges) {
  std::mt19937 random(20230911);
  std::vector<Number> pool(2'000);
  for (int i = 0; i < 2'000; ++i) pool[static_cast<std::size_t>(i)].value = i;
  Numbers numbers;
  std::set<int> model;
  for (int step = 0; step < 60'000; ++step) {
    Number& number = pool[random() % pool.size()];
    const bool grows = step / 6'000 % 2 == 0;
    const bool is_there = model.contains(number.value);
    if (is_there && (!grows || random() % 4 == 0)) {
      numbers.erase(place_of(number));
      model.erase(number.value);
    } else if (!is_there && (grows || random() % 4 == 0)) {
      numbers.insert(&number);
      model.insert(number.value);
    }
    if (step % 100 != 0) continue;
    ASSERT_EQ(ascending(numbers), std::vector<int>(model.begin(), model.end()));
    ASSERT_EQ(descending(numbers), std::vector<int>(model.rbegin(), model.rend()));
    for (const int value : model) {
      ASSERT_EQ((*place_of(pool[static_cast<std::size_t>(value)]))->value, value);
    }
  }
}

TEST(OrderedChunks, EqualSlotsStayInTheOrderOfInsertion) {
  std::mt19937 random(3);
  std::vector<Number> pool(500);
  Numbers numbers;
  for (Number& number : pool) {
    number.value = static_cast<int>(random() % 5);
    numbers.insert(&number);
  }
  const Number* before = nullptr;
  for (Numbers::Position at = numbers.first(); at; at.to_next()) {
    if (before != nullptr && before->value == (*at)->value) {
      EXPECT_LT(before, *at);
    }
    before = *at;
  }
}

TEST(OrderedChunks, SearchesFindTheBorder) {
  std::vector<Number> pool(500);
  Numbers numbers;
  for (int i = 0; i < 500; ++i) {
    pool[static_cast<std::size_t>(i)].value = 2 * i;
    numbers.insert(&pool[static_cast<std::size_t>(i)]);
  }
  const auto at_least = [](int bound) {
    return [=](const Number* n) { return n->value >= bound; };
  };
  for (int bound = 1; bound < 999; ++bound) {
    ASSERT_EQ((*numbers.first_where(at_least(bound)))->value, (bound + 1) / 2 * 2);
    ASSERT_EQ((*numbers.last_before(at_least(bound)))->value, (bound - 1) / 2 * 2);
  }
  EXPECT_FALSE(numbers.first_where(at_least(999)));
  EXPECT_FALSE(numbers.last_before(at_least(0)));
  EXPECT_FALSE(Numbers().first_where(at_least(0)));
  EXPECT_FALSE(Numbers().last_before(at_least(0)));
}

class Blocks : public ::testing::Test {
 protected:
  EntryBlock* create(const std::string& key, std::int64_t expires_at_ms = EntryBlock::never) {
    const KeyedHash& hash = hash_;
    blocks_.emplace_back(EntryBlock::create(hash.of(AddressView{ns_.text(), key}),
                                            {ns_.text(), key}, "1", ValueKind::int64, false));
    blocks_.back()->ns = &ns_;
    blocks_.back()->expires_at_ms = expires_at_ms;
    return blocks_.back().get();
  }
  [[nodiscard]] EntryBlock* find(const PointTable& table, const std::string& key) const {
    const AddressView address{ns_.text(), key};
    return table.find(hash_.of(address), address);
  }

  DeadlineSchedule schedule_;
  NamespaceTally tally_;
  NamespaceIndex ns_{"ns", {}, schedule_, tally_};
  KeyedHash hash_;
  std::vector<BlockRef> blocks_;
};

using PointTableTest = Blocks;
using DeadlineHeapTest = Blocks;

TEST_F(PointTableTest, HoldsWhatAMapHolds) {
  std::mt19937 random(7);
  PointTable table;
  std::map<std::string, EntryBlock*> model;
  for (int step = 0; step < 60'000; ++step) {
    const std::string key = std::to_string(random() % 3000);
    const auto there = model.find(key);
    ASSERT_EQ(find(table, key), there == model.end() ? nullptr : there->second);
    if (there == model.end()) {
      EntryBlock* block = create(key);
      table.make_room(1);
      table.insert(block);
      model[key] = block;
    } else if (random() % 4 == 0) {
      EntryBlock* block = create(key);
      table.replace(there->second, block);
      there->second = block;
    } else {
      table.erase(there->second);
      model.erase(there);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  std::size_t seen = 0;
  table.for_each([&](EntryBlock* block) {
    ++seen;
    EXPECT_EQ(model.at(std::string(block->key())), block);
  });
  EXPECT_EQ(seen, model.size());
}

TEST_F(PointTableTest, ManyErasuresDoNotMakeItGrow) {
  PointTable table;
  for (int i = 0; i < 50'000; ++i) {
    EntryBlock* block = create(std::to_string(i));
    table.make_room(1);
    table.insert(block);
    table.erase(block);
    blocks_.clear();
  }
  EXPECT_LE(table.allocated(), 64U);
}

TEST_F(DeadlineHeapTest, YieldsTheEarliestAndAllExpired) {
  std::mt19937 random(11);
  DeadlineHeap heap;
  std::multimap<std::int64_t, EntryBlock*> model;
  for (int step = 0; step < 4'000; ++step) {
    if (model.empty() || random() % 3 != 0) {
      const auto deadline = static_cast<std::int64_t>(random() % 1000);
      EntryBlock* block = create("k", deadline);
      heap.make_room(1);
      heap.insert(block);
      model.emplace(deadline, block);
    } else {
      auto gone = model.begin();
      std::advance(gone, random() % model.size());
      heap.erase(gone->second);
      model.erase(gone);
    }
    ASSERT_EQ(heap.earliest() == nullptr, model.empty());
    if (model.empty()) continue;
    ASSERT_EQ(heap.earliest()->expires_at_ms, model.begin()->first);
    std::size_t expired = 0;
    heap.for_each_expired(500, [&](const EntryBlock&) { ++expired; });
    ASSERT_EQ(expired,
              static_cast<std::size_t>(std::distance(model.begin(), model.upper_bound(500))));
  }
}

TEST(KeyedHash, DiffersFromStoreToStore) {
  const KeyedHash one;
  const KeyedHash other;
  EXPECT_EQ(one.of("text"), one.of("text"));
  EXPECT_NE(one.of("text"), other.of("text"));
  EXPECT_NE(one.of(AddressView{"a", "bc"}), one.of(AddressView{"ab", "c"}));
}

// Of some thousand hashes of 64 bits two are the same by chance once in 10^12 runs.
TEST(KeyedHash, CountsEveryByteAndTheLengthOfTextsOfAllLengths) {
  const KeyedHash hash;
  std::map<std::uint64_t, std::string> texts;
  const auto expect_new = [&](const std::string& text) {
    const auto [there, is_new] = texts.emplace(hash.of(text), text);
    EXPECT_TRUE(is_new) << "texts of " << text.size() << " and " << there->second.size()
                        << " bytes have one hash";
  };
  for (std::size_t size = 0; size <= 1024; size += size < 80 ? 1 : 59) {
    const std::string text(size, '\0');
    expect_new(text);
    for (std::size_t at = 0; at < size; ++at) {
      std::string changed = text;
      changed[at] = '\1';
      expect_new(changed);
    }
  }
}

// In the tables of the stores: whatever the bits are that choose a place.
TEST(KeyedHash, SpreadsAddressesThatDifferInFewBits) {
  const KeyedHash hash;
  constexpr int addresses = 4096;
  for (const unsigned shift : {0U, 7U, 20U}) {
    std::array<int, 4096> places{};
    int fullest = 0;
    for (int i = 0; i < addresses; ++i) {
      const std::string key = "message/" + std::to_string(i);
      int& load = places[(hash.of(AddressView{"users/42", key}) >> shift) & 4095U];
      fullest = std::max(fullest, ++load);
    }
    EXPECT_LE(fullest, 16) << "by chance, 6 or 7";
  }
}

TEST(KeyedHash, TakesTextsLongerThanAnyAddress) {
  const KeyedHash hash;
  std::string text(10'000, 'x');
  const std::uint64_t before = hash.of(text);
  text[9'000] = 'y';
  EXPECT_NE(hash.of(text), before);
}

TEST(ReadWriteLock, WritersExcludeEverybody) {
  ReadWriteLock lock;
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::atomic<bool> torn{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        const std::unique_lock held(lock);
        ++first;
        ++second;
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        const std::shared_lock held(lock);
        if (first != second) torn = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(torn);
  EXPECT_EQ(first, 15'000);
}

TEST(ReadWriteLock, TryLockFailsWhileAnybodyReads) {
  ReadWriteLock lock;
  lock.lock_shared();
  EXPECT_FALSE(lock.try_lock());
  lock.unlock_shared();
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
}

}  // namespace
}  // namespace holdfast::in_memory
