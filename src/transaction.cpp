#include "holdfast/transaction.hpp"

#include "holdfast/counter.hpp"
#include "validate.hpp"

namespace holdfast {

Transaction::Transaction(Backend& backend, const Context& context)
    : backend_(backend), context_(context) {
  if (!context_.instant) context_.instant = backend_.now(context_);
}

Transaction::Seen& Transaction::look_at(const Namespace& ns, std::string_view key) {
  check_namespace(ns);
  check_key(key);
  const auto [position, is_new] = seen_.try_emplace({ns, std::string(key)});
  if (is_new) {
    try {
      std::optional<Record> record;
      const AddressView address{ns.text(), key};
      backend_.read({&address, 1}, {&record, 1}, Detail::record, context_);
      remember(position->second, record);
    } catch (...) {
      seen_.erase(position);
      throw;
    }
  }
  return position->second;
}

void Transaction::remember(Seen& seen, const std::optional<Record>& record) {
  seen.as_read = record ? Precondition::if_revision(record->revision) : Precondition::if_absent();
  if (record) seen.value = record->value;
}

void Transaction::overlay(const Namespace& ns, std::string_view key,
                          std::optional<MemoryValue> value) {
  seen_[{ns, std::string(key)}].value = std::move(value);
}

std::optional<MemoryValue> Transaction::get(const Namespace& ns, std::string_view key) {
  return look_at(ns, key).value;
}

bool Transaction::exists(const Namespace& ns, std::string_view key) {
  return look_at(ns, key).value.has_value();
}

std::vector<std::optional<MemoryValue>> Transaction::get_many(std::span<const Address> addresses) {
  std::vector<const Address*> unread;
  std::vector<AddressView> views;
  for (const Address& address : addresses) {
    check_namespace(address.ns);
    check_key(address.key);
    if (seen_.contains(address)) continue;
    unread.push_back(&address);
    views.push_back({address.ns.text(), address.key});
  }
  std::vector<std::optional<Record>> records(views.size());
  if (!views.empty()) backend_.read(views, records, Detail::record, context_);
  for (std::size_t i = 0; i < unread.size(); ++i) remember(seen_[*unread[i]], records[i]);

  std::vector<std::optional<MemoryValue>> values;
  values.reserve(addresses.size());
  for (const Address& address : addresses) values.push_back(seen_.at(address).value);
  return values;
}

void Transaction::set(const Namespace& ns, std::string_view key, MemoryValue value,
                      std::optional<Ttl> ttl) {
  writes_.set(ns, key, value, {.ttl = ttl});
  overlay(ns, key, std::move(value));
}

void Transaction::replace(const Namespace& ns, std::string_view key, MemoryValue value) {
  writes_.set(ns, key, value, {.keep_ttl = true});
  overlay(ns, key, std::move(value));
}

bool Transaction::erase(const Namespace& ns, std::string_view key) {
  Seen& seen = look_at(ns, key);
  if (!seen.value) return false;
  writes_.erase(ns, key);
  seen.value.reset();
  return true;
}

std::int64_t Transaction::increment(const Namespace& ns, std::string_view key, std::int64_t delta) {
  Seen& seen = look_at(ns, key);
  const std::int64_t number =
      incremented({ns.text(), key}, seen.value ? &*seen.value : nullptr, delta);
  writes_.set(ns, key, number, {.keep_ttl = true});
  seen.value = number;
  return number;
}

WriteBatch Transaction::conditional_batch() && {
  WriteBatch batch;
  for (const auto& [address, seen] : seen_) {
    if (seen.as_read) batch.check(address.ns, address.key, *seen.as_read);
  }
  batch.append(std::move(writes_));
  return batch;
}

}  // namespace holdfast
