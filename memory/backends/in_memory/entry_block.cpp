#include "entry_block.hpp"

#include <chrono>
#include <cstring>
#include <new>

#include "namespace_index.hpp"

namespace holdfast::in_memory {
namespace {

// An entry's share of its shard's table (nine bytes a slot at 7/16 to 7/8 of load) and, for those
// that have a deadline, of the heap of deadlines.
constexpr std::size_t share_of_tables = 18;

void free_block(const SharedBlock* block) noexcept {
  auto* entry = const_cast<EntryBlock*>(static_cast<const EntryBlock*>(block));
  entry->~EntryBlock();
  ::operator delete(static_cast<void*>(entry));
}

std::size_t block_bytes(std::size_t key_bytes, std::size_t value_bytes,
                        bool with_queue_link) noexcept {
  return sizeof(EntryBlock) + (with_queue_link ? sizeof(QueueLink) : 0) + key_bytes + value_bytes;
}

Timestamp instant(std::int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }

}  // namespace

EntryBlock::EntryBlock(std::uint32_t hash, std::size_t key_bytes, std::size_t value_bytes,
                       bool with_queue_link) noexcept
    : SharedBlock(&free_block),
      hash_(hash),
      value_bytes_(static_cast<std::uint32_t>(value_bytes)),
      key_bytes_(static_cast<std::uint16_t>(key_bytes)),
      has_queue_link_(with_queue_link) {}

EntryBlock* EntryBlock::create(std::uint32_t hash, std::string_view key, std::string_view value,
                               bool with_queue_link) {
  void* memory = ::operator new(block_bytes(key.size(), value.size(), with_queue_link));
  auto* block = ::new (memory) EntryBlock(hash, key.size(), value.size(), with_queue_link);
  if (with_queue_link) ::new (static_cast<void*>(block + 1)) QueueLink();
  char* text = const_cast<char*>(block->text());
  if (!key.empty()) std::memcpy(text, key.data(), key.size());
  if (!value.empty()) std::memcpy(text + key.size(), value.data(), value.size());
  return block;
}

AddressView EntryBlock::address() const noexcept { return {ns->text(), key()}; }

Record EntryBlock::record(Detail detail) const {
  Record record;
  if (detail == Detail::record) {
    record.value = MemoryValue::from_canonical(SharedText::sharing(this, value()));
  }
  record.created_revision = created_revision;
  record.revision = revision;
  record.created_at = instant(created_at_ms);
  record.updated_at = instant(updated_at_ms);
  if (expires_at_ms != never) record.expires_at = instant(expires_at_ms);
  return record;
}

std::size_t EntryBlock::logical_bytes() const noexcept {
  return ns->text().size() + key_bytes_ + value_bytes_;
}

std::size_t EntryBlock::cost(std::size_t key_bytes, std::size_t value_bytes,
                             bool with_queue_link) noexcept {
  return allocated_bytes(block_bytes(key_bytes, value_bytes, with_queue_link)) + share_of_tables;
}

}  // namespace holdfast::in_memory
