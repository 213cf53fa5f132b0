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
    const Record record = block.record(detail_);
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

  [[nodiscard]] EntryBlock* first(const NamespaceIndex& ns) const {
    if (direction == Direction::ascending) {
      return ns.by_key.first_where([&](const EntryBlock& block) {
        return block.key() >= prefix && (!has_after || block.key() > after);
      });
    }
    return ns.by_key.last_before([&](const EntryBlock& block) {
      return block.key().substr(0, prefix.size()) > prefix || (has_after && block.key() >= after);
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

template <typename Tree>
EntryBlock* following(EntryBlock* block, Direction direction) {
  return direction == Direction::ascending ? Tree::next(block) : Tree::previous(block);
}

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
    for (EntryBlock* block = range.first(*ns); block != nullptr && range.holds(*block);
         block = following<KeyTree>(block, query.direction)) {
      if (!deliver(*block)) return;
    }
  }
}

Revision position(const CreatedTree*, const EntryBlock& block) { return block.created_revision; }
Revision position(const RevisionTree*, const EntryBlock& block) { return block.revision; }

template <typename Tree>
EntryBlock* first_by_revision(const Tree& tree, const std::optional<Position>& after,
                              Direction direction) {
  const bool up = direction == Direction::ascending;
  if (!after) return up ? tree.first() : tree.last();
  const auto is_past = [&](const EntryBlock& block) {
    const Revision at = position(&tree, block);
    return up ? at > after->revision : at >= after->revision;
  };
  return up ? tree.first_where(is_past) : tree.last_before(is_past);
}

// Merges the namespaces of a scope by the order of their trees.
template <typename Tree>
void scan_by_revision(Store& store, const ScanRequest& request, Tree NamespaceIndex::*tree,
                      Delivery& deliver) {
  const Direction direction = request.query.direction;
  ScopeWalk walk(store.directory, request.query.scope);
  std::vector<EntryBlock*> heads;
  for (const NamespaceIndex* ns : walk.rest()) {
    EntryBlock* head = first_by_revision(ns->*tree, request.after, direction);
    if (head != nullptr) heads.push_back(head);
  }
  const auto comes_later = [&](const EntryBlock* a, const EntryBlock* b) {
    const Revision of_a = position(static_cast<const Tree*>(nullptr), *a);
    const Revision of_b = position(static_cast<const Tree*>(nullptr), *b);
    return direction == Direction::ascending ? of_a > of_b : of_a < of_b;
  };
  std::make_heap(heads.begin(), heads.end(), comes_later);
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end(), comes_later);
    if (!deliver(*heads.back())) return;
    heads.back() = following<Tree>(heads.back(), direction);
    if (heads.back() == nullptr) {
      heads.pop_back();
    } else {
      std::push_heap(heads.begin(), heads.end(), comes_later);
    }
  }
}

Change change_of(const EntryBlock& block) {
  Change change;
  change.revision = block.revision;
  change.address = {Namespace::from_canonical(SharedText::copy_of(block.ns->text())),
                    std::string(block.key())};
  if (!block.is_tombstone()) change.record = block.record(Detail::record);
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
  std::vector<EntryBlock*> heads;
  while (const NamespaceIndex* ns = walk.next()) {
    for (const RevisionTree* tree : {&ns->by_revision, &ns->tombstones}) {
      const std::optional<Position> from = Position{{}, after};
      EntryBlock* head = first_by_revision(*tree, from, Direction::ascending);
      if (head != nullptr) heads.push_back(head);
    }
  }
  // All are locked and none can be created: nothing at or below it can still appear.
  const Revision stable = store.last_revision.load();
  walk.open_gate();
  const auto comes_later = [](const EntryBlock* a, const EntryBlock* b) {
    return a->revision > b->revision;
  };
  std::make_heap(heads.begin(), heads.end(), comes_later);
  ChangePage page;
  page.next_after = std::max(after, stable);
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end(), comes_later);
    EntryBlock* block = heads.back();
    heads.pop_back();
    if (block->is_tombstone() || block->is_live(now_ms)) {
      if (page.changes.size() == limit) {
        page.more = true;
        page.next_after = page.changes.empty() ? after : page.changes.back().revision;
        break;
      }
      page.changes.push_back(change_of(*block));
    }
    if (EntryBlock* next = RevisionTree::next(block)) {
      heads.push_back(next);
      std::push_heap(heads.begin(), heads.end(), comes_later);
    }
  }
  return page;
}

}  // namespace holdfast::in_memory
