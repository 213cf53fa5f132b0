// The namespaces of a store, sorted, and the rules by which several of them are locked.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "holdfast/query.hpp"
#include "keyed_hash.hpp"
#include "namespace_index.hpp"
#include "read_write_lock.hpp"
#include "search/search_catalog.hpp"

namespace holdfast::in_memory {

class Directory;

// Keeps a namespace from vanishing. The last one to let go of an empty namespace erases it.
class NamespacePin {
 public:
  NamespacePin() = default;
  // Takes over one count of `index->pins`.
  NamespacePin(Directory* directory, NamespaceIndex* index) noexcept
      : directory_(directory), index_(index) {}
  NamespacePin(NamespacePin&& other) noexcept
      : directory_(other.directory_), index_(std::exchange(other.index_, nullptr)) {}
  NamespacePin& operator=(NamespacePin&& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(index_, other.index_);
    return *this;
  }
  ~NamespacePin();

  explicit operator bool() const noexcept { return index_ != nullptr; }
  NamespaceIndex* operator->() const noexcept { return index_; }
  NamespaceIndex* get() const noexcept { return index_; }

 private:
  Directory* directory_ = nullptr;
  NamespaceIndex* index_ = nullptr;
};

struct SubtreeBudget {
  std::string subtree;
  std::unique_ptr<Budget> budget;
};

// Locks are taken in this order: the gate, namespaces, shards, and last the queues of eviction.
// - Who walks over several namespaces holds the gate shared, so that none is created meanwhile,
//   and waits for each namespace in turn, in either direction, keeping those it went through.
// - Who writes to several namespaces never waits for one while it holds another, unless it holds
//   the gate exclusively, which keeps walks away. So nobody waits in a circle.
class Directory {
 public:
  Directory(const KeyedHash& hash, const std::vector<SubtreeBudget>& quotas)
      : hash_(hash), quotas_(quotas), by_text_(0, TextHash{&hash}) {}

  [[nodiscard]] NamespacePin pin(std::string_view text);  // Empty where there is none.
  [[nodiscard]] NamespacePin pin(NamespaceIndex& there) noexcept { return pinned(&there); }
  [[nodiscard]] NamespacePin pin_or_create(std::string_view text);

  // Where a step through a scope begins.
  struct From {
    std::string_view text;
    bool inclusive = false;
  };
  // The next namespace of the scope in the direction given; empty at its end.
  [[nodiscard]] NamespacePin step(const Scope& scope, const std::optional<From>& from,
                                  Direction direction);

  [[nodiscard]] ReadWriteLock& gate() noexcept { return gate_; }

  // Up to `most` namespaces below `subtree` in which something is expired.
  [[nodiscard]] std::vector<NamespacePin> pin_expired(std::string_view subtree, std::int64_t now_ms,
                                                      std::size_t most);
  static constexpr std::size_t no_limit = ~std::size_t{0};
  [[nodiscard]] const DeadlineSchedule& schedule() const noexcept { return schedule_; }
  [[nodiscard]] const NamespaceTally& tally() const noexcept { return tally_; }

  // What namespaces are configured for searching. Namespaces are created by it.
  [[nodiscard]] std::shared_ptr<const search::SearchCatalog> catalog() const;
  // The caller holds the gate exclusively, and all namespaces for which it changes something.
  void set_catalog(std::shared_ptr<const search::SearchCatalog> catalog) noexcept;

 private:
  friend class NamespacePin;
  using Map = std::map<std::string_view, std::unique_ptr<NamespaceIndex>>;

  [[nodiscard]] NamespacePin pinned(NamespaceIndex* index) noexcept;
  [[nodiscard]] NamespaceIndex* create(std::string_view text);
  void unpin(NamespaceIndex* index) noexcept;
  [[nodiscard]] NamespaceIndex* find_up(const Scope& scope, const std::optional<From>& from) const;
  [[nodiscard]] NamespaceIndex* find_down(const Scope& scope,
                                          const std::optional<From>& from) const;
  [[nodiscard]] NamespaceIndex* find(std::string_view text) const;

  const KeyedHash& hash_;
  const std::vector<SubtreeBudget>& quotas_;
  ReadWriteLock gate_;
  DeadlineSchedule schedule_;
  NamespaceTally tally_;
  mutable ReadWriteLock lock_;  // Of those below; nobody waits for anything while holding it.
  Map sorted_;
  std::unordered_map<std::string_view, NamespaceIndex*, TextHash> by_text_;
  std::shared_ptr<const search::SearchCatalog> catalog_ =
      std::make_shared<const search::SearchCatalog>();
};

// Exclusive locks of several namespaces.
class ExclusiveNamespaces {
 public:
  // `namespaces` in canonical order, each once, pinned for as long as this lives.
  ExclusiveNamespaces(Directory& directory, const std::vector<NamespaceIndex*>& namespaces);
  // The same for who holds the gate exclusively.
  explicit ExclusiveNamespaces(const std::vector<NamespaceIndex*>& namespaces) noexcept;
  ExclusiveNamespaces(const ExclusiveNamespaces&) = delete;
  ExclusiveNamespaces& operator=(const ExclusiveNamespaces&) = delete;
  ~ExclusiveNamespaces();

 private:
  [[nodiscard]] bool try_all(std::size_t& first) noexcept;
  void lock_in_order() noexcept;

  const std::vector<NamespaceIndex*>& namespaces_;
};

// Goes through the namespaces of a scope and shows all of them as of one state.
class ScopeWalk {
 public:
  ScopeWalk(Directory& directory, const Scope& scope, Direction direction = Direction::ascending,
            std::optional<Directory::From> from = std::nullopt);
  ScopeWalk(const ScopeWalk&) = delete;
  ScopeWalk& operator=(const ScopeWalk&) = delete;
  ~ScopeWalk();

  // The next namespace, locked shared until the walk ends; null at the end.
  [[nodiscard]] NamespaceIndex* next();
  // All of the rest; namespaces may be created again once it returns.
  [[nodiscard]] std::vector<NamespaceIndex*> rest();
  void open_gate() noexcept;

 private:
  Directory& directory_;
  const Scope& scope_;
  Direction direction_;
  std::optional<Directory::From> from_;
  std::vector<NamespacePin> visited_;
  bool holds_gate_ = false;
  bool at_end_ = false;
};

}  // namespace holdfast::in_memory
