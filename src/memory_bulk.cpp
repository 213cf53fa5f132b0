// Many entries in one call: reads, batches and transactions.
#include "memory_state.hpp"
#include "validate.hpp"

namespace holdfast {

std::vector<std::optional<Entry>> Memory::get_many(std::span<const Address> addresses,
                                                   const Context& context) {
  return get_many(addresses, Detail::record, context);
}

std::vector<std::optional<Entry>> Memory::get_many(std::span<const Address> addresses,
                                                   Detail detail, const Context& context) {
  return state_->call("get_many", context, [&](CallGate::Pass& pass) {
    state_->check_number_of_addresses(addresses.size());
    std::vector<AddressView> views;
    views.reserve(addresses.size());
    for (const Address& address : addresses) {
      check_namespace(address.ns);
      check_key(address.key);
      views.push_back({address.ns.text(), address.key});
    }
    std::vector<std::optional<Record>> records(views.size());
    if (!views.empty()) state_->backend->read(views, records, detail, context);

    std::vector<std::optional<Entry>> entries(views.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      pass.count_read(records[i].has_value());
      if (!records[i]) continue;
      Entry& entry = entries[i].emplace();
      static_cast<Record&>(entry) = std::move(*records[i]);
      entry.ns = addresses[i].ns;
      entry.key = addresses[i].key;
    }
    return entries;
  });
}

std::vector<std::optional<Entry>> Memory::get_many(const Namespace& ns,
                                                   std::span<const std::string> keys,
                                                   const Context& context) {
  std::vector<Address> addresses;
  addresses.reserve(keys.size());
  for (const std::string& key : keys) addresses.push_back({ns, key});
  return get_many(addresses, context);
}

BatchResult Memory::write(const WriteBatch& batch, const Context& context) {
  return state_->call("write", context, [&](CallGate::Pass& pass) {
    return state_->write_batch(pass, batch, context);
  });
}

void Memory::set_many(const Namespace& ns,
                      std::span<const std::pair<std::string, MemoryValue>> pairs,
                      const SetOptions& options, const Context& context) {
  state_->call("set_many", context, [&](CallGate::Pass& pass) {
    WriteBatch batch;
    for (const auto& [key, value] : pairs) batch.set(ns, key, value, options);
    const BatchResult result = state_->write_batch(pass, batch, context);
    if (!result.applied) {
      throw Error(ErrorCode::failed_precondition, "the precondition does not hold for the key \"" +
                                                      pairs[*result.failed].first +
                                                      "\"; nothing was written");
    }
  });
}

std::size_t Memory::erase_many(const Namespace& ns, std::span<const std::string> keys,
                               const Context& context) {
  return state_->call("erase_many", context, [&](CallGate::Pass& pass) {
    WriteBatch batch;
    for (const std::string& key : keys) batch.erase(ns, key);
    std::size_t erased = 0;
    for (const WriteResult& result : state_->write_batch(pass, batch, context).results) {
      erased += result.status == WriteStatus::erased ? 1U : 0U;
    }
    return erased;
  });
}

void Memory::transaction(const std::function<void(Transaction&)>& body, const Context& context) {
  state_->call("transaction", context, [&](CallGate::Pass& pass) {
    if (state_->capabilities.atomic_scope == AtomicScope::entry) {
      throw Error(ErrorCode::unsupported, "this backend has no transactions");
    }
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
      Transaction transaction(*state_->backend, context);
      body(transaction);
      Context same_instant = transaction.context_;
      const WriteBatch batch = std::move(transaction).conditional_batch();
      if (state_->write_batch(pass, batch, same_instant).applied) return;
      context.check();
    }
    throw Error(ErrorCode::aborted, "others changed what the transaction read in each of " +
                                        std::to_string(max_attempts) + " attempts");
  });
}

}  // namespace holdfast
