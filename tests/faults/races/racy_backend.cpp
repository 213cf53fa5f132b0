#include "racy_backend.hpp"

#include <thread>
#include <utility>
#include <vector>

namespace holdfast::fault_tests {

void RacyBackend::read(std::span<const AddressView> addresses,
                       std::span<std::optional<Record>> records, Detail detail,
                       const Context& context) {
  FaultyBackend::read(addresses, records, detail, context);
  const bool from_memory = has("stale_read") || has("evicted_comes_back");
  if (from_memory && addresses.size() == 1) answer_from_memory(addresses[0], records[0]);
}

void RacyBackend::answer_from_memory(AddressView address, std::optional<Record>& record) {
  const std::lock_guard lock(mutex_);
  const std::string key(address.key);
  const auto known = remembered_.find(key);
  const bool may_use = has("stale_read") || !record;
  if (known != remembered_.end() && may_use && is_due()) {
    record = known->second;
  } else if (record) {
    remembered_[key] = *record;
  }
}

std::optional<std::size_t> RacyBackend::write(std::span<const WriteOp> ops,
                                              std::span<WriteResult> results,
                                              const Context& context) {
  const WriteOp& first = ops[0];
  const bool is_alone = ops.size() == 1;
  const bool compares = first.precondition.kind != Precondition::Kind::none;
  if (has("batch_in_parts")) return write_in_parts(ops, results, context);
  if (has("compare_then_write") && is_alone && compares) {
    return compare_then_write(first, results[0], context);
  }
  if (has("increment_by_set") && is_alone && first.kind == WriteOp::Kind::increment) {
    return increment_by_set(first, results[0], context);
  }
  if (has("erased_comes_back") && is_alone && first.kind == WriteOp::Kind::erase) {
    return erase_and_bring_back(first, results[0], context);
  }
  const auto failed = FaultyBackend::write(ops, results, context);
  if (has("refused_but_applied") && is_due()) {
    throw Error(ErrorCode::deadline_exceeded, "planted");
  }
  for (WriteResult& result : results) {
    if (!has("revision_twice") || failed || !result.applied()) continue;
    const Revision last = last_revision_.exchange(result.revision);
    if (last != 0 && is_due()) result.revision = last;
  }
  return failed;
}

std::optional<std::size_t> RacyBackend::write_in_parts(std::span<const WriteOp> ops,
                                                       std::span<WriteResult> results,
                                                       const Context& context) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (i != 0) give_way(context);
    if (FaultyBackend::write(ops.subspan(i, 1), results.subspan(i, 1), context)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> RacyBackend::compare_then_write(const WriteOp& op, WriteResult& result,
                                                           const Context& context) {
  const std::optional<Record> found = read_soundly(op.address, context);
  const auto live = found ? std::optional(found->revision) : std::nullopt;
  if (!op.precondition.holds(live)) {
    result = {.status = WriteStatus::unmet, .revision = live.value_or(0)};
    return 0;
  }
  give_way(context);
  WriteOp free = op;
  free.precondition = {};
  return FaultyBackend::write({&free, 1}, {&result, 1}, context);
}

std::optional<std::size_t> RacyBackend::increment_by_set(const WriteOp& op, WriteResult& result,
                                                         const Context& context) {
  const std::optional<Record> found = read_soundly(op.address, context);
  give_way(context);
  const std::int64_t sum = (found ? found->value.get<std::int64_t>() : 0) + op.delta;
  WriteOp set = op;
  set.kind = WriteOp::Kind::set;
  set.keep_ttl = true;
  set.value = sum;
  const auto failed = FaultyBackend::write({&set, 1}, {&result, 1}, context);
  result.number = sum;
  return failed;
}

std::optional<std::size_t> RacyBackend::erase_and_bring_back(const WriteOp& op, WriteResult& result,
                                                             const Context& context) {
  const std::optional<Record> found = read_soundly(op.address, context);
  const auto failed = FaultyBackend::write({&op, 1}, {&result, 1}, context);
  if (failed || !found || result.status != WriteStatus::erased || !is_due()) return failed;
  WriteOp set;
  set.kind = WriteOp::Kind::set;
  set.address = op.address;
  set.precondition = Precondition::if_absent();
  set.value = found->value;
  WriteResult ignored;
  static_cast<void>(FaultyBackend::write({&set, 1}, {&ignored, 1}, context));
  return failed;
}

std::optional<Record> RacyBackend::read_soundly(AddressView address, const Context& context) {
  std::optional<Record> record;
  FaultyBackend::read({&address, 1}, {&record, 1}, Detail::record, context);
  return record;
}

void RacyBackend::give_way(const Context& context) {
  constexpr int patience = 50;
  const Revision before = stable_revision(context);
  for (int turn = 0; turn < patience && stable_revision(context) == before; ++turn) {
    std::this_thread::yield();
  }
}

}  // namespace holdfast::fault_tests
