#include "holdfast/write.hpp"
#include "validate.hpp"

namespace holdfast {

WriteOp& WriteBatch::add(WriteOp::Kind kind, const Namespace& ns, std::string_view key) {
  check_namespace(ns);
  check_key(key);
  addresses_.push_back({ns, std::string(key)});
  try {
    WriteOp& op = ops_.emplace_back();
    op.kind = kind;
    op.address = {addresses_.back().ns.text(), addresses_.back().key};
    return op;
  } catch (...) {
    addresses_.pop_back();
    throw;
  }
}

WriteBatch& WriteBatch::set(const Namespace& ns, std::string_view key, MemoryValue value,
                            const SetOptions& options, OnUnmet on_unmet) {
  check_value(value);
  check_options(options);
  WriteOp& op = add(WriteOp::Kind::set, ns, key);
  op.on_unmet = on_unmet;
  op.keep_ttl = options.keep_ttl;
  op.return_previous = options.return_previous;
  op.precondition = options.precondition;
  op.ttl = options.ttl;
  op.value = std::move(value);
  return *this;
}

WriteBatch& WriteBatch::erase(const Namespace& ns, std::string_view key,
                              const EraseOptions& options, OnUnmet on_unmet) {
  WriteOp& op = add(WriteOp::Kind::erase, ns, key);
  op.on_unmet = on_unmet;
  op.return_previous = options.return_previous;
  op.precondition = options.precondition;
  return *this;
}

WriteBatch& WriteBatch::increment(const Namespace& ns, std::string_view key, std::int64_t delta) {
  add(WriteOp::Kind::increment, ns, key).delta = delta;
  return *this;
}

WriteBatch& WriteBatch::touch(const Namespace& ns, std::string_view key, std::optional<Ttl> ttl) {
  add(WriteOp::Kind::touch, ns, key).ttl = ttl;
  return *this;
}

WriteBatch& WriteBatch::check(const Namespace& ns, std::string_view key,
                              Precondition precondition) {
  add(WriteOp::Kind::check, ns, key).precondition = precondition;
  return *this;
}

WriteBatch& WriteBatch::append(WriteBatch&& other) {
  ops_.reserve(ops_.size() + other.ops_.size());
  for (std::size_t i = 0; i < other.ops_.size(); ++i) {
    addresses_.push_back(std::move(other.addresses_[i]));
    WriteOp& op = ops_.emplace_back(std::move(other.ops_[i]));
    op.address = {addresses_.back().ns.text(), addresses_.back().key};
  }
  other.clear();
  return *this;
}

void WriteBatch::clear() noexcept {
  ops_.clear();
  addresses_.clear();
}

}  // namespace holdfast
