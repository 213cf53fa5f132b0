#include "event.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "holdfast/row_copier.hpp"

namespace holdfast::migration {
namespace {

// As much as is held at once. Each scan is ended after that, so that a source's locks and log are
// held for moments only, however slow the destination is.
constexpr std::size_t chunk_entries = 20'000;
constexpr std::size_t chunk_bytes = std::size_t{8} << 20;
// What an entry takes in memory besides its texts, about.
constexpr std::size_t entry_overhead = 300;

// The entries of a scope by revision, read a chunk at a time.
class ScanEvents final : public EventStream {
 public:
  ScanEvents(Memory& source, const AddressMap& map, OrderBy order, const History& history,
             bool skip_creations, const Context& context)
      : source_(source), history_(history), skip_creations_(skip_creations), context_(context) {
    query_.scope = map.scope();
    query_.order = order;
    query_.after_revision = history.after;
    if (history.first_time) query_.filter = map.filter();
  }

  bool next(Event& event) override {
    if (at_ == chunk_.size()) {
      if (at_end_) return false;
      read_chunk();
      if (chunk_.empty()) return false;
    }
    const bool by_creation = query_.order == OrderBy::created;
    event.kind = by_creation ? Event::Kind::created : Event::Kind::updated;
    event.entry = std::move(chunk_[at_++]);
    event.number = by_creation ? event.entry.created_revision : event.entry.revision;
    return true;
  }

 private:
  void read_chunk() {
    chunk_.clear();
    at_ = 0;
    at_end_ = true;
    std::size_t bytes = 0;
    Revision reached = *query_.after_revision;
    source_.scan(
        query_,
        [&](const ScanRow& row) {
          const bool by_creation = query_.order == OrderBy::created;
          const Revision number = by_creation ? row.record.created_revision : row.record.revision;
          if (number > history_.until) return false;
          reached = number;
          if (skip_creations_ && number == row.record.created_revision) return true;
          chunk_.push_back(copier_.copy(row));
          bytes += chunk_.back().size_bytes() + entry_overhead;
          at_end_ = chunk_.size() < chunk_entries && bytes < chunk_bytes;
          return at_end_;
        },
        context_);
    query_.after_revision = reached;
  }

  Memory& source_;
  const History history_;
  const bool skip_creations_;
  const Context& context_;
  MemoryQuery query_;
  RowCopier copier_;
  std::vector<Entry> chunk_;
  std::size_t at_ = 0;
  bool at_end_ = false;
};

// The last write or the removal of each address, from the change log.
class ChangeEvents final : public EventStream {
 public:
  ChangeEvents(Memory& source, const AddressMap& map, const History& history, bool skip_creations,
               const Context& context)
      : source_(source),
        map_(map),
        history_(history),
        skip_creations_(skip_creations),
        context_(context) {
    page_.next_after = history.after;
    page_.more = true;
  }

  bool next(Event& event) override {
    while (true) {
      while (at_ < page_.changes.size()) {
        Change& change = page_.changes[at_++];
        if (change.revision > history_.until) return false;
        if (is_wanted(change)) return take(change, event);
      }
      if (!page_.more) return false;
      read_page();
    }
  }

 private:
  [[nodiscard]] bool is_wanted(const Change& change) const {
    if (!map_.covers(change.address.ns.text()) || change.address.ns.is_reserved()) return false;
    return !skip_creations_ || !change.record || change.record->created_revision != change.revision;
  }

  static bool take(Change& change, Event& event) {
    event.kind = change.record ? Event::Kind::updated : Event::Kind::removed;
    event.number = change.revision;
    event.entry = {};
    if (change.record) static_cast<Record&>(event.entry) = std::move(*change.record);
    event.entry.ns = std::move(change.address.ns);
    event.entry.key = std::move(change.address.key);
    return true;
  }

  // Pages of about a chunk, by the sizes seen so far.
  void read_page() {
    page_ = source_.changes(page_.next_after, limit_, context_);
    at_ = 0;
    std::size_t bytes = 0;
    for (const Change& change : page_.changes) {
      bytes += entry_overhead;
      if (change.record) bytes += change.record->value.json_text().size();
    }
    if (page_.changes.empty()) return;
    const std::size_t each = bytes / page_.changes.size();
    limit_ =
        std::clamp<std::size_t>(chunk_bytes / each, 1, std::min(limit_ * 4, chunk_entries / 2));
  }

  Memory& source_;
  const AddressMap& map_;
  const History history_;
  const bool skip_creations_;
  const Context& context_;
  ChangePage page_;
  std::size_t at_ = 0;
  std::size_t limit_ = 64;
};

// Two streams in one order.
class MergedEvents final : public EventStream {
 public:
  MergedEvents(std::unique_ptr<EventStream> first, std::unique_ptr<EventStream> second)
      : sides_{{std::move(first)}, {std::move(second)}} {}

  bool next(Event& event) override {
    for (Side& side : sides_) {
      if (!side.filled && !side.at_end) {
        side.filled = side.stream->next(side.head);
        side.at_end = !side.filled;
      }
    }
    Side* nearest = nullptr;
    for (Side& side : sides_) {
      const bool is_nearer =
          side.filled && (nearest == nullptr || side.head.number < nearest->head.number);
      if (is_nearer) nearest = &side;
    }
    if (nearest == nullptr) return false;
    event = std::move(nearest->head);
    nearest->filled = false;
    return true;
  }

 private:
  struct Side {
    std::unique_ptr<EventStream> stream;
    Event head{};
    bool filled = false;
    bool at_end = false;
  };
  Side sides_[2];
};

}  // namespace

std::unique_ptr<EventStream> open_history(Memory& source, const AddressMap& map,
                                          RestoreRevisions revisions, const History& history,
                                          const Context& context) {
  const bool assigns = revisions == RestoreRevisions::assign;
  std::unique_ptr<EventStream> writes;
  if (source.capabilities().change_log && !history.first_time) {
    writes = std::make_unique<ChangeEvents>(source, map, history, assigns, context);
  } else {
    writes = std::make_unique<ScanEvents>(source, map, OrderBy::updated, history, assigns, context);
  }
  if (!assigns) return writes;
  return std::make_unique<MergedEvents>(
      std::make_unique<ScanEvents>(source, map, OrderBy::created, history, false, context),
      std::move(writes));
}

}  // namespace holdfast::migration
