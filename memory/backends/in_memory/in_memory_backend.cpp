#include "in_memory_backend.hpp"

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "emptying.hpp"
#include "holdfast/analyzer.hpp"
#include "in_place.hpp"
#include "limits.hpp"
#include "restore.hpp"
#include "scan.hpp"
#include "totals.hpp"
#include "write.hpp"

namespace holdfast::in_memory {
namespace {

std::string_view name_of(Eviction eviction) {
  switch (eviction) {
    case Eviction::none:
      return "none";
    case Eviction::lru:
      return "lru";
    case Eviction::s3fifo:
      return "s3fifo";
  }
  return "none";
}

std::size_t bytes_of_search(Directory& directory) {
  if (directory.catalog()->empty()) return 0;
  std::size_t bytes = 0;
  const Scope everything{Namespace(), true};
  ScopeWalk walk(directory, everything);
  while (const NamespaceIndex* ns = walk.next()) {
    bytes += ns->postings == nullptr ? 0 : ns->postings->bytes();
  }
  return bytes;
}

std::size_t bytes_of_tables(Shards& shards) {
  std::size_t bytes = 0;
  for (Shard& shard : shards) {
    const std::shared_lock lock(shard.lock);
    bytes += shard.table.allocated();
  }
  return bytes;
}

MemoryValue usage_of_quotas(const std::vector<SubtreeBudget>& quotas) {
  std::vector<MemoryValue::Member> members;
  for (const SubtreeBudget& quota : quotas) {
    const Usage used = quota.budget->used();
    members.emplace_back(quota.subtree,
                         MemoryValue::map({{"entries", used.entries}, {"bytes", used.bytes}}));
  }
  return MemoryValue::map(members);
}

}  // namespace

InMemoryBackend::InMemoryBackend(const InMemoryOptions& options) {
  check_options(options);
  store_ = std::make_unique<Store>(options);
  if (Analyzer::is_available()) search_ = std::make_unique<InMemorySearch>(*store_);
}

Capabilities InMemoryBackend::capabilities() const {
  Capabilities capabilities;
  capabilities.atomic_scope = AtomicScope::store;
  capabilities.durability = Durability::none;
  capabilities.change_log = store_->options.change_log;
  capabilities.restore = true;
  capabilities.quotas = true;
  capabilities.search = Analyzer::is_available();
  capabilities.eviction = store_->options.eviction != Eviction::none;
  return capabilities;
}

Timestamp InMemoryBackend::now(const Context& context) {
  return Timestamp(std::chrono::milliseconds(store_->now_ms(context)));
}

void InMemoryBackend::take(EntryBlock* block, std::optional<Record>& record, Detail detail,
                           std::int64_t now_ms) {
  if (block == nullptr || !block->is_live(now_ms)) return;
  if (store_->queues.enabled()) block->mark_used();
  record = block->record(detail);
}

void InMemoryBackend::read_one(const AddressView& address, std::optional<Record>& record,
                               Detail detail, const Context& context) {
  const std::uint32_t hash = store_->hash.of(address);
  Shard& shard = store_->shards[shard_of(hash)];
  const std::shared_lock lock(shard.lock);
  EntryBlock* block = shard.table.find(hash, address);
  if (block == nullptr) return;
  // The clock is read only where it matters.
  const bool expires = block->expires_at_ms != EntryBlock::never;
  take(block, record, detail, expires ? store_->now_ms(context) : 0);
}

void InMemoryBackend::read(std::span<const AddressView> addresses,
                           std::span<std::optional<Record>> records, Detail detail,
                           const Context& context) {
  context.check();
  for (std::optional<Record>& record : records) record.reset();
  if (addresses.size() == 1) return read_one(addresses[0], records[0], detail, context);
  const std::int64_t now_ms = store_->now_ms(context);
  std::vector<std::uint32_t> hashes;
  hashes.reserve(addresses.size());
  ShardMask mask = 0;
  for (const AddressView& address : addresses) {
    hashes.push_back(store_->hash.of(address));
    mask |= mask_of(hashes.back());
  }
  const SharedShards locks(store_->shards, mask);
  for (const std::uint32_t hash : hashes) store_->shards[shard_of(hash)].table.prefetch(hash);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const PointTable& table = store_->shards[shard_of(hashes[i])].table;
    take(table.find(hashes[i], addresses[i]), records[i], detail, now_ms);
  }
}

std::optional<std::size_t> InMemoryBackend::write(std::span<const WriteOp> ops,
                                                  std::span<WriteResult> results,
                                                  const Context& context) {
  context.check();
  if (ops.size() == 1 && change_in_place(*store_, ops[0], results[0], context)) return std::nullopt;
  return Write(*store_, ops, results, context).run();
}

void InMemoryBackend::scan(const ScanRequest& request, const RowSink& sink,
                           const Context& context) {
  context.check();
  scan_entries(*store_, request, sink, context);
}

std::uint64_t InMemoryBackend::count(const Scope& scope, const Context& context) {
  context.check();
  const std::int64_t now_ms = store_->now_ms(context);
  if (scope.subtree && scope.ns.is_root()) {
    const Totals totals = totals_of(*store_, now_ms);
    return totals.entries - totals.expired.entries;
  }
  std::uint64_t live = 0;
  ScopeWalk walk(store_->directory, scope);
  while (const NamespaceIndex* ns = walk.next()) live += ns->entries - ns->expired(now_ms).entries;
  return live;
}

std::uint64_t InMemoryBackend::clear(const Scope& scope, const Context& context) {
  context.check();
  return empty_scope(*store_, scope, Store::Traces::as_configured, context);
}

void InMemoryBackend::scan_namespaces(const Namespace& root,
                                      const std::optional<std::string>& after,
                                      const NamespaceSink& sink, const Context& context) {
  context.check();
  const std::int64_t now_ms = store_->now_ms(context);
  std::optional<Directory::From> from;
  if (after) from = Directory::From{*after, false};
  const Scope scope{root, true};
  ScopeWalk walk(store_->directory, scope, Direction::ascending, from);
  while (const NamespaceIndex* ns = walk.next()) {
    const bool has_live = ns->entries > ns->expired(now_ms).entries;
    if (has_live && !sink(ns->text())) return;
  }
}

std::size_t InMemoryBackend::sweep(std::size_t max_entries, const Context& context) {
  context.check();
  return store_->reclaim_expired("", max_entries, store_->now_ms(context));
}

MemoryStats InMemoryBackend::stats(const Context& context) {
  context.check();
  const Totals totals = totals_of(*store_, store_->now_ms(context));
  const InMemoryOptions& options = store_->options;
  MemoryStats stats;
  stats.backend = name();
  stats.entries = totals.entries - totals.expired.entries;
  stats.bytes = totals.logical_bytes - totals.expired.logical_bytes;
  stats.namespaces = totals.live_namespaces;
  stats.last_revision = store_->last_revision;
  stats.limits = {options.max_entries, options.max_bytes, options.max_value_bytes};
  stats.limited_bytes = static_cast<std::uint64_t>(store_->budget.used().bytes);
  stats.counters.expired = store_->expired;
  stats.counters.evicted = store_->evicted;
  stats.details = MemoryValue::map({{"shards", shard_count},
                                    {"namespaces_held", totals.namespaces},
                                    {"expired_waiting", totals.expired.entries},
                                    {"tombstones", totals.tombstones},
                                    {"table_bytes", bytes_of_tables(store_->shards)},
                                    {"search_bytes", bytes_of_search(store_->directory)},
                                    {"eviction", name_of(options.eviction)},
                                    {"change_log", options.change_log},
                                    {"quotas", usage_of_quotas(store_->quotas)}});
  return stats;
}

void InMemoryBackend::probe(const Context& context) {
  context.check();
  // There is no engine to reach: that the locks are free and memory is to be had is its health.
  std::optional<Record> record;
  read_one({"", "probe"}, record, Detail::without_value, context);
  const BlockRef block(store_->create_block(0, {"", "probe"}, "null", ValueKind::null));
  (void)store_->directory.pin("");
}

Revision InMemoryBackend::stable_revision(const Context& context) {
  context.check();
  // Who was given a revision holds a shard until it is visible.
  const SharedShards locks(store_->shards, all_shards);
  return store_->last_revision;
}

ChangePage InMemoryBackend::changes(Revision after, std::size_t limit, const Context& context) {
  context.check();
  return read_changes(*store_, after, limit, context);
}

void InMemoryBackend::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                              const Context& context) {
  context.check();
  Restore(*store_, batch, statuses, context).run();
}

std::optional<std::string> InMemoryBackend::note(std::string_view name, const Context& context) {
  context.check();
  return store_->notes.text_of(name);
}

SubjectErasure InMemoryBackend::erase_subject(const Scope& scope, const Context& context) {
  context.check();
  SubjectErasure erasure;
  erasure.erased = {"the entries and every index of them", "their removals in the change log"};
  erasure.may_remain = {
      "memory given back to the allocator, which is not overwritten",
      "values that were read earlier and are still held by the program",
      "copies, exports and backups made earlier",
  };
  if (!store_->notes.empty()) {
    erasure.may_remain.emplace_back("notes kept beside the entries, which may name a key");
  }
  // Last, as nothing can fail after it.
  erasure.entries = empty_scope(*store_, scope, Store::Traces::none, context);
  return erasure;
}

std::optional<bool> InMemoryBackend::resolve(const CommitToken& token, const Context& context) {
  context.check();
  throw_invalid_argument("the token \"" + token.text +
                         "\" is not one of this store: its writes never end unknown");
}

void InMemoryBackend::close() {
  search_.reset();
  store_.reset();
}

}  // namespace holdfast::in_memory
