#include "directory.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

namespace holdfast::in_memory {

NamespacePin::~NamespacePin() {
  if (index_ != nullptr) directory_->unpin(index_);
}

NamespacePin Directory::pinned(NamespaceIndex* index) noexcept {
  if (index == nullptr) return {};
  index->pins.fetch_add(1);
  return {this, index};
}

NamespaceIndex* Directory::find(std::string_view text) const {
  const auto found = by_text_.find(text);
  return found == by_text_.end() ? nullptr : found->second;
}

NamespacePin Directory::pin(std::string_view text) {
  const std::shared_lock lock(lock_);
  return pinned(find(text));
}

NamespacePin Directory::pin_or_create(std::string_view text) {
  if (NamespacePin there = pin(text)) return there;
  const std::unique_lock gate(gate_);
  const std::unique_lock lock(lock_);
  NamespaceIndex* index = find(text);
  return pinned(index != nullptr ? index : create(text));
}

NamespaceIndex* Directory::create(std::string_view text) {
  std::vector<Budget*> budgets;
  for (const SubtreeBudget& quota : quotas_) {
    if (subtree_contains(quota.subtree, text)) budgets.push_back(quota.budget.get());
  }
  schedule_.make_room(sorted_.size() + 1);
  auto index = std::make_unique<NamespaceIndex>(text, std::move(budgets), schedule_, tally_);
  if (const search::ConfiguredNamespace* const governing = catalog_->governing(text)) {
    index->postings = std::make_unique<NamespacePostings>(hash_, governing->indexer);
  }
  NamespaceIndex* created = index.get();
  by_text_.emplace(created->text(), created);
  try {
    sorted_.emplace(created->text(), std::move(index));
  } catch (...) {
    // `index` still owns it: emplacing allocates before it moves.
    by_text_.erase(created->text());
    throw;
  }
  return created;
}

std::shared_ptr<const search::SearchCatalog> Directory::catalog() const {
  const std::shared_lock lock(lock_);
  return catalog_;
}

void Directory::set_catalog(std::shared_ptr<const search::SearchCatalog> catalog) noexcept {
  const std::unique_lock lock(lock_);
  catalog_.swap(catalog);
}

std::vector<NamespacePin> Directory::pin_expired(std::string_view subtree, std::int64_t now_ms,
                                                 std::size_t most) {
  std::vector<NamespacePin> pins;
  schedule_.for_each_expired(now_ms, [&](NamespaceIndex& ns) {
    // What stands in the schedule holds an entry, so that somebody else's pin is not the last.
    if (subtree_contains(subtree, ns.text())) pins.push_back(pinned(&ns));
    return pins.size() < most;
  });
  return pins;
}

void Directory::unpin(NamespaceIndex* index) noexcept {
  std::uint32_t pins = index->pins.load();
  // After the last exchange that leaves a namespace unpinned it may be gone.
  while (pins != (NamespaceIndex::is_empty_bit | 1)) {
    if (index->pins.compare_exchange_weak(pins, pins - 1)) return;
  }
  const std::unique_lock lock(lock_);
  if (index->pins.fetch_sub(1) != (NamespaceIndex::is_empty_bit | 1)) return;
  by_text_.erase(index->text());
  sorted_.erase(index->text());
}

NamespacePin Directory::step(const Scope& scope, const std::optional<From>& from,
                             Direction direction) {
  const std::shared_lock lock(lock_);
  if (!scope.subtree) {
    const std::string_view only = scope.ns.text();
    const bool passed =
        from && (from->text == only ? !from->inclusive
                                    : (direction == Direction::ascending) == (from->text > only));
    return passed ? NamespacePin() : pinned(find(only));
  }
  return pinned(direction == Direction::ascending ? find_up(scope, from) : find_down(scope, from));
}

// A subtree is the namespace itself and then, not always next to it, all that begin with its text
// and a slash.
NamespaceIndex* Directory::find_up(const Scope& scope, const std::optional<From>& from) const {
  const std::string_view top = scope.ns.text();
  if (!from || from->text < top || (from->text == top && from->inclusive)) {
    if (NamespaceIndex* index = find(top)) return index;
  }
  const std::string below = top.empty() ? std::string() : std::string(top) + "/";
  auto next = sorted_.lower_bound(below);
  if (from && from->text >= below) {
    next = from->inclusive ? sorted_.lower_bound(from->text) : sorted_.upper_bound(from->text);
  }
  if (top.empty() && next != sorted_.end() && next->first.empty()) ++next;
  if (next == sorted_.end() || !next->first.starts_with(below)) return nullptr;
  return next->second.get();
}

NamespaceIndex* Directory::find_down(const Scope& scope, const std::optional<From>& from) const {
  const std::string_view top = scope.ns.text();
  const std::string below = top.empty() ? std::string() : std::string(top) + "/";
  const std::string past = top.empty() ? std::string() : std::string(top) + "0";  // After "/".
  auto next = top.empty() ? sorted_.end() : sorted_.lower_bound(past);
  if (from && (top.empty() || from->text < past)) {
    next = from->inclusive ? sorted_.upper_bound(from->text) : sorted_.lower_bound(from->text);
  }
  if (next != sorted_.begin()) {
    --next;
    if (next->first != top && next->first.starts_with(below)) return next->second.get();
  }
  if (!from || from->text > top || (from->text == top && from->inclusive)) return find(top);
  return nullptr;
}

ExclusiveNamespaces::ExclusiveNamespaces(Directory& directory,
                                         const std::vector<NamespaceIndex*>& namespaces)
    : namespaces_(namespaces) {
  constexpr int tries = 16;
  std::size_t first = 0;
  for (int i = 0; i < tries; ++i) {
    if (try_all(first)) return;
  }
  const std::unique_lock gate(directory.gate());
  lock_in_order();
}

ExclusiveNamespaces::ExclusiveNamespaces(const std::vector<NamespaceIndex*>& namespaces) noexcept
    : namespaces_(namespaces) {
  lock_in_order();
}

ExclusiveNamespaces::~ExclusiveNamespaces() {
  for (NamespaceIndex* index : namespaces_) index->lock.unlock();
}

void ExclusiveNamespaces::lock_in_order() noexcept {
  for (NamespaceIndex* index : namespaces_) index->lock.lock();
}

// Waits for the namespace that stood in the way last time, then takes what else is free.
bool ExclusiveNamespaces::try_all(std::size_t& first) noexcept {
  if (namespaces_.empty()) return true;
  namespaces_[first]->lock.lock();
  std::size_t i = 0;
  while (i < namespaces_.size() && (i == first || namespaces_[i]->lock.try_lock())) ++i;
  if (i == namespaces_.size()) return true;
  for (std::size_t held = 0; held < i; ++held) {
    if (held != first) namespaces_[held]->lock.unlock();
  }
  namespaces_[first]->lock.unlock();
  first = i;
  return false;
}

ScopeWalk::ScopeWalk(Directory& directory, const Scope& scope, Direction direction,
                     std::optional<Directory::From> from)
    : directory_(directory), scope_(scope), direction_(direction), from_(from) {
  if (!scope.subtree) return;
  directory_.gate().lock_shared();
  holds_gate_ = true;
}

ScopeWalk::~ScopeWalk() {
  open_gate();
  for (const NamespacePin& pin : visited_) pin->lock.unlock_shared();
}

void ScopeWalk::open_gate() noexcept {
  if (std::exchange(holds_gate_, false)) directory_.gate().unlock_shared();
}

NamespaceIndex* ScopeWalk::next() {
  if (at_end_) return nullptr;
  visited_.reserve(visited_.size() + 1 > visited_.capacity() ? 2 * visited_.size() + 1 : 0);
  NamespacePin pin = directory_.step(scope_, from_, direction_);
  if (!pin) {
    at_end_ = true;
    return nullptr;
  }
  NamespaceIndex* index = pin.get();
  index->lock.lock_shared();
  visited_.push_back(std::move(pin));  // There is room.
  from_ = Directory::From{index->text(), false};
  return index;
}

std::vector<NamespaceIndex*> ScopeWalk::rest() {
  std::vector<NamespaceIndex*> all;
  while (NamespaceIndex* index = next()) all.push_back(index);
  open_gate();
  return all;
}

}  // namespace holdfast::in_memory
