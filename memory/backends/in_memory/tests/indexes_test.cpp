// The parts that the indexes are made of, against the standard library's containers.
#include <gtest/gtest.h>

#include <algorithm>
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
#include "point_table.hpp"
#include "read_write_lock.hpp"
#include "tree.hpp"

namespace holdfast::in_memory {
namespace {

struct Number : TreeLink {
  int value = 0;
};
struct Less {
  bool operator()(const Number& a, const Number& b) const { return a.value < b.value; }
};
using NumberTree = Tree<Number, TreeLink, Less>;

std::vector<int> ascending(const NumberTree& tree) {
  std::vector<int> values;
  for (Number* n = tree.first(); n != nullptr; n = NumberTree::next(n)) values.push_back(n->value);
  return values;
}

std::vector<int> descending(const NumberTree& tree) {
  std::vector<int> values;
  for (Number* n = tree.last(); n != nullptr; n = NumberTree::previous(n)) {
    values.push_back(n->value);
  }
  return values;
}

// The number of black nodes on every way down, or -1 where a rule of the colours is broken.
int black_height(const TreeLink* node) {
  if (node == nullptr) return 0;
  for (const TreeLink* child : {node->left, node->right}) {
    if (child == nullptr) continue;
    if (child->parent() != node || (node->is_red() && child->is_red())) return -1;
  }
  const int left = black_height(node->left);
  const int right = black_height(node->right);
  if (left < 0 || left != right) return -1;
  return left + (node->is_red() ? 0 : 1);
}

const TreeLink* root_of(const TreeLink* node) {
  while (node->parent() != nullptr) node = node->parent();
  return node;
}

TEST(Tree, StaysSortedAndBalancedThroughRandomChanges) {
  std::mt19937 random(20230911);
  std::vector<Number> numbers(600);
  for (int i = 0; i < 600; ++i) numbers[static_cast<std::size_t>(i)].value = i;
  NumberTree tree;
  std::set<int> model;
  for (int step = 0; step < 20'000; ++step) {
    Number& number = numbers[random() % numbers.size()];
    if (model.erase(number.value) != 0) {
      tree.erase(&number);
    } else {
      tree.insert(&number);
      model.insert(number.value);
    }
    if (step % 50 != 0) continue;
    ASSERT_EQ(ascending(tree), std::vector<int>(model.begin(), model.end()));
    ASSERT_EQ(descending(tree), std::vector<int>(model.rbegin(), model.rend()));
    if (!tree.empty()) {
      ASSERT_GE(black_height(root_of(tree.first())), 0);
    }
  }
}

TEST(Tree, ReplacementTakesThePlace) {
  std::vector<Number> numbers(40);
  std::vector<Number> others(40);
  NumberTree tree;
  for (int i = 0; i < 40; ++i) {
    numbers[static_cast<std::size_t>(i)].value = others[static_cast<std::size_t>(i)].value = i;
    tree.insert(&numbers[static_cast<std::size_t>(i)]);
  }
  for (std::size_t i = 0; i < 40; ++i) tree.replace(&numbers[i], &others[i]);
  EXPECT_EQ(tree.last(), &others[39]);
  EXPECT_EQ(tree.first(), &others[0]);
  EXPECT_EQ(ascending(tree).size(), 40U);
  EXPECT_GE(black_height(root_of(tree.first())), 0);
}

TEST(Tree, SearchesFindTheBorder) {
  std::vector<Number> numbers(50);
  NumberTree tree;
  for (int i = 0; i < 50; ++i) {
    numbers[static_cast<std::size_t>(i)].value = 2 * i;
    tree.insert(&numbers[static_cast<std::size_t>(i)]);
  }
  const auto at_least = [](int bound) { return [=](const Number& n) { return n.value >= bound; }; };
  EXPECT_EQ(tree.first_where(at_least(31))->value, 32);
  EXPECT_EQ(tree.last_before(at_least(31))->value, 30);
  EXPECT_EQ(tree.first_where(at_least(99)), nullptr);
  EXPECT_EQ(tree.last_before(at_least(0)), nullptr);
}

class Blocks : public ::testing::Test {
 protected:
  EntryBlock* create(const std::string& key, std::int64_t expires_at_ms = EntryBlock::never) {
    const KeyedHash& hash = hash_;
    blocks_.emplace_back(
        EntryBlock::create(hash.of(AddressView{ns_.text(), key}), key, "1", false));
    blocks_.back()->ns = &ns_;
    blocks_.back()->expires_at_ms = expires_at_ms;
    return blocks_.back().get();
  }
  [[nodiscard]] EntryBlock* find(const PointTable& table, const std::string& key) const {
    const AddressView address{ns_.text(), key};
    return table.find(hash_.of(address), address);
  }

  NamespaceIndex ns_{"ns", {}};
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
  EXPECT_LE(table.allocated(), 8U * 9U);
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
