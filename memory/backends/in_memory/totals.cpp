#include "totals.hpp"

#include <algorithm>
#include <shared_mutex>
#include <vector>

namespace holdfast::in_memory {
namespace {

// The namespaces in which something is expired, locked shared.
class ExpiredNamespaces {
 public:
  ExpiredNamespaces(Directory& directory, std::int64_t now_ms)
      : directory_(directory),
        now_ms_(now_ms),
        pins_(directory.pin_expired("", now_ms, directory.no_limit)) {
    // In their order and behind the gate, as a walk does.
    std::ranges::sort(pins_, {}, [](const NamespacePin& pin) { return pin->text(); });
    const std::shared_lock gate(directory_.gate());
    for (const NamespacePin& pin : pins_) pin->lock.lock_shared();
  }
  ExpiredNamespaces(const ExpiredNamespaces&) = delete;
  ExpiredNamespaces& operator=(const ExpiredNamespaces&) = delete;
  ~ExpiredNamespaces() {
    for (const NamespacePin& pin : pins_) pin->lock.unlock_shared();
  }

  // Whether something expired in no others since they were looked up.
  [[nodiscard]] bool are_all() const {
    bool all = true;
    directory_.schedule().for_each_expired(now_ms_, [&](const NamespaceIndex& ns) {
      const auto found = std::ranges::lower_bound(
          pins_, ns.text(), {}, [](const NamespacePin& pin) { return pin->text(); });
      all = found != pins_.end() && found->get() == &ns;
      return all;
    });
    return all;
  }

  void add_to(Totals& totals) const {
    for (const NamespacePin& pin : pins_) {
      const NamespaceIndex::Expired expired = pin->expired(now_ms_);
      totals.expired.entries += expired.entries;
      totals.expired.logical_bytes += expired.logical_bytes;
      if (pin->entries > 0 && pin->entries == expired.entries) --totals.live_namespaces;
    }
  }

 private:
  Directory& directory_;
  std::int64_t now_ms_;
  std::vector<NamespacePin> pins_;
};

}  // namespace

Totals totals_of(Store& store, std::int64_t now_ms) {
  // Again only where a write that took an earlier instant than this came in between.
  while (true) {
    const ExpiredNamespaces expired(store.directory, now_ms);
    // Every change holds the lock of a shard, and a batch those of all its shards at once.
    const SharedShards all(store.shards, all_shards);
    if (!expired.are_all()) continue;
    Totals totals;
    for (const Shard& shard : store.shards) {
      totals.entries += shard.entries;
      totals.logical_bytes += shard.logical_bytes;
      totals.tombstones += shard.table.size() - shard.entries;
    }
    totals.namespaces = store.directory.tally().held;
    totals.live_namespaces = store.directory.tally().with_entries;
    expired.add_to(totals);
    return totals;
  }
}

}  // namespace holdfast::in_memory
