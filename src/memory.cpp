// The life of a `Memory`, and single entries.
#include "holdfast/memory.hpp"

#include "memory_state.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

AddressView checked_address(const Namespace& ns, std::string_view key) {
  check_namespace(ns);
  check_key(key);
  return {ns.text(), key};
}

WriteOp checked_op(WriteOp::Kind kind, const Namespace& ns, std::string_view key) {
  WriteOp op;
  op.kind = kind;
  op.address = checked_address(ns, key);
  return op;
}

Entry entry_at(const Namespace& ns, std::string_view key, Record record) {
  Entry entry;
  static_cast<Record&>(entry) = std::move(record);
  entry.ns = ns;
  entry.key = key;
  return entry;
}

}  // namespace

Memory::Memory(std::unique_ptr<Backend> backend)
    : state_(std::make_unique<State>(std::move(backend))) {}

Memory::Memory(Memory&&) noexcept = default;

Memory& Memory::operator=(Memory&& other) noexcept {
  Memory closing(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

Memory::~Memory() {
  if (state_ != nullptr && state_->gate.close()) state_->close_quietly();
}

void Memory::close() {
  if (!state_->gate.close()) return;
  try {
    state_->backend->close();
  } catch (const Error& error) {
    throw error.with_origin({state_->name, "close"});
  }
}

std::optional<MemoryValue> Memory::get(const Namespace& ns, std::string_view key,
                                       const ReadOptions& options, const Context& context) {
  return state_->call("get", context, [&](CallGate::Pass& pass) -> std::optional<MemoryValue> {
    auto record =
        state_->read_one(pass, checked_address(ns, key), Detail::record, options, context);
    if (!record) return std::nullopt;
    return std::move(record->value);
  });
}

std::optional<Entry> Memory::get_entry(const Namespace& ns, std::string_view key,
                                       const ReadOptions& options, const Context& context) {
  return state_->call("get_entry", context, [&](CallGate::Pass& pass) -> std::optional<Entry> {
    auto record =
        state_->read_one(pass, checked_address(ns, key), Detail::record, options, context);
    if (!record) return std::nullopt;
    return entry_at(ns, key, std::move(*record));
  });
}

bool Memory::exists(const Namespace& ns, std::string_view key, const Context& context) {
  return state_->call("exists", context, [&](CallGate::Pass& pass) {
    return state_->read_one(pass, checked_address(ns, key), Detail::without_value, {}, context)
        .has_value();
  });
}

WriteResult Memory::set(const Namespace& ns, std::string_view key, const MemoryValue& value,
                        const SetOptions& options, const Context& context) {
  return state_->call("set", context, [&](CallGate::Pass& pass) {
    check_value(value);
    check_options(options);
    WriteOp op = checked_op(WriteOp::Kind::set, ns, key);
    op.precondition = options.precondition;
    op.ttl = options.ttl;
    op.keep_ttl = options.keep_ttl;
    op.return_previous = options.return_previous;
    op.value = value;
    return state_->write_one(pass, op, context);
  });
}

WriteResult Memory::erase(const Namespace& ns, std::string_view key, const EraseOptions& options,
                          const Context& context) {
  return state_->call("erase", context, [&](CallGate::Pass& pass) {
    WriteOp op = checked_op(WriteOp::Kind::erase, ns, key);
    op.precondition = options.precondition;
    op.return_previous = options.return_previous;
    return state_->write_one(pass, op, context);
  });
}

std::optional<Entry> Memory::take(const Namespace& ns, std::string_view key,
                                  const Context& context) {
  return state_->call("take", context, [&](CallGate::Pass& pass) -> std::optional<Entry> {
    WriteOp op = checked_op(WriteOp::Kind::erase, ns, key);
    op.return_previous = true;
    WriteResult result = state_->write_one(pass, op, context);
    if (!result.previous) return std::nullopt;
    return entry_at(ns, key, std::move(*result.previous));
  });
}

std::int64_t Memory::increment(const Namespace& ns, std::string_view key, std::int64_t delta,
                               const Context& context) {
  return state_->call("increment", context, [&](CallGate::Pass& pass) {
    WriteOp op = checked_op(WriteOp::Kind::increment, ns, key);
    op.delta = delta;
    return state_->write_one(pass, op, context).number;
  });
}

bool Memory::touch(const Namespace& ns, std::string_view key, std::optional<Ttl> ttl,
                   const Context& context) {
  return state_->call("touch", context, [&](CallGate::Pass& pass) {
    WriteOp op = checked_op(WriteOp::Kind::touch, ns, key);
    op.ttl = ttl;
    return state_->write_one(pass, op, context).applied();
  });
}

WriteResult Memory::update(const Namespace& ns, std::string_view key, const Updater& updater,
                           const Context& context) {
  return state_->call("update", context, [&](CallGate::Pass& pass) {
    const AddressView address = checked_address(ns, key);
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
      const auto current = state_->read_one(pass, address, Detail::record, {}, context);
      const std::optional<MemoryValue> next = updater(current ? &*current : nullptr);
      if (!next && !current) return WriteResult{.status = WriteStatus::absent};
      WriteOp op;
      op.kind = next ? WriteOp::Kind::set : WriteOp::Kind::erase;
      op.address = address;
      op.keep_ttl = next.has_value();
      op.precondition =
          current ? Precondition::if_revision(current->revision) : Precondition::if_absent();
      if (next) {
        check_value(*next);
        op.value = *next;
      }
      const WriteResult result = state_->write_one(pass, op, context);
      if (result.applied()) return result;
      context.check();
    }
    throw Error(ErrorCode::aborted,
                "others wrote the entry in each of " + std::to_string(max_attempts) + " attempts");
  });
}

const Capabilities& Memory::capabilities() const noexcept { return state_->capabilities; }

}  // namespace holdfast
