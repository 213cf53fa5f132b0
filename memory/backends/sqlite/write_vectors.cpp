// The vectors of entries: forgotten and awaited as the entries change, and kept when they are made.
#include "search/vector_search.hpp"
#include "write_transaction.hpp"

namespace holdfast::sqlite {

using search::ConfiguredNamespace;

void WriteTransaction::change_vector(const SearchConfig& config, std::int64_t namespace_id,
                                     const Record* before, const Record* after) {
  const search::VectorStep step = search::vector_step(config, before, after);
  if (!step.forgets && !step.awaits) return;
  ++ledger_.changes;
  if (step.forgets) vectors_.forget(namespace_id, before->created_revision);
  if (step.awaits) vectors_.await(namespace_id, after->created_revision);
}

// Of a namespace that goes by another configuration from now on, or whose index is made anew: takes
// away what does not hold by it, or is damaged.
void WriteTransaction::leave_vectors_behind(std::int64_t namespace_id,
                                            const ConfiguredNamespace* before,
                                            const ConfiguredNamespace* after) {
  const bool stay = before != nullptr && after != nullptr &&
                    search::keeps_vectors(before->indexer->config(), after->indexer->config());
  if (!stay) return vectors_.forget_all(namespace_id);
  vectors_.forget_damaged(namespace_id, after->indexer->config().embedding->dimensions);
}

// Brings what is awaited in line with an entry that is there.
void WriteTransaction::settle_vector(const SearchConfig& config, std::int64_t namespace_id,
                                     Revision created, const MemoryValue& value) {
  const bool is_wanted = !config.text_to_embed(value).empty();
  if (is_wanted == vectors_.has(namespace_id, created)) return;
  if (is_wanted) {
    vectors_.await(namespace_id, created);
  } else {
    vectors_.forget(namespace_id, created);
  }
}

std::uint64_t WriteTransaction::put_vectors(std::span<const VectorRow> vectors, Timestamp now) {
  for (const VectorRow& each : vectors) {
    search::require_vector(*ledger_.catalog, each);
  }
  std::uint64_t kept = 0;
  for (const VectorRow& each : vectors) {
    const NamespaceRow& ns = namespace_row(each.address.ns);
    const Existing entry = find(ns, each.address.key, now);
    if (!entry.live || entry.row.revision != each.revision) continue;
    if (!vectors_.put(ns.id, entry.row.created_revision, each.vector)) continue;
    ++ledger_.changes;
    ++kept;
  }
  return kept;
}

}  // namespace holdfast::sqlite
