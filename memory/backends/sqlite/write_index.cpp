// The search index: documents that change with their entries, and indexes made anew.
#include <algorithm>
#include <utility>

#include "errors.hpp"
#include "support/key_ranges.hpp"
#include "write_transaction.hpp"

namespace holdfast::sqlite {

using search::ConfiguredNamespace;
using search::SearchCatalog;
using search::StoredConfiguration;

namespace {

// Of an index that is made anew: what is gathered before it is written.
constexpr std::size_t documents_at_once = 2000;
constexpr std::size_t bytes_at_once = std::size_t{4} << 20;

MemoryValue borrowed_value(std::string_view text) {
  return MemoryValue::from_canonical(SharedText::of_static(text));
}

// Whether a search cannot tell them apart.
bool are_alike(const Record& a, const Record& b) {
  return a.created_revision == b.created_revision && a.created_at == b.created_at &&
         a.value.json_text() == b.value.json_text();
}

}  // namespace

void WriteTransaction::change_document(const AddressView& address, const NamespaceRow& ns,
                                       const Existing& old, const Row* row,
                                       std::string_view value) {
  const ConfiguredNamespace* const governing = ledger_.catalog->governing(address.ns);
  if (governing == nullptr) return;
  const DocumentIndexer& indexer = *governing->indexer;
  if (governing->needs_reindex) {
    leave_index_behind(*governing, ns.id);
    if (!indexer.config().embedding) return;
  }
  std::optional<Record> before;
  if (old.found) before = record_at(ns, address.key, old.row);
  std::optional<Record> after;
  if (row != nullptr) fill_record(after.emplace(), *row);
  if (after) after->value = borrowed_value(value);
  if (before && after && are_alike(*before, *after)) return;
  change_vector(indexer.config(), ns.id, before ? &*before : nullptr, after ? &*after : nullptr);
  if (governing->needs_reindex) return;
  search::DocumentChanges& changes = index_.changes_of(ns.id);
  if (before) {
    changes.remove(before->created_revision, indexer.index(before->value, before->created_at));
  }
  if (after) changes.put(after->created_revision, indexer.index(after->value, after->created_at));
}

// For a namespace whose index was made by another version: nothing can be changed in it, and
// nothing of what is erased may stay in it.
void WriteTransaction::leave_index_behind(const ConfiguredNamespace& governing,
                                          std::int64_t namespace_id) {
  index_.erase_blocks(namespace_id);
  if (index_.mark_stale(governing.ns)) ++ledger_.state.search_generation;
}

bool WriteTransaction::configure_search(const Namespace& ns, const SearchConfig* config,
                                        const Context& context) {
  const SearchCatalog& before = *ledger_.catalog;
  const ConfiguredNamespace* const own = before.at(ns.text());
  if (config == nullptr ? own == nullptr : own != nullptr && own->indexer->config() == *config) {
    return false;
  }
  std::vector<StoredConfiguration> list = read_configurations(connection_);
  std::erase_if(list, [&](const StoredConfiguration& each) { return each.ns == ns.text(); });
  if (config == nullptr) {
    index_.erase_configuration(ns.text());
  } else {
    list.push_back(search::to_store(ns.text(), *config));
    index_.put_configuration(list.back());
  }
  static_cast<void>(put_catalog(ns, std::make_shared<const SearchCatalog>(list, before), context));
  return true;
}

std::uint64_t WriteTransaction::reindex(const Namespace& ns, const Context& context) {
  const SearchCatalog& before = *ledger_.catalog;
  const SearchConfig& config = before.require_at(ns.text()).indexer->config();
  std::vector<StoredConfiguration> list = read_configurations(connection_);
  for (StoredConfiguration& each : list) {
    if (each.ns != ns.text()) continue;
    each = search::to_store(ns.text(), config);
    index_.put_configuration(each);
  }
  return put_catalog(ns, std::make_shared<const SearchCatalog>(list, before), context);
}

// Makes the index of all that the configuration of `ns` governs, or did, anew. Says how many
// entries that were.
std::uint64_t WriteTransaction::put_catalog(const Namespace& ns,
                                            std::shared_ptr<const SearchCatalog> catalog,
                                            const Context& context) {
  std::uint64_t entries = 0;
  for (const PlacedNamespace& each : namespaces_below(ns)) {
    const bool is_affected = ledger_.catalog->is_governed_from(ns.text(), each.path) &&
                             catalog->is_governed_from(ns.text(), each.path);
    if (!is_affected) continue;
    const ConfiguredNamespace* const governing = catalog->governing(each.path);
    index_.erase_blocks(each.id);
    leave_vectors_behind(each.id, ledger_.catalog->governing(each.path), governing);
    entries += static_cast<std::uint64_t>(each.entries);
    if (governing != nullptr) index_namespace(each.id, *governing, context);
    context.check();
  }
  ++ledger_.changes;
  ledger_.erased = true;  // Words of the entries, out of the blocks.
  ledger_.catalog_generation = ++ledger_.state.search_generation;
  ledger_.catalog = std::move(catalog);
  return entries;
}

void WriteTransaction::index_namespace(std::int64_t namespace_id,
                                       const ConfiguredNamespace& governing,
                                       const Context& context) {
  const SearchConfig& config = governing.indexer->config();
  if (governing.needs_reindex) {
    leave_index_behind(governing, namespace_id);
    if (!config.embedding) return;
  }
  Statement entries = connection_.prepare(
      "SELECT e.created_revision, e.created_at, coalesce(e.value, l.value) "
      "FROM entry e INDEXED BY entry_by_created LEFT JOIN large_value l ON l.id = e.large_value_id "
      "WHERE e.namespace_id = ?1 ORDER BY e.created_revision");
  entries.bind(1, namespace_id);
  std::size_t bytes = 0;
  while (entries.step()) {
    if (entries.is_null(2)) fail(ErrorCode::corruption, "the value of an entry is missing");
    const Revision created = entries.integer(0);
    const MemoryValue value = borrowed_value(entries.text(2));
    if (config.embedding) settle_vector(config, namespace_id, created, value);
    search::DocumentChanges& changes = index_.changes_of(namespace_id);
    if (!governing.needs_reindex) {
      changes.put(created, governing.indexer->index(value, to_timestamp(entries.integer(1))));
    }
    bytes += value.json_text().size();
    if (changes.size() < documents_at_once && bytes < bytes_at_once) continue;
    index_.write();
    bytes = 0;
    context.check();
  }
  index_.write();
}

std::vector<PlacedNamespace> WriteTransaction::namespaces_below(const Namespace& ns) {
  Statement list =
      connection_.prepare("SELECT id, path, entries FROM namespace WHERE path >= ?1 AND path < ?2");
  std::vector<PlacedNamespace> found;
  const support::SubtreeRanges ranges(ns.text());
  for (const support::TextRange& range : {ranges.own, ranges.below}) {
    const Using use(list);
    list.bind(1, range.first).bind(2, range.end);
    while (list.step()) {
      found.push_back({list.integer(0), std::string(list.text(1)), list.integer(2)});
    }
  }
  return found;
}

bool WriteTransaction::has_search_configurations(const Namespace& ns) const {
  const std::vector<SearchConfiguration> list = ledger_.catalog->list();
  return std::ranges::any_of(list, [&](const SearchConfiguration& each) {
    return subtree_contains(ns.text(), each.ns.text());
  });
}

}  // namespace holdfast::sqlite
