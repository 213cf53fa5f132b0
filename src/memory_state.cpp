#include "memory_state.hpp"

#include <string>

#include "gated_maintenance.hpp"

namespace holdfast {

Memory::State::State(std::unique_ptr<Backend> opened)
    : backend(std::move(opened)),
      capabilities(backend->capabilities()),
      name(backend->name()),
      maintenance(backend->maintenance() == nullptr
                      ? nullptr
                      : std::make_unique<GatedMaintenance>(*this, *backend->maintenance())) {}

void Memory::State::close_quietly() noexcept {
  try {
    backend->close();
  } catch (...) {
    // A destructor has nobody to tell. Whoever needs to know calls `close` first; what was
    // acknowledged is safe either way.
  }
}

std::optional<Record> Memory::State::read_one(CallGate::Pass& pass, AddressView address,
                                              Detail detail, const ReadOptions& options,
                                              const Context& context) {
  std::optional<Record> record;
  if (!options.refresh_ttl) {
    backend->read({&address, 1}, {&record, 1}, detail, context);
  } else {
    // The instant is fixed here, so that the refreshed record can be told from the earlier one.
    Context fixed = context;
    if (!fixed.instant) fixed.instant = backend->now(context);
    WriteOp op;
    op.kind = WriteOp::Kind::touch;
    op.address = address;
    op.ttl = options.refresh_ttl;
    op.return_previous = true;
    WriteResult result = write_one(pass, op, fixed);
    record = std::move(result.previous);
    if (record) {
      record->revision = result.revision;
      record->updated_at = *fixed.instant;
      record->expires_at = *fixed.instant + options.refresh_ttl->milliseconds();
    }
  }
  pass.count_read(record.has_value());
  return record;
}

std::optional<std::size_t> Memory::State::write(CallGate::Pass& pass, std::span<const WriteOp> ops,
                                                std::span<WriteResult> results,
                                                const Context& context) {
  const auto failed = backend->write(ops, results, context);
  if (!failed) {
    std::uint64_t applied = 0;
    for (const WriteResult& result : results) applied += result.applied() ? 1U : 0U;
    pass.count_writes(applied);
  }
  return failed;
}

WriteResult Memory::State::write_one(CallGate::Pass& pass, const WriteOp& op,
                                     const Context& context) {
  WriteResult result;
  write(pass, {&op, 1}, {&result, 1}, context);
  return result;
}

BatchResult Memory::State::write_batch(CallGate::Pass& pass, const WriteBatch& batch,
                                       const Context& context) {
  check_batch(batch);
  BatchResult result;
  result.results.resize(batch.size());
  if (!batch.empty()) result.failed = write(pass, batch.ops(), result.results, context);
  result.applied = !result.failed;
  return result;
}

void Memory::State::check_number_of_addresses(std::size_t number) const {
  if (number > capabilities.max_batch_ops) {
    throw_invalid_argument(std::to_string(number) + " entries in one call; at most " +
                           std::to_string(capabilities.max_batch_ops) + " are allowed");
  }
}

void Memory::State::check_batch(const WriteBatch& batch) const {
  check_number_of_addresses(batch.size());
  std::size_t bytes = 0;
  for (const WriteOp& op : batch.ops()) {
    bytes += op.address.ns.size() + op.address.key.size() + op.value.json_text().size();
  }
  if (bytes > capabilities.max_batch_bytes) {
    throw_invalid_argument("the batch has " + std::to_string(bytes) + " bytes; at most " +
                           std::to_string(capabilities.max_batch_bytes) + " are allowed");
  }
  if (capabilities.atomic_scope == AtomicScope::store || batch.size() < 2) return;
  if (capabilities.atomic_scope == AtomicScope::entry) {
    throw Error(ErrorCode::unsupported,
                "this backend writes single entries atomically, not "
                "batches");
  }
  for (const WriteOp& op : batch.ops()) {
    if (op.address.ns != batch.ops().front().address.ns) {
      throw Error(ErrorCode::unsupported,
                  "this backend applies a batch atomically within one namespace only");
    }
  }
}

}  // namespace holdfast
