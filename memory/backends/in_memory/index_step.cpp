#include "index_step.hpp"

#include <optional>

#include "namespace_postings.hpp"
#include "search/vector_search.hpp"

namespace holdfast::in_memory {
namespace {

bool is_entry(const EntryBlock* block) noexcept {
  return block != nullptr && !block->is_tombstone();
}

// Whether a search cannot tell them apart.
bool are_alike(const EntryBlock& a, const EntryBlock& b) noexcept {
  return a.created_revision == b.created_revision && a.created_at_ms == b.created_at_ms &&
         a.value() == b.value();
}

}  // namespace

IndexedDocument document_of(const DocumentIndexer& indexer, const EntryBlock& block) {
  const Record record = block.record(Detail::record);
  return indexer.index(record.value, record.created_at);
}

void IndexStep::replace(NamespaceIndex& ns, const EntryBlock* old, const EntryBlock* next) {
  if (ns.postings == nullptr) return;
  if (is_entry(old) && is_entry(next) && are_alike(*old, *next)) return;
  const DocumentIndexer& indexer = ns.postings->indexer();
  Step& step = steps_[&ns];
  if (is_entry(old)) step.changes.remove(old->created_revision, document_of(indexer, *old));
  if (is_entry(next)) step.changes.put(next->created_revision, document_of(indexer, *next));
  if (ns.postings->vectors() == nullptr) return;
  const auto record_of = [](const EntryBlock* block) {
    return is_entry(block) ? std::optional(block->record(Detail::record)) : std::nullopt;
  };
  const std::optional<Record> before = record_of(old);
  const std::optional<Record> after = record_of(next);
  const search::VectorStep vector =
      search::vector_step(indexer.config(), before ? &*before : nullptr, after ? &*after : nullptr);
  if (vector.forgets) step.forgotten.push_back(old->created_revision);
  if (vector.awaits) step.awaited.insert(next->created_revision);
}

void IndexStep::prepare() {
  for (auto& [ns, step] : steps_) {
    step.plan = step.changes.plan(*ns->postings);
    ns->postings->prepare(step.plan);
  }
}

void IndexStep::apply() noexcept {
  for (auto& [ns, step] : steps_) {
    ns->postings->apply(step.plan);
    NamespaceVectors* const vectors = ns->postings->vectors();
    if (vectors == nullptr) continue;
    for (const Revision created : step.forgotten) {
      vectors->table.erase(created);
      vectors->awaited.erase(created);
    }
    vectors->awaited.merge(step.awaited);
  }
}

}  // namespace holdfast::in_memory
