// The addresses at which a mirror's destination lacks a write.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "holdfast/entry.hpp"

namespace holdfast::mirror {

// Safe to use from many threads.
class Behind {
 public:
  static constexpr std::size_t addresses_max = 100'000;

  void add(std::span<const Address> addresses) {
    const std::lock_guard lock(mutex_);
    addresses_.insert(addresses.begin(), addresses.end());
    if (addresses_.size() <= addresses_max) return;
    addresses_.clear();
    unknown_ = true;
  }
  void add_unknown() {
    const std::lock_guard lock(mutex_);
    unknown_ = true;
  }
  // All that are remembered, in order; forgets them.
  [[nodiscard]] std::vector<Address> take() {
    const std::lock_guard lock(mutex_);
    std::vector<Address> taken(addresses_.begin(), addresses_.end());
    addresses_.clear();
    return taken;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return addresses_.size();
  }
  // Whether there are some that could not be remembered.
  [[nodiscard]] bool unknown() const {
    const std::lock_guard lock(mutex_);
    return unknown_;
  }
  void compared_all() {
    const std::lock_guard lock(mutex_);
    unknown_ = false;
  }

 private:
  mutable std::mutex mutex_;
  std::set<Address> addresses_;
  bool unknown_ = false;
};

}  // namespace holdfast::mirror
