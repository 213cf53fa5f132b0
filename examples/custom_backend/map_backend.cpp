#include "map_backend.hpp"

#include <algorithm>

#include "holdfast/counter.hpp"

namespace example {

using namespace holdfast;

namespace {

bool is_live(const Record& record, Timestamp instant) {
  return !record.expires_at || instant < *record.expires_at;
}

std::optional<Timestamp> deadline(const std::optional<Ttl>& ttl, Timestamp instant) {
  if (!ttl) return std::nullopt;
  return instant + ttl->milliseconds();
}

Record without_value(Record record) {
  record.value = nullptr;
  return record;
}

}  // namespace

// Puts back what lay at each address that was changed, unless `keep` is called. This is all that
// it takes to make a batch atomic while the mutex is held.
class MapBackend::Undo {
 public:
  explicit Undo(Entries& entries) : entries_(entries) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    for (auto it = before_.rbegin(); it != before_.rend(); ++it) {
      if (it->second) {
        entries_.insert_or_assign(it->first, std::move(*it->second));
      } else {
        entries_.erase(it->first);
      }
    }
  }

  // Before the entry at `address` is changed.
  void note(const Address& address) {
    const auto it = entries_.find(address);
    before_.emplace_back(address, it == entries_.end() ? std::nullopt : std::optional(it->second));
  }
  void keep() { before_.clear(); }

 private:
  Entries& entries_;
  std::vector<std::pair<Address, std::optional<Record>>> before_;
};

MapBackend::MapBackend(std::shared_ptr<Clock> clock)
    : clock_(std::make_shared<MonotonicClock>(std::move(clock))) {}

std::string MapBackend::name() const { return "map"; }

Capabilities MapBackend::capabilities() const {
  Capabilities capabilities;
  capabilities.atomic_scope = AtomicScope::store;
  capabilities.durability = Durability::none;
  return capabilities;
}

// A transaction brings its own instant; every other call reads the clock once.
Timestamp MapBackend::now(const Context& context) {
  return context.instant ? *context.instant : clock_->now();
}

// The expired are absent from their deadline on, whether or not they were swept.
Record* MapBackend::find_live(AddressView address, Timestamp instant) {
  const auto it = entries_.find(address);
  if (it == entries_.end() || !is_live(it->second, instant)) return nullptr;
  return &it->second;
}

void MapBackend::read(std::span<const AddressView> addresses,
                      std::span<std::optional<Record>> records, Detail detail,
                      const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const Timestamp instant = now(context);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Record* live = find_live(addresses[i], instant);
    records[i].reset();
    if (live != nullptr) records[i] = detail == Detail::record ? *live : without_value(*live);
  }
}

std::optional<std::size_t> MapBackend::write(std::span<const WriteOp> ops,
                                             std::span<WriteResult> results,
                                             const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const Timestamp instant = now(context);
  Undo undo(entries_);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    results[i] = apply(ops[i], instant, undo);
    const bool unmet = results[i].status == WriteStatus::unmet;
    if (unmet && ops[i].on_unmet == OnUnmet::abort_batch) return i;
  }
  undo.keep();
  return std::nullopt;
}

WriteResult MapBackend::apply(const WriteOp& op, Timestamp instant, Undo& undo) {
  const Record* live = find_live(op.address, instant);
  WriteResult result;
  result.revision = live == nullptr ? 0 : live->revision;
  if (op.return_previous && live != nullptr) result.previous = *live;
  if (!op.precondition.holds(live == nullptr ? std::nullopt : std::optional(live->revision))) {
    return result;
  }
  switch (op.kind) {
    case WriteOp::Kind::check:
      result.status = WriteStatus::checked;
      break;
    case WriteOp::Kind::set: {
      const bool keeps = op.keep_ttl && live != nullptr;
      put(op, op.value, keeps ? live->expires_at : deadline(op.ttl, instant), instant, undo,
          result);
      break;
    }
    case WriteOp::Kind::increment:
      add(op, instant, undo, result);
      break;
    case WriteOp::Kind::touch:
      if (live == nullptr) {
        result.status = WriteStatus::absent;
      } else {
        put(op, MemoryValue(live->value), deadline(op.ttl, instant), instant, undo, result);
      }
      break;
    case WriteOp::Kind::erase:
      result.status = live == nullptr ? WriteStatus::absent : WriteStatus::erased;
      if (live == nullptr) break;
      undo.note({Namespace(op.address.ns), std::string(op.address.key)});
      entries_.erase(entries_.find(op.address));
      result.revision = ++last_revision_;
      break;
  }
  return result;
}

// Creates or overwrites. What a creation fixes survives every later write.
void MapBackend::put(const WriteOp& op, const MemoryValue& value,
                     std::optional<Timestamp> expires_at, Timestamp instant, Undo& undo,
                     WriteResult& result) {
  const Address address{Namespace(op.address.ns), std::string(op.address.key)};
  undo.note(address);
  Record record;
  record.value = value;
  record.revision = ++last_revision_;
  record.updated_at = instant;
  record.expires_at = expires_at;
  const Record* live = find_live(op.address, instant);
  record.created_revision = live == nullptr ? record.revision : live->created_revision;
  record.created_at = live == nullptr ? instant : live->created_at;
  result.status = live == nullptr ? WriteStatus::created : WriteStatus::updated;
  result.revision = record.revision;
  entries_.insert_or_assign(address, std::move(record));
}

void MapBackend::add(const WriteOp& op, Timestamp instant, Undo& undo, WriteResult& result) {
  const Record* live = find_live(op.address, instant);
  result.number = incremented(op.address, live == nullptr ? nullptr : &live->value, op.delta);
  put(op, result.number, live == nullptr ? deadline(op.ttl, instant) : live->expires_at, instant,
      undo, result);
}

std::vector<MapBackend::Row> MapBackend::live_rows(const Scope& scope, Timestamp instant) const {
  std::vector<Row> rows;
  const AddressView first{scope.ns.text(), {}};
  for (auto it = entries_.lower_bound(first); it != entries_.end(); ++it) {
    const std::string_view ns = it->first.ns.text();
    if (!ns.starts_with(scope.ns.text())) break;
    if (scope.contains(ns) && is_live(it->second, instant)) {
      rows.emplace_back(&it->first, &it->second);
    }
  }
  return rows;
}

void MapBackend::scan(const ScanRequest& request, const RowSink& sink, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const MemoryQuery& query = request.query;
  std::vector<Row> rows = live_rows(query.scope, now(context));
  const auto place = [&query](const Row& row) {  // By key, rows keep the order of the map.
    if (query.order == OrderBy::created) return row.second->created_revision;
    return query.order == OrderBy::updated ? row.second->revision : Revision{0};
  };
  std::ranges::stable_sort(rows, {}, place);
  if (query.direction == Direction::descending) std::ranges::reverse(rows);
  const auto is_passed = [&](const Row& row) {
    if (!request.after) return false;
    const bool up = query.direction == Direction::ascending;
    if (query.order != OrderBy::key) {
      return up ? place(row) <= request.after->revision : place(row) >= request.after->revision;
    }
    const Address& after = request.after->address;
    return up ? *row.first <= after : *row.first >= after;
  };
  for (const Row& row : rows) {
    if (is_passed(row)) continue;
    Record record = request.detail == Detail::record ? *row.second : without_value(*row.second);
    if (!sink({AddressLess::view(*row.first), record})) return;
  }
}

std::uint64_t MapBackend::count(const Scope& scope, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  return live_rows(scope, now(context)).size();
}

std::uint64_t MapBackend::clear(const Scope& scope, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const std::uint64_t live = live_rows(scope, now(context)).size();
  std::erase_if(entries_, [&](const auto& item) { return scope.contains(item.first.ns.text()); });
  last_revision_ += static_cast<Revision>(live);
  return live;
}

void MapBackend::scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                                 const NamespaceSink& sink, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const Address* previous = nullptr;
  for (const Row& row : live_rows({root, true}, now(context))) {
    const bool repeats = previous != nullptr && previous->ns == row.first->ns;
    previous = row.first;
    if (repeats || (after && row.first->ns.text() <= *after)) continue;
    if (!sink(row.first->ns.text())) return;
  }
}

std::size_t MapBackend::sweep(std::size_t max_entries, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  const Timestamp instant = now(context);
  std::size_t swept = 0;
  for (auto it = entries_.begin(); it != entries_.end() && swept < max_entries;) {
    if (is_live(it->second, instant)) {
      ++it;
    } else {
      it = entries_.erase(it);
      ++swept;
    }
  }
  reclaimed_ += swept;
  return swept;
}

MemoryStats MapBackend::stats(const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  MemoryStats stats;
  stats.backend = name();
  stats.last_revision = last_revision_;
  const Address* previous = nullptr;
  for (const auto& [address, record] : live_rows({Namespace(), true}, now(context))) {
    if (previous == nullptr || previous->ns != address->ns) ++stats.namespaces;
    previous = address;
    ++stats.entries;
    stats.bytes +=
        address->ns.text().size() + address->key.size() + record->value.json_text().size();
  }
  stats.counters.expired = reclaimed_;
  stats.details = MemoryValue::map({});
  return stats;
}

void MapBackend::probe(const Context& context) { context.check(); }

// One mutex orders all writes, so that everything written is visible at once.
Revision MapBackend::stable_revision(const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  return last_revision_;
}

ChangePage MapBackend::changes(Revision after, std::size_t limit, const Context& context) {
  const std::lock_guard lock(mutex_);
  context.check();
  std::vector<Row> rows = live_rows({Namespace(), true}, now(context));
  std::erase_if(rows, [after](const Row& row) { return row.second->revision <= after; });
  std::ranges::sort(rows, {}, [](const Row& row) { return row.second->revision; });
  ChangePage page;
  page.more = rows.size() > limit;
  rows.resize(std::min(rows.size(), limit));
  for (const auto& [address, record] : rows) {
    page.changes.push_back({record->revision, *address, *record});
  }
  page.next_after = page.more ? page.changes.back().revision : std::max(after, last_revision_);
  return page;
}

// What a backend does not offer, it refuses; `capabilities` says the same.
void MapBackend::restore(const RestoreBatch&, std::span<RestoreStatus>, const Context&) {
  throw Error(ErrorCode::unsupported, "This backend cannot restore entries.", {name(), "restore"});
}

std::optional<std::string> MapBackend::note(std::string_view, const Context&) {
  throw Error(ErrorCode::unsupported, "This backend keeps no notes.", {name(), "note"});
}

// A map has no free space in which something could be left, and this one keeps no history.
SubjectErasure MapBackend::erase_subject(const Scope& scope, const Context& context) {
  return {clear(scope, context), {"the map"}, {"memory that the process has given back"}};
}

// No write of this backend ends in doubt, so that no token is its own.
std::optional<bool> MapBackend::resolve(const CommitToken&, const Context&) {
  throw Error(ErrorCode::invalid_argument, "This token is not one of this store.",
              {name(), "resolve"});
}

Maintenance* MapBackend::maintenance() noexcept { return nullptr; }
SearchIndex* MapBackend::search_index() noexcept { return nullptr; }

void MapBackend::close() { entries_.clear(); }

}  // namespace example
