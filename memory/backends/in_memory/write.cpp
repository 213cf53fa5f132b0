#include "write.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "holdfast/counter.hpp"
#include "limits.hpp"

namespace holdfast::in_memory {
namespace {

std::vector<StagedBatch::Target> targets_of(std::span<const WriteOp> ops) {
  std::vector<StagedBatch::Target> targets;
  targets.reserve(ops.size());
  for (const WriteOp& op : ops) {
    targets.push_back({op.address, op.kind != WriteOp::Kind::check});
  }
  return targets;
}

}  // namespace

Write::Write(Store& store, std::span<const WriteOp> ops, std::span<WriteResult> results,
             const Context& context)
    : store_(store),
      ops_(ops),
      results_(results),
      context_(context),
      now_ms_(store.now_ms(context)),
      prepared_(ops.size()),
      batch_(store, targets_of(ops)) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].kind != WriteOp::Kind::set) continue;
    const std::string_view text = ops[i].value.json_text();
    // One that is too large is refused where it would be written.
    if (text.size() > store.options.max_value_bytes) continue;
    prepared_[i].reset(
        store.create_block(batch_.of_target(i).hash, ops[i].address, text, ops[i].value.kind()));
  }
}

std::optional<std::size_t> Write::run() {
  while (true) {
    context_.check();
    batch_.lock(now_ms_);
    if (const auto failed = evaluate_all()) {
      fill_unmet(*failed);
      return failed;
    }
    Refusal refusal;
    const Revision base = batch_.commit(refusal);
    if (refusal.budget == nullptr) {
      if (batch_.has_changes()) store_.was_written = true;
      batch_.unlock();
      settle_results(base);
      return std::nullopt;
    }
    batch_.unlock();
    if (!batch_.make_room(refusal, now_ms_)) throw_resource_exhausted(refusal);
  }
}

std::optional<std::size_t> Write::evaluate_all() {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    results_[i] = {};
    if (!evaluate(i) && ops_[i].on_unmet == OnUnmet::abort_batch) return i;
  }
  return std::nullopt;
}

bool Write::evaluate(std::size_t i) {
  const WriteOp& op = ops_[i];
  WriteResult& result = results_[i];
  Staged& staged = batch_.of_target(i);
  const std::optional<Revision> live =
      staged.live == nullptr ? std::nullopt : std::optional(staged.live->revision);
  if (!op.precondition.holds(live) || op.kind == WriteOp::Kind::check) {
    const bool holds = op.precondition.holds(live);
    result.status = holds ? WriteStatus::checked : WriteStatus::unmet;
    result.revision = live.value_or(0);
    return holds;
  }
  if (op.return_previous && staged.live != nullptr) {
    result.previous = staged.live->record(Detail::record);
  }
  switch (op.kind) {
    case WriteOp::Kind::check:
      break;
    case WriteOp::Kind::set:
      set(i, staged);
      break;
    case WriteOp::Kind::erase:
      erase(op, result, staged);
      break;
    case WriteOp::Kind::increment:
      increment(op, result, staged);
      break;
    case WriteOp::Kind::touch:
      touch(op, result, staged);
      break;
  }
  return true;
}

void Write::set(std::size_t i, Staged& staged) {
  const WriteOp& op = ops_[i];
  check_value_size(store_, op.value.json_text().size());
  BlockRef block = std::move(prepared_[i]);
  if (block == nullptr) {  // Used up by an attempt that found no room.
    block.reset(
        store_.create_block(staged.hash, op.address, op.value.json_text(), op.value.kind()));
  }
  const bool keeps = op.keep_ttl && staged.live != nullptr;
  stage(std::move(block), keeps ? staged.live->expires_at_ms : Store::deadline_ms(now_ms_, op.ttl),
        results_[i], staged);
}

void Write::erase(const WriteOp&, WriteResult& result, Staged& staged) {
  if (staged.live == nullptr) {
    result.status = WriteStatus::absent;
    return;
  }
  result.status = WriteStatus::erased;
  result.revision = staged.erased_revision = batch_.next_provisional();
  staged.next = nullptr;
  staged.live = nullptr;
  staged.changed = true;
}

void Write::increment(const WriteOp& op, WriteResult& result, Staged& staged) {
  std::optional<MemoryValue> current;
  if (staged.live != nullptr) {
    current = staged.live->shared_value();
  }
  result.number = incremented(op.address, current ? &*current : nullptr, op.delta);
  char text[24];
  const char* end = std::to_chars(text, text + sizeof text, result.number).ptr;
  const std::string_view number(text, static_cast<std::size_t>(end - text));
  check_value_size(store_, number.size());
  BlockRef block(store_.create_block(staged.hash, op.address, number, ValueKind::int64));
  const std::int64_t expires_at_ms =
      staged.live != nullptr ? staged.live->expires_at_ms : Store::deadline_ms(now_ms_, op.ttl);
  stage(std::move(block), expires_at_ms, result, staged);
}

void Write::touch(const WriteOp& op, WriteResult& result, Staged& staged) {
  if (staged.live == nullptr) {
    result.status = WriteStatus::absent;
    return;
  }
  BlockRef block(
      store_.create_block(staged.hash, op.address, staged.live->value(), staged.live->kind()));
  stage(std::move(block), Store::deadline_ms(now_ms_, op.ttl), result, staged);
}

void Write::stage(BlockRef block, std::int64_t expires_at_ms, WriteResult& result, Staged& staged) {
  const EntryBlock* live = staged.live;
  result.status = live != nullptr ? WriteStatus::updated : WriteStatus::created;
  result.revision = batch_.next_provisional();
  block->revision = result.revision;
  block->created_revision = live != nullptr ? live->created_revision : result.revision;
  block->created_at_ms = live != nullptr ? live->created_at_ms : now_ms_;
  block->updated_at_ms = now_ms_;
  block->expires_at_ms = expires_at_ms;
  block->ns = staged.ns;
  staged.next = std::move(block);
  staged.live = staged.next.get();
  staged.changed = true;
}

void Write::settle_results(Revision base) {
  const auto settle = [base](Revision& revision) {
    if (revision > provisional_revision) revision += base - provisional_revision;
  };
  for (WriteResult& result : results_) {
    settle(result.revision);
    if (!result.previous) continue;
    settle(result.previous->revision);
    settle(result.previous->created_revision);
  }
}

// The revision that an earlier operation of the batch would have been given counts as that of the
// live entry.
void Write::fill_unmet(std::size_t failed) {
  for (std::size_t i = 0; i < failed; ++i) results_[i] = {};
  settle_results(store_.last_revision.load());
}

}  // namespace holdfast::in_memory
