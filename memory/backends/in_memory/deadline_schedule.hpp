// The namespaces of a store in which something will expire, by the earliest of their deadlines, so
// that who looks for what is expired goes through no others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace holdfast::in_memory {

class NamespaceIndex;

// A binary heap of namespaces that know their place in it. Only `make_room` allocates. Safe to use
// from many threads; whoever is called back must not wait for any lock.
class DeadlineSchedule {
 public:
  static constexpr std::size_t nowhere = ~std::size_t{0};

  // For so many namespaces in all. Throws `std::bad_alloc`, changing nothing.
  void make_room(std::size_t namespaces);
  // Puts a namespace where its earliest deadline belongs; `EntryBlock::never` takes it out.
  void move(NamespaceIndex& ns, std::int64_t earliest_ms) noexcept;

  // No entry's deadline is earlier.
  [[nodiscard]] std::int64_t earliest_ms() const noexcept { return earliest_ms_.load(); }
  // Calls `visit` with each namespace in which something is expired at `now_ms`, in no order, until
  // it returns false; costs no more than their number. None of them vanishes meanwhile.
  template <typename Visit>
  void for_each_expired(std::int64_t now_ms, const Visit& visit) const {
    const std::lock_guard lock(mutex_);
    visit_expired(0, now_ms, visit);
  }

 private:
  struct Slot {
    std::int64_t earliest_ms;
    NamespaceIndex* ns;
  };

  void put(std::size_t position, const Slot& slot) noexcept;
  void sift(std::size_t position) noexcept;
  template <typename Visit>
  bool visit_expired(std::size_t position, std::int64_t now_ms, const Visit& visit) const {
    if (position >= slots_.size() || slots_[position].earliest_ms > now_ms) return true;
    return visit(*slots_[position].ns) && visit_expired(2 * position + 1, now_ms, visit) &&
           visit_expired(2 * position + 2, now_ms, visit);
  }

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::atomic<std::int64_t> earliest_ms_{INT64_MAX};
};

}  // namespace holdfast::in_memory
