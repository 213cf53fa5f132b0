// What a program would write by hand instead of the in-memory store: a map, locks, and values that
// are shared or copied. None of them has TTLs, limits, revisions or batches.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace holdfast::bench {

using SharedValue = std::shared_ptr<const std::string>;

// 64 shards of `absl::flat_hash_map`, each behind a `shared_mutex`, with shared values.
class ShardedMap {
 public:
  [[nodiscard]] SharedValue get(const std::string& key) const {
    const Shard& shard = shard_of(key);
    const std::shared_lock lock(shard.mutex);
    const auto found = shard.entries.find(key);
    return found == shard.entries.end() ? nullptr : found->second;
  }
  void set(const std::string& key, const std::string& value) {
    auto shared = std::make_shared<const std::string>(value);
    Shard& shard = shard_of(key);
    const std::unique_lock lock(shard.mutex);
    std::swap(shard.entries[key], shared);
  }

 private:
  struct alignas(64) Shard {
    mutable std::shared_mutex mutex;
    absl::flat_hash_map<std::string, SharedValue> entries;
  };
  [[nodiscard]] Shard& shard_of(const std::string& key) const {
    return shards_[absl::Hash<std::string_view>{}(key) >> 58];
  }

  mutable std::array<Shard, 64> shards_;
};

// One `unordered_map` behind one `shared_mutex`; values are copied in and out.
class OneMap {
 public:
  [[nodiscard]] std::optional<std::string> get(const std::string& key) const {
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }
  void set(const std::string& key, const std::string& value) {
    const std::unique_lock lock(mutex_);
    entries_[key] = value;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::string> entries_;
};

// For each namespace a hash for points and a B-tree for each order, behind a `shared_mutex`.
class OrderedMap {
 public:
  struct Item {
    std::string value;
    std::int64_t created_revision = 0;
    std::int64_t revision = 0;
    std::int64_t created_at = 0;
    std::int64_t updated_at = 0;
    std::int64_t expires_at = 0;
  };
  using SharedItem = std::shared_ptr<const Item>;
  struct Row {
    std::string key;
    SharedItem item;
  };

  void set(const std::string& ns, const std::string& key, const std::string& value);
  // `limit` rows after `after` by key, or the newest ones.
  [[nodiscard]] std::vector<Row> page_by_key(const std::string& ns, const std::string& after,
                                             std::size_t limit) const;
  [[nodiscard]] std::vector<Row> newest(const std::string& ns, std::size_t limit) const;

 private:
  struct Space {
    mutable std::shared_mutex mutex;
    absl::flat_hash_map<std::string, SharedItem> points;
    absl::btree_map<std::string_view, SharedItem> by_key;
    absl::btree_map<std::int64_t, std::pair<std::string_view, SharedItem>, std::greater<>>
        by_created;
    // The keys that the trees look at: they move with the hash table otherwise.
    std::vector<std::unique_ptr<const std::string>> keys;
  };
  [[nodiscard]] const Space* find(const std::string& ns) const;

  mutable std::shared_mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Space>> spaces_;
  std::int64_t revision_ = 0;
};

}  // namespace holdfast::bench
