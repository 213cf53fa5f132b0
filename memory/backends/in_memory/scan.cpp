#include "scan.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::in_memory {
namespace {

// Delivers live blocks, and looks at the context now and then.
class Delivery {
 public:
  Delivery(Store& store, const ScanRequest& request, const RowSink& sink, const Context& context)
      : detail_(request.detail), sink_(sink), context_(context), now_ms_(store.now_ms(context)) {}

  // False: no more are wanted.
  bool operator()(const EntryBlock& block) {
    if ((++seen_ & 1023U) == 0) context_.check();
    if (!block.is_live(now_ms_)) return true;
    Record record = block.record(detail_);
    return sink_({block.address(), record});
  }

 private:
  Detail detail_;
  const RowSink& sink_;
  const Context& context_;
  std::int64_t now_ms_;
  std::size_t seen_ = 0;
};

// Which keys of a namespace a scan by key goes through.
struct KeyRange {
  std::string prefix;
  std::string_view after;
  bool has_after = false;
  Direction direction = Direction::ascending;

  [[nodiscard]] KeyOrder::Position first(const NamespaceIndex& ns) const {
    if (direction == Direction::ascending) {
      return ns.by_key.first_where([&](const EntryBlock* block) {
        return block->key() >= prefix && (!has_after || block->key() > after);
      });
    }
    return ns.by_key.last_before([&](const EntryBlock* block) {
      return block->key().substr(0, prefix.size()) > prefix || (has_after && block->key() >= after);
    });
  }
  [[nodiscard]] bool holds(const EntryBlock& block) const {
    return block.key().starts_with(prefix);
  }
};

// Text that the key of every matching entry begins with.
std::string common_prefix(const MemoryQuery& query) {
  std::string literal = query.key_pattern.literal_prefix();
  return literal.starts_with(query.key_prefix) ? literal : query.key_prefix;
}

// A walk through an order, from a slot on.
template <typename Position>
class Walk {
 public:
  Walk(Position from, Direction direction) noexcept
      : at_(from), upwards_(direction == Direction::ascending) {
    fetch();
  }
  explicit operator bool() const noexcept { return static_cast<bool>(at_); }
  [[nodiscard]] EntryBlock* block() const noexcept { return block_of(*at_); }
  [[nodiscard]] auto& slot() const noexcept { return *at_; }
  void step() noexcept {
    upwards_ ? at_.to_next() : at_.to_previous();
    if (--fetched_ == 0 || (at_ && at_.begins_chunk(upwards_))) fetch();
  }

 private:
  // Many at once: their memory comes at the same time, while after each row that is delivered the
  // processor waits for all that it has asked for (a locked instruction counts the reference).
  void fetch() noexcept {
    constexpr std::size_t at_once = 16;
    fetched_ = at_once;
    if (at_) at_.fetch_ahead(upwards_, at_once);
  }

  Position at_;
  bool upwards_;
  std::size_t fetched_ = 0;  // Steps until the next are to be fetched.
};

void scan_by_key(Store& store, const ScanRequest& request, Delivery& deliver) {
  const MemoryQuery& query = request.query;
  KeyRange range{common_prefix(query), {}, false, query.direction};
  std::optional<Directory::From> from;
  if (request.after) {
    from = Directory::From{request.after->address.ns.text(), true};
    range.after = request.after->address.key;
  }
  ScopeWalk walk(store.directory, query.scope, query.direction, from);
  while (const NamespaceIndex* ns = walk.next()) {
    range.has_after = from && from->text == ns->text();
    for (Walk walk_of_keys(range.first(*ns), query.direction); walk_of_keys; walk_of_keys.step()) {
      const EntryBlock& block = *walk_of_keys.block();
      if (!range.holds(block)) break;
      if (!deliver(block)) return;
    }
  }
}

RevisionOrder::Position first_by_revision(const RevisionOrder& order,
                                          const std::optional<Position>& after,
                                          Direction direction) {
  const bool up = direction == Direction::ascending;
  if (!after) return up ? order.first() : order.last();
  const auto is_past = [&](const ByRevision::Slot& slot) {
    return up ? slot.at > after->revision : slot.at >= after->revision;
  };
  return up ? order.first_where(is_past) : order.last_before(is_past);
}

using RevisionWalk = Walk<RevisionOrder::Position>;

// Walks through the orders of several namespaces, merged by their revisions.
class MergedWalk {
  // What `std::make_heap` takes: whether the one comes after the other.
  struct ComesLater {
    Direction direction;
    bool operator()(const RevisionWalk& a, const RevisionWalk& b) const noexcept {
      return direction == Direction::ascending ? a.slot().at > b.slot().at
                                               : a.slot().at < b.slot().at;
    }
  };

 public:
  explicit MergedWalk(Direction direction) noexcept : direction_(direction), order_{direction} {}

  void add(const RevisionOrder& order, const std::optional<Position>& after) {
    const RevisionWalk walk(first_by_revision(order, after, direction_), direction_);
    if (walk) heads_.push_back(walk);
  }
  // After the last `add`.
  void begin() { std::make_heap(heads_.begin(), heads_.end(), order_); }
  [[nodiscard]] bool at_end() const noexcept { return heads_.empty(); }
  [[nodiscard]] EntryBlock* block() const noexcept { return heads_.front().block(); }
  void step() {
    if (heads_.size() > 1) std::pop_heap(heads_.begin(), heads_.end(), order_);
    heads_.back().step();
    if (!heads_.back()) {
      heads_.pop_back();
    } else if (heads_.size() > 1) {
      std::push_heap(heads_.begin(), heads_.end(), order_);
    }
  }

 private:
  Direction direction_;
  ComesLater order_;
  std::vector<RevisionWalk> heads_;  // A heap whose front comes first.
};

// Merges the namespaces of a scope.
void scan_by_revision(Store& store, const ScanRequest& request,
                      RevisionOrder NamespaceIndex::*order, Delivery& deliver) {
  ScopeWalk walk(store.directory, request.query.scope);
  MergedWalk merged(request.query.direction);
  for (const NamespaceIndex* ns : walk.rest()) merged.add(ns->*order, request.after);
  for (merged.begin(); !merged.at_end(); merged.step()) {
    if (!deliver(*merged.block())) return;
  }
}

Change change_of(const EntryBlock& block, bool is_live) {
  Change change;
  change.revision = block.revision;
  change.address = {Namespace::from_canonical(SharedText::copy_of(block.address().ns)),
                    std::string(block.key())};
  if (is_live) change.record = block.record(Detail::record);
  return change;
}

}  // namespace

void scan_entries(Store& store, const ScanRequest& request, const RowSink& sink,
                  const Context& context) {
  Delivery deliver(store, request, sink, context);
  switch (request.query.order) {
    case OrderBy::key:
      return scan_by_key(store, request, deliver);
    case OrderBy::created:
      return scan_by_revision(store, request, &NamespaceIndex::by_created, deliver);
    case OrderBy::updated:
      return scan_by_revision(store, request, &NamespaceIndex::by_revision, deliver);
  }
}

ChangePage read_changes(Store& store, Revision after, std::size_t limit, const Context& context) {
  const std::int64_t now_ms = store.now_ms(context);
  const Scope everything{Namespace(), true};
  ScopeWalk walk(store.directory, everything);
  MergedWalk merged(Direction::ascending);
  const std::optional<Position> from = Position{{}, after};
  while (const NamespaceIndex* ns = walk.next()) {
    for (const RevisionOrder* order : {&ns->by_revision, &ns->tombstones}) merged.add(*order, from);
  }
  // All are locked and none can be created: nothing at or below it can still appear.
  const Revision stable = store.last_revision.load();
  walk.open_gate();
  ChangePage page;
  page.next_after = std::max(after, stable);
  for (merged.begin(); !merged.at_end(); merged.step()) {
    const EntryBlock& block = *merged.block();
    const bool is_live = !block.is_tombstone() && block.is_live(now_ms);
    // Expired and not yet reclaimed is a removal, too: what lay there before must go.
    if (!is_live && !store.options.change_log) continue;
    if (page.changes.size() == limit) {
      page.more = true;
      page.next_after = page.changes.empty() ? after : page.changes.back().revision;
      break;
    }
    page.changes.push_back(change_of(block, is_live));
  }
  return page;
}

}  // namespace holdfast::in_memory
