#include "faulty_backend.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

namespace holdfast::conformance {

FaultyBackend::FaultyBackend(std::unique_ptr<Backend> sound, std::string fault)
    : sound_(std::move(sound)), fault_(std::move(fault)) {}

void FaultyBackend::spoil(Record& record) const {
  if (has("created_at_reset")) record.created_at = record.updated_at;
  if (has("int_becomes_double") && record.value.kind() == ValueKind::int64) {
    record.value = static_cast<double>(record.value.get<std::int64_t>());
  }
}

void FaultyBackend::read(std::span<const AddressView> addresses,
                         std::span<std::optional<Record>> records, Detail detail,
                         const Context& context) {
  if (has("get_many_torn")) return read_torn(addresses, records, detail, context);
  Context used = context;
  if (has("expires_late")) used.instant = sound_->now(context) - std::chrono::milliseconds(1);
  sound_->read(addresses, records, detail, used);
  for (std::optional<Record>& record : records) {
    if (record) spoil(*record);
  }
}

// Waits between its reads for somebody to write, so that the fault shows on a busy machine too; not
// for long, as there may be no writer.
void FaultyBackend::read_torn(std::span<const AddressView> addresses,
                              std::span<std::optional<Record>> records, Detail detail,
                              const Context& context) {
  constexpr int patience = 1000;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Revision before = sound_->stable_revision(context);
    sound_->read(addresses.subspan(i, 1), records.subspan(i, 1), detail, context);
    for (int turn = 0; i == 0 && turn < patience; ++turn) {
      if (addresses.size() == 1 || sound_->stable_revision(context) != before) break;
      std::this_thread::yield();
    }
  }
}

std::vector<WriteOp> FaultyBackend::spoiled(std::span<const WriteOp> ops) const {
  std::vector<WriteOp> changed(ops.begin(), ops.end());
  for (WriteOp& op : changed) {
    const bool compares = op.precondition.kind == Precondition::Kind::if_revision;
    if (has("compare_and_set_lost") && compares) op.precondition = Precondition::if_present();
    if (has("checks_ignored") && op.kind == WriteOp::Kind::check) op.precondition = {};
    if (has("set_keeps_ttl") && op.kind == WriteOp::Kind::set && !op.ttl) op.keep_ttl = true;
  }
  return changed;
}

std::optional<std::size_t> FaultyBackend::write(std::span<const WriteOp> ops,
                                                std::span<WriteResult> results,
                                                const Context& context) {
  if (has("batch_applied_half")) return write_one_by_one(ops, results, context);
  const bool is_increment = ops.size() == 1 && ops[0].kind == WriteOp::Kind::increment;
  if (has("increment_clears_ttl") && is_increment) {
    return increment_without_deadline(ops[0], results[0], context);
  }
  std::optional<std::size_t> failed;
  try {
    failed = sound_->write(spoiled(ops), results, context);
  } catch (const Error& error) {
    if (has("foreign_exception")) throw std::runtime_error(error.what());
    throw;
  }
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const bool is_absent = results[i].status == WriteStatus::absent;
    if (has("absent_is_erased") && ops[i].kind == WriteOp::Kind::erase && is_absent) {
      results[i].status = WriteStatus::erased;
    }
    if (results[i].previous) spoil(*results[i].previous);
  }
  return failed;
}

std::optional<std::size_t> FaultyBackend::write_one_by_one(std::span<const WriteOp> ops,
                                                           std::span<WriteResult> results,
                                                           const Context& context) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (sound_->write(ops.subspan(i, 1), results.subspan(i, 1), context)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> FaultyBackend::increment_without_deadline(const WriteOp& op,
                                                                     WriteResult& result,
                                                                     const Context& context) {
  std::vector<WriteOp> ops{op, op};
  ops[1].kind = WriteOp::Kind::touch;
  ops[1].ttl.reset();
  std::vector<WriteResult> results(2);
  const auto failed = sound_->write(ops, results, context);
  result = results[0];
  return failed;
}

void FaultyBackend::scan(const ScanRequest& request, const RowSink& sink, const Context& context) {
  if (has("equal_milliseconds_swapped") && request.query.order == OrderBy::created) {
    return scan_by_clock(request, sink, context);
  }
  if (has("subtree_leaks") && request.query.scope.subtree) {
    return scan_by_text_prefix(request, sink, context);
  }
  bool skips = has("cursor_skips") && request.after.has_value();
  const bool repeats = has("cursor_repeats") && request.after.has_value();
  ScanRequest used = request;
  if (repeats && request.query.order != OrderBy::key) {
    used.after->revision += request.query.direction == Direction::ascending ? -1 : 1;
  }
  sound_->scan(
      used,
      [&](const ScanRow& row) {
        if (std::exchange(skips, false)) return true;
        Record record = row.record;
        spoil(record);
        return sink({row.address, record, row.value_is_borrowed});
      },
      context);
}

void FaultyBackend::scan_by_clock(const ScanRequest& request, const RowSink& sink,
                                  const Context& context) {
  std::vector<Entry> entries;
  sound_->scan(
      request,
      [&](const ScanRow& row) {
        Entry& entry = entries.emplace_back();
        static_cast<Record&>(entry) = row.record;
        entry.value = row.take_value();
        entry.ns = Namespace(row.address.ns);
        entry.key = row.address.key;
        return true;
      },
      context);
  std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
    const bool ascending = request.query.direction == Direction::ascending;
    if (a.created_at != b.created_at) return (a.created_at < b.created_at) == ascending;
    return (a.created_revision > b.created_revision) == ascending;
  });
  for (Entry& entry : entries) {
    if (!sink({{entry.ns.text(), entry.key}, entry, false})) return;
  }
}

void FaultyBackend::scan_by_text_prefix(const ScanRequest& request, const RowSink& sink,
                                        const Context& context) {
  MemoryQuery everywhere = request.query;
  everywhere.scope.ns = Namespace();
  ScanRequest widened{everywhere, request.after, 0, request.detail};
  sound_->scan(
      widened,
      [&](const ScanRow& row) {
        return !row.address.ns.starts_with(request.query.scope.ns.text()) || sink(row);
      },
      context);
}

std::uint64_t FaultyBackend::count(const Scope& scope, const Context& context) {
  Context used = context;
  if (has("expired_counted")) used.instant = Timestamp();
  return sound_->count(scope, used);
}

std::uint64_t FaultyBackend::clear(const Scope& scope, const Context& context) {
  if (!has("clear_leaves_subtree")) return sound_->clear(scope, context);
  return sound_->clear({scope.ns, false}, context);
}

void FaultyBackend::scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                                    const NamespaceSink& sink, const Context& context) {
  Context used = context;
  if (has("empty_namespace_listed")) used.instant = Timestamp();
  sound_->scan_namespaces(root, after, sink, used);
}

MemoryStats FaultyBackend::stats(const Context& context) {
  MemoryStats stats = sound_->stats(context);
  if (has("stats_miscount_bytes")) stats.bytes += stats.entries;
  if (has("limit_overshoots") && stats.limits.max_entries) --*stats.limits.max_entries;
  return stats;
}

ChangePage FaultyBackend::changes(Revision after, std::size_t limit, const Context& context) {
  ChangePage page = sound_->changes(after, limit, context);
  if (has("tombstone_missing")) {
    std::erase_if(page.changes, [](const Change& change) { return !change.record; });
  }
  return page;
}

void FaultyBackend::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                            const Context& context) {
  if (has("note_goes_ahead") && batch.note != nullptr) {
    sound_->restore(RestoreBatch{.note = batch.note}, {}, context);
  }
  std::vector<RestoreOp> ops(batch.ops.begin(), batch.ops.end());
  if (has("restore_conditions_ignored")) {
    for (RestoreOp& op : ops) op.precondition = Precondition::none();
  }
  RestoreBatch used = batch;
  used.ops = ops;
  sound_->restore(used, statuses, context);
}

SubjectErasure FaultyBackend::erase_subject(const Scope& scope, const Context& context) {
  if (!has("subject_only_cleared")) return sound_->erase_subject(scope, context);
  return {sound_->clear(scope, context), {"the entries"}, {"everything else"}};
}

}  // namespace holdfast::conformance
