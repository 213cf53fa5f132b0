#include "in_place.hpp"

#include <charconv>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>

#include "holdfast/counter.hpp"

namespace holdfast::in_memory {
namespace {

// What shall stand in the block.
struct Content {
  std::string_view text;
  ValueKind kind = ValueKind::null;
};

class InPlaceChange {
 public:
  InPlaceChange(Store& store, const WriteOp& op, WriteResult& result, std::int64_t now_ms)
      : store_(store),
        op_(op),
        result_(result),
        now_ms_(now_ms),
        hash_(store.hash.of(op.address)),
        shard_(store.shards[shard_of(hash_)]) {}

  bool run() {
    const NamespacePin ns = pin();
    if (!ns) return false;
    const std::unique_lock ns_lock(ns->lock);
    const std::unique_lock shard_lock(shard_.lock);
    EntryBlock* const block = shard_.table.find(hash_, op_.address);
    if (block == nullptr || !block->is_live(now_ms_)) return false;
    if (!op_.precondition.holds(block->revision) || ns->postings != nullptr) return false;
    std::optional<Content> content;
    if (op_.kind != WriteOp::Kind::touch) {
      content = content_for(*block);
      const bool fits = content->text.size() <= store_.options.max_value_bytes &&
                        block->can_hold_instead(content->text);
      if (!fits) return false;
    }
    change(*ns.get(), *block, content);
    return true;
  }

 private:
  // While an entry is in the table its namespace is there.
  [[nodiscard]] NamespacePin pin() const {
    const std::shared_lock lock(shard_.lock);
    const EntryBlock* const block = shard_.table.find(hash_, op_.address);
    if (block == nullptr || block->is_tombstone()) return {};
    return store_.directory.pin(*block->ns);
  }

  [[nodiscard]] Content content_for(const EntryBlock& block) {
    if (op_.kind == WriteOp::Kind::set) return {op_.value.json_text(), op_.value.kind()};
    {
      const MemoryValue current = block.shared_value();
      result_.number = incremented(op_.address, &current, op_.delta);
    }
    const char* const end = std::to_chars(number_, number_ + sizeof number_, result_.number).ptr;
    return {{number_, static_cast<std::size_t>(end - number_)}, ValueKind::int64};
  }

  [[nodiscard]] std::int64_t deadline_for(const EntryBlock& block) const {
    const bool keeps =
        op_.kind == WriteOp::Kind::increment || (op_.kind == WriteOp::Kind::set && op_.keep_ttl);
    return keeps ? block.expires_at_ms : Store::deadline_ms(now_ms_, op_.ttl);
  }

  void change(NamespaceIndex& ns, EntryBlock& block, const std::optional<Content>& content) {
    const std::int64_t deadline = deadline_for(block);
    const bool had_deadline = block.expires_at_ms != EntryBlock::never;
    const bool has_deadline = deadline != EntryBlock::never;
    if (has_deadline && !had_deadline) ns.deadlines.make_room(1);
    ns.link_anew(&block);
    // From here on nothing fails.
    result_.status = WriteStatus::updated;
    result_.revision = ++store_.last_revision;
    store_.was_written = true;
    ns.put_anew(&block, result_.revision);
    block.updated_at_ms = now_ms_;
    if (content) {
      const std::uint64_t before = block.logical_bytes();
      block.overwrite(content->text, content->kind);
      ns.logical_bytes += block.logical_bytes() - before;
      shard_.logical_bytes += block.logical_bytes() - before;
    }
    if (had_deadline && !has_deadline) ns.deadlines.erase(&block);
    block.expires_at_ms = deadline;
    if (has_deadline) had_deadline ? ns.deadlines.moved(&block) : ns.deadlines.insert(&block);
    if (had_deadline || has_deadline) ns.note_earliest();
    if (store_.queues.enabled()) block.mark_used();
  }

  Store& store_;
  const WriteOp& op_;
  WriteResult& result_;
  const std::int64_t now_ms_;
  const std::uint32_t hash_;
  Shard& shard_;
  char number_[24];
};

}  // namespace

bool change_in_place(Store& store, const WriteOp& op, WriteResult& result, const Context& context) {
  const bool changes = op.kind == WriteOp::Kind::set || op.kind == WriteOp::Kind::touch ||
                       op.kind == WriteOp::Kind::increment;
  if (!changes || op.return_previous) return false;
  result = {};
  return InPlaceChange(store, op, result, store.now_ms(context)).run();
}

}  // namespace holdfast::in_memory
