// What one step changes in the search indexes of namespaces that are locked exclusively.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "namespace_index.hpp"
#include "search/document_changes.hpp"

namespace holdfast::in_memory {

class IndexStep {
 public:
  // `next` will lie where `old` lies; either may be null or a tombstone. Revisions are settled.
  void replace(NamespaceIndex& ns, const EntryBlock* old, const EntryBlock* next);
  // Works out what is to be done. Throws `std::bad_alloc`, or `Corruption` where a block is
  // damaged, with nothing changed.
  void prepare();
  // After `prepare`, under the same locks.
  void apply() noexcept;

 private:
  struct Step {
    search::DocumentChanges changes;
    std::vector<search::BlockChange> plan;
    std::vector<Revision> forgotten;  // Vectors, then those that are to be made.
    std::set<Revision> awaited;
  };
  std::map<NamespaceIndex*, Step> steps_;
};

// What the index has of an entry.
[[nodiscard]] IndexedDocument document_of(const DocumentIndexer& indexer, const EntryBlock& block);

}  // namespace holdfast::in_memory
