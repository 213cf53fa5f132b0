#include "entry_block.hpp"

#include <chrono>
#include <cstring>
#include <new>

namespace holdfast::in_memory {
namespace {

// An entry's share of its shard's table (64 bytes for seven slots at 6/14 to 6/7 of load), of the
// three orders of its namespace (8, 16 and 16 bytes a slot, and chunks that are half full to full)
// and, for those that have a deadline, of the heap of deadlines.
constexpr std::size_t share_of_tables = 76;

void free_block(const SharedBlock* block) noexcept {
  auto* entry = const_cast<EntryBlock*>(static_cast<const EntryBlock*>(block));
  entry->~EntryBlock();
  ::operator delete(static_cast<void*>(entry));
}

std::size_t block_bytes(std::size_t address_bytes, std::size_t value_bytes,
                        bool with_queue_link) noexcept {
  return sizeof(EntryBlock) + (with_queue_link ? sizeof(QueueLink) : 0) + address_bytes +
         value_bytes;
}

void copy(std::string_view text, char* to) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
}

Timestamp instant(std::int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }

}  // namespace

EntryBlock::EntryBlock(std::uint32_t hash, const AddressView& address, std::size_t value_bytes,
                       ValueKind kind, bool with_queue_link) noexcept
    : SharedBlock(&free_block),
      hash_(hash),
      value_bytes_(static_cast<std::uint32_t>(value_bytes)),
      ns_bytes_(static_cast<std::uint16_t>(address.ns.size())),
      key_bytes_(static_cast<std::uint16_t>(address.key.size())),
      has_queue_link_(with_queue_link),
      kind_(kind) {}

EntryBlock* EntryBlock::create(std::uint32_t hash, const AddressView& address,
                               std::string_view value, ValueKind kind, bool with_queue_link) {
  const std::size_t address_bytes = address.ns.size() + address.key.size();
  // All that the allocator gives for it anyway: a later value may be a little longer.
  const std::size_t bytes = block_bytes(address_bytes, value.size(), with_queue_link);
  void* memory = ::operator new(allocated_bytes(bytes) - sizeof(void*));
  auto* block = ::new (memory) EntryBlock(hash, address, value.size(), kind, with_queue_link);
  if (with_queue_link) ::new (static_cast<void*>(block + 1)) QueueLink();
  copy(address.ns, block->text());
  copy(address.key, block->text() + address.ns.size());
  copy(value, block->text() + address_bytes);
  return block;
}

Record EntryBlock::record(Detail detail) const {
  Record record;
  if (detail == Detail::record) {
    record.value = shared_value();
  }
  record.created_revision = created_revision;
  record.revision = revision;
  record.created_at = instant(created_at_ms);
  record.updated_at = instant(updated_at_ms);
  if (expires_at_ms != never) record.expires_at = instant(expires_at_ms);
  return record;
}

std::size_t EntryBlock::cost(std::size_t address_bytes, std::size_t value_bytes,
                             bool with_queue_link) noexcept {
  return allocated_bytes(block_bytes(address_bytes, value_bytes, with_queue_link)) +
         share_of_tables;
}

bool EntryBlock::can_hold_instead(std::string_view value) const noexcept {
  if (references.load(std::memory_order_acquire) != 1) return false;
  const std::size_t address_bytes = std::size_t{ns_bytes_} + key_bytes_;
  return cost(address_bytes, value.size(), has_queue_link_) == cost();
}

void EntryBlock::overwrite(std::string_view value, ValueKind kind) noexcept {
  copy(value, text() + ns_bytes_ + key_bytes_);
  value_bytes_ = static_cast<std::uint32_t>(value.size());
  kind_ = kind;
}

}  // namespace holdfast::in_memory
