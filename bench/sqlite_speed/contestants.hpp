// The stores under comparison, each with the same interface. Every thread of a benchmark makes one
// before the clock runs: what the threads share (a Memory, a connection under a mutex) lives as
// long as one of them, so that each run begins with a fresh handle and without a log, and pays for
// its own checkpoints alone.
#pragma once

#include <holdfast/sqlite.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "by_hand.hpp"
#include "files.hpp"

namespace holdfast::bench {

enum class Syncs : std::uint8_t { full, normal };

// What `make` makes, one for each path while somebody has it.
template <typename Made, typename Make>
std::shared_ptr<Made> shared(const std::string& path, Make&& make) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Made>> all;
  const std::lock_guard lock(mutex);
  std::weak_ptr<Made>& slot = all[path];
  std::shared_ptr<Made> made = slot.lock();
  if (made == nullptr) slot = made = make();
  return made;
}

class Holdfast {
 public:
  Holdfast(const Size& size, Syncs syncs) : memory_(opened(files(size).holdfast, syncs)) {}

  [[nodiscard]] auto get(const Address& address) { return memory_->get(address.ns, address.key); }
  [[nodiscard]] std::size_t get_many(std::span<const Address> addresses) {
    return present(memory_->get_many(addresses));
  }
  [[nodiscard]] std::size_t page_by_key(const Address& address, std::size_t limit) {
    return page(address, limit, OrderBy::key, Direction::ascending);
  }
  [[nodiscard]] std::size_t newest(const Address& address, std::size_t limit) {
    return page(address, limit, OrderBy::created, Direction::descending);
  }
  void set(const Address& address, const std::string& text) {
    memory_->set(address.ns, address.key, value_of(text));
  }
  using Batch = WriteBatch;
  [[nodiscard]] static Batch batch(std::span<const Address> addresses,
                                   std::span<const std::string> texts) {
    Batch made;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      made.set(addresses[i].ns, addresses[i].key, value_of(texts[i]));
    }
    return made;
  }
  void write(const Batch& batch) { memory_->write(batch); }

  template <typename Records>
  [[nodiscard]] static std::size_t present(const Records& records) {
    std::size_t number = 0;
    for (const auto& record : records) number += record ? 1U : 0U;
    return number;
  }

 private:
  static std::shared_ptr<Memory> opened(const std::string& path, Syncs syncs) {
    return shared<Memory>(path, [&] {
      return std::make_shared<Memory>(
          open_sqlite({.path = path,
                       .durability = syncs == Syncs::full ? SqliteDurability::full
                                                          : SqliteDurability::normal}));
    });
  }
  [[nodiscard]] std::size_t page(const Address& address, std::size_t limit, OrderBy order,
                                 Direction direction) {
    MemoryQuery query;
    query.scope = Scope(address.ns, false);
    query.order = order;
    query.direction = direction;
    query.limit = limit;
    return memory_->query(query).entries.size();
  }

  std::shared_ptr<Memory> memory_;
};

// A connection for each thread.
template <typename Store>
class ByHand {
 public:
  ByHand(const Size& size, Syncs syncs) : store_(path(size), syncs == Syncs::full) {}

  [[nodiscard]] auto get(const Address& address) {
    return store_.get(address.ns.text(), address.key);
  }
  [[nodiscard]] std::size_t get_many(std::span<const Address> addresses) {
    return Holdfast::present(store_.get_many(addresses));
  }
  [[nodiscard]] std::size_t page_by_key(const Address& address, std::size_t limit) {
    return store_.page_by_key(address.ns.text(), static_cast<std::int64_t>(limit)).entries.size();
  }
  [[nodiscard]] std::size_t newest(const Address& address, std::size_t limit) {
    return store_.newest(address.ns.text(), static_cast<std::int64_t>(limit)).entries.size();
  }
  void set(const Address& address, const std::string& text) {
    store_.set(address.ns.text(), address.key, text);
  }
  using Batch = std::pair<std::span<const Address>, std::span<const std::string>>;
  [[nodiscard]] static Batch batch(std::span<const Address> addresses,
                                   std::span<const std::string> texts) {
    return {addresses, texts};
  }
  void write(const Batch& batch) { store_.set_many(batch.first, batch.second); }

 private:
  static const std::string& path(const Size& size) {
    const Files& made = files(size);
    return std::is_same_v<Store, by_hand::KeyValue> ? made.key_value : made.c_api;
  }

  Store store_;
};

using SameTablesByHand = ByHand<by_hand::SameTables>;
using KeyValueByHand = ByHand<by_hand::KeyValue>;

// One connection for all threads.
class MutexByHand {
 public:
  MutexByHand(const Size& size, Syncs syncs) {
    const std::string& path = files(size).c_api;
    store_ = shared<by_hand::WithMutex>(
        path, [&] { return std::make_shared<by_hand::WithMutex>(path, syncs == Syncs::full); });
  }
  void set(const Address& address, const std::string& text) {
    store_->set(address.ns.text(), address.key, text);
  }

 private:
  std::shared_ptr<by_hand::WithMutex> store_;
};

}  // namespace holdfast::bench
