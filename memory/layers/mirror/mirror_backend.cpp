#include "mirror_backend.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::mirror {
namespace {

Address owned(const AddressView& address) {
  return {Namespace::from_canonical(SharedText::copy_of(address.ns)), std::string(address.key)};
}

// What holds on both sides, since a handle lives on through the cut-over.
Capabilities common(const Capabilities& a, const Capabilities& b) {
  Capabilities both;
  both.atomic_scope = std::min(a.atomic_scope, b.atomic_scope);
  both.durability = std::min(a.durability, b.durability);
  both.shared_between_processes = false;
  both.read_only = a.read_only || b.read_only;
  both.change_log = a.change_log && b.change_log;
  both.restore = a.restore && b.restore;
  both.quotas = a.quotas && b.quotas;
  both.eviction = a.eviction || b.eviction;
  both.search = a.search && b.search;
  both.bulk_batch_ops = std::min(a.bulk_batch_ops, b.bulk_batch_ops);
  both.max_batch_ops = std::min(a.max_batch_ops, b.max_batch_ops);
  both.max_batch_bytes = std::min(a.max_batch_bytes, b.max_batch_bytes);
  return both;
}

}  // namespace

MirrorBackend::MirrorBackend(std::shared_ptr<Mirror::State> state) : state_(std::move(state)) {
  if (MirrorBackend::capabilities().search) search_ = std::make_unique<MirrorSearch>(*state_);
}

Capabilities MirrorBackend::capabilities() const {
  return common(state_->source->capabilities(), state_->destination->capabilities());
}

Timestamp MirrorBackend::now(const Context& context) { return state_->active().now(context); }

void MirrorBackend::read(std::span<const AddressView> addresses,
                         std::span<std::optional<Record>> records, Detail detail,
                         const Context& context) {
  state_->active().read(addresses, records, detail, context);
}

void MirrorBackend::scan(const ScanRequest& request, const RowSink& sink, const Context& context) {
  state_->active().scan(request, sink, context);
}

std::uint64_t MirrorBackend::count(const Scope& scope, const Context& context) {
  return state_->active().count(scope, context);
}

void MirrorBackend::scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                                    const NamespaceSink& sink, const Context& context) {
  state_->active().scan_namespaces(root, after, sink, context);
}

MemoryStats MirrorBackend::stats(const Context& context) { return state_->active().stats(context); }

void MirrorBackend::probe(const Context& context) { state_->active().probe(context); }

Revision MirrorBackend::stable_revision(const Context& context) {
  return state_->active().stable_revision(context);
}

ChangePage MirrorBackend::changes(Revision after, std::size_t limit, const Context& context) {
  return state_->active().changes(after, limit, context);
}

std::optional<std::string> MirrorBackend::note(std::string_view name, const Context& context) {
  return state_->active().note(name, context);
}

template <typename Write>
auto MirrorBackend::writing(const std::vector<Address>& addresses, Write&& write) {
  try {
    return write(state_->active());
  } catch (const Error& error) {
    const bool may_be_applied = error.code() == ErrorCode::commit_unknown;
    if (may_be_applied && !state_->is_cut_over()) state_->fell_behind(addresses);
    throw;
  }
}

std::optional<std::size_t> MirrorBackend::write(std::span<const WriteOp> ops,
                                                std::span<WriteResult> results,
                                                const Context& context) {
  const WriteGate::Pass pass(state_->gate, context);
  std::vector<Address> addresses;
  if (!state_->is_cut_over()) {
    for (const WriteOp& op : ops) {
      if (op.kind != WriteOp::Kind::check) addresses.push_back(owned(op.address));
    }
  }
  const auto failed =
      writing(addresses, [&](Backend& active) { return active.write(ops, results, context); });
  const auto applied = [](const WriteResult& result) { return result.applied(); };
  if (!failed && std::any_of(results.begin(), results.end(), applied)) state_->mirror(addresses);
  return failed;
}

std::uint64_t MirrorBackend::clear(const Scope& scope, const Context& context) {
  const WriteGate::Pass pass(state_->gate, context);
  try {
    const std::uint64_t cleared = state_->active().clear(scope, context);
    if (!state_->is_cut_over()) state_->mirror_scope(scope);
    return cleared;
  } catch (const Error& error) {
    const bool may_be_applied = error.code() == ErrorCode::commit_unknown;
    if (may_be_applied && !state_->is_cut_over()) state_->behind.add_unknown();
    throw;
  }
}

std::size_t MirrorBackend::sweep(std::size_t max_entries, const Context& context) {
  const WriteGate::Pass pass(state_->gate, context);
  return state_->active().sweep(max_entries, context);
}

void MirrorBackend::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                            const Context& context) {
  const WriteGate::Pass pass(state_->gate, context);
  std::vector<Address> addresses;
  if (!state_->is_cut_over()) {
    for (const RestoreOp& op : batch.ops) addresses.push_back(owned(op.address));
  }
  writing(addresses, [&](Backend& active) { active.restore(batch, statuses, context); });
  state_->mirror(addresses);
}

SubjectErasure MirrorBackend::erase_subject(const Scope& scope, const Context& context) {
  const WriteGate::Pass pass(state_->gate, context);
  const bool mirrors = !state_->is_cut_over();
  // Nothing tells of it later, so it counts as missing at the destination until it is there.
  SubjectErasure erasure;
  try {
    erasure = state_->active().erase_subject(scope, context);
  } catch (const Error& error) {
    if (mirrors && error.code() == ErrorCode::commit_unknown) state_->behind.add_unknown();
    throw;
  }
  if (!mirrors) return erasure;
  state_->mirror_scope(scope);
  erasure.may_remain.emplace_back(
      "traces at the mirror's destination, until erase_subject is called on it");
  return erasure;
}

// A token may have been given before the cut-over.
std::optional<bool> MirrorBackend::resolve(const CommitToken& token, const Context& context) {
  try {
    return state_->active().resolve(token, context);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument || !state_->is_cut_over()) throw;
    return state_->source->resolve(token, context);
  }
}

}  // namespace holdfast::mirror
