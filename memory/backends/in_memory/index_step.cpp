#include "index_step.hpp"

#include "namespace_postings.hpp"

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
  search::DocumentChanges& changes = steps_[&ns].changes;
  if (is_entry(old)) changes.remove(old->created_revision, document_of(indexer, *old));
  if (is_entry(next)) changes.put(next->created_revision, document_of(indexer, *next));
}

void IndexStep::prepare() {
  for (auto& [ns, step] : steps_) {
    step.plan = step.changes.plan(*ns->postings);
    ns->postings->prepare(step.plan);
  }
}

void IndexStep::apply() noexcept {
  for (auto& [ns, step] : steps_) ns->postings->apply(step.plan);
}

}  // namespace holdfast::in_memory
