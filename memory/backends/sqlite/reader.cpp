#include "reader.hpp"

#include <algorithm>

#include "errors.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::sqlite {

StoreState step_to_state(Statement& statement) {
  if (!statement.step()) fail(ErrorCode::corruption, "the store's row of counters is missing");
  return {statement.integer(0),      statement.integer(1), statement.integer(2),
          statement.integer(3),      statement.integer(4), statement.integer(5) != 0,
          statement.integer(6) != 0, statement.integer(7)};
}

StoreState read_state(Statement& statement) {
  const Using use(statement);
  return step_to_state(statement);
}

Reader::Reader(const std::string& path, const ConnectionOptions& options)
    : connection_(path, options),
      hold_snapshot_(connection_.prepare(state_sql)),
      find_record_(connection_.prepare(
          "SELECT " HOLDFAST_SQLITE_ROW_COLUMNS ", e.large_value_id, e.value FROM namespace n "
          "CROSS JOIN entry e WHERE n.path = ?1 AND e.namespace_id = n.id AND e.key = ?2")),
      find_live_(connection_.prepare("SELECT " HOLDFAST_SQLITE_ROW_COLUMNS
                                     " FROM namespace n CROSS JOIN entry e "
                                     "WHERE n.path = ?1 AND e.namespace_id = n.id AND e.key = ?2")),
      find_large_value_(connection_.prepare("SELECT value FROM large_value WHERE id = ?1")),
      list_namespaces_(connection_.prepare("SELECT id, path, entries FROM namespace "
                                           "WHERE path >= ?1 AND path < ?2 ORDER BY path")),
      list_namespaces_descending_(
          connection_.prepare("SELECT id, path, entries FROM namespace "
                              "WHERE path >= ?1 AND path < ?2 ORDER BY path DESC")),
      any_expired_(connection_.prepare("SELECT 1 FROM entry INDEXED BY entry_by_expiry "
                                       "WHERE expires_at <= ?1 LIMIT 1")) {}

void Reader::find(const AddressView& address, Detail detail, Timestamp now,
                  std::optional<Record>& found) {
  const bool with_value = detail == Detail::record;
  Statement& statement = with_value ? find_record_ : find_live_;
  const Using use(statement);
  statement.bind(1, address.ns).bind(2, address.key);
  found.reset();
  if (!statement.step()) return;
  const Row row = read_row(statement);
  if (!row.is_live(now)) return;
  Record& record = found.emplace();
  fill_record(record, row);
  if (!with_value) return;
  const auto large_value = statement.optional_integer(row_columns);
  if (!large_value) {
    record.value =
        MemoryValue::from_canonical(SharedText::copy_of(statement.text(row_columns + 1)));
    return;
  }
  // The statement above is still under way and so keeps this one on the same state.
  Using large(find_large_value_);
  large->bind(1, *large_value);
  if (!large->step()) fail(ErrorCode::corruption, "the value of an entry is missing");
  record.value = MemoryValue::from_canonical(SharedText::copy_of(large->text(0)));
}

void Reader::read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
                  Detail detail, Timestamp now) {
  std::optional<Snapshot> snapshot;
  if (addresses.size() > 1) snapshot.emplace(hold_snapshot_);
  for (std::size_t i = 0; i < addresses.size(); ++i) find(addresses[i], detail, now, records[i]);
}

std::unordered_map<std::int64_t, ExpiredTotals> Reader::expired_by_namespace(Timestamp now) {
  std::unordered_map<std::int64_t, ExpiredTotals> totals;
  {
    Using any(any_expired_);
    any->bind(1, to_ms(now));
    if (!any->step()) return totals;
  }
  Statement statement = connection_.prepare(
      "SELECT namespace_id, size FROM entry INDEXED BY entry_by_expiry WHERE expires_at <= ?1");
  statement.bind(1, to_ms(now));
  while (statement.step()) {
    ExpiredTotals& of_namespace = totals[statement.integer(0)];
    ++of_namespace.entries;
    of_namespace.bytes += statement.integer(1);
  }
  return totals;
}

std::uint64_t Reader::count(const Scope& scope, Timestamp now) {
  const Snapshot snapshot(hold_snapshot_);
  const auto expired = expired_by_namespace(now);
  if (scope.subtree && scope.ns.is_root()) {
    // The store has a sum of its own, so that this does not go through all namespaces.
    std::int64_t live = snapshot.state().entries;
    for (const auto& [id, totals] : expired) live -= totals.entries;
    return static_cast<std::uint64_t>(live);
  }
  const support::SubtreeRanges ranges(scope.ns.text());
  std::int64_t live = 0;
  const auto add = [&](std::string_view first, std::string_view end) {
    Using list(list_namespaces_);
    list->bind(1, first).bind(2, end);
    while (list->step()) {
      live += list->integer(2);
      const auto found = expired.find(list->integer(0));
      if (found != expired.end()) live -= found->second.entries;
    }
  };
  if (!scope.subtree) {
    const std::string end = std::string(scope.ns.text()) + '\0';
    add(scope.ns.text(), end);
  } else {
    add(ranges.own.first, ranges.own.end);
    add(ranges.below.first, ranges.below.end);
  }
  return static_cast<std::uint64_t>(live);
}

void Reader::scan_namespaces(std::string_view root, const std::optional<std::string>& after,
                             const NamespaceSink& sink, Timestamp now, const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  const auto expired = expired_by_namespace(now);
  const support::SubtreeRanges ranges(root);
  for (const support::TextRange& range : {ranges.own, ranges.below}) {
    std::string first = range.first;
    if (after) first = std::max(first, *after + '\0');
    Using list(list_namespaces_);
    list->bind(1, first).bind(2, range.end);
    for (std::uint64_t rows = 0; list->step(); ++rows) {
      if (rows % 256 == 0) context.check();
      const auto found = expired.find(list->integer(0));
      if (found != expired.end() && found->second.entries >= list->integer(2)) continue;
      if (!sink(list->text(1))) return;
    }
  }
}

void Reader::stats(MemoryStats& stats, Timestamp now) {
  const Snapshot snapshot(hold_snapshot_);
  const StoreState& state = snapshot.state();
  const auto expired = expired_by_namespace(now);
  std::int64_t entries = state.entries;
  std::int64_t bytes = state.bytes;
  std::int64_t namespaces = connection_.query_integer("SELECT count(*) FROM namespace");
  Statement entries_of = connection_.prepare("SELECT entries FROM namespace WHERE id = ?1");
  for (const auto& [id, totals] : expired) {
    entries -= totals.entries;
    bytes -= totals.bytes;
    Using use(entries_of);
    use->bind(1, id);
    if (use->step() && use->integer(0) <= totals.entries) --namespaces;
  }
  stats.entries = static_cast<std::uint64_t>(entries);
  stats.bytes = static_cast<std::uint64_t>(bytes);
  stats.namespaces = static_cast<std::uint64_t>(namespaces);
  stats.last_revision = state.last_revision;
}

StoreState Reader::state() { return read_state(hold_snapshot_); }

std::optional<std::string> Reader::note(std::string_view name) {
  Statement read = connection_.prepare("SELECT text FROM note WHERE name = ?1");
  read.bind(1, name);
  if (!read.step()) return std::nullopt;
  return std::string(read.text(0));
}

ChangePage Reader::changes(Revision after, std::size_t limit, Timestamp now,
                           const Context& context) {
  const Snapshot snapshot(hold_snapshot_);
  ChangePage page;
  MemoryQuery query;
  query.scope.subtree = true;
  query.order = OrderBy::updated;
  ScanRequest request{query, Position{{}, after}, limit + 1, Detail::record};
  const StoreState& state = snapshot.state();
  const RowSink take = [&](const ScanRow& row) {
    const bool expired = row.record.expires_at && *row.record.expires_at <= now;
    if (expired && !state.change_log) return true;
    Change change{row.record.revision,
                  {Namespace::from_canonical(SharedText::copy_of(row.address.ns)),
                   std::string(row.address.key)},
                  std::nullopt};
    // Expired and not yet reclaimed is a removal, too: what lay there before must go.
    if (!expired) {
      change.record = row.record;
      change.record->value = row.take_value();
    }
    page.changes.push_back(std::move(change));
    return page.changes.size() <= limit;
  };
  scan_subtree(request, take, Timestamp::min(), context);
  Statement removed = connection_.prepare(
      "SELECT revision, path, key FROM tombstone WHERE revision > ?1 ORDER BY revision LIMIT ?2");
  removed.bind(1, after).bind(2, static_cast<std::int64_t>(limit) + 1);
  while (removed.step()) {
    page.changes.push_back({removed.integer(0),
                            {Namespace::from_canonical(SharedText::copy_of(removed.text(1))),
                             std::string(removed.text(2))},
                            std::nullopt});
  }
  std::sort(page.changes.begin(), page.changes.end(),
            [](const Change& a, const Change& b) { return a.revision < b.revision; });
  page.more = page.changes.size() > limit;
  if (page.more) page.changes.resize(limit);
  page.next_after = page.more ? page.changes.back().revision : std::max(after, state.last_revision);
  return page;
}

}  // namespace holdfast::sqlite
