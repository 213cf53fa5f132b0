#include "search.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "index_step.hpp"
#include "namespace_postings.hpp"
#include "search/index_check.hpp"
#include "search_view.hpp"

namespace holdfast::in_memory {
namespace {

using search::ConfiguredNamespace;
using search::DocumentList;
using search::PostingList;
using search::SearchCatalog;
using search::StoredConfiguration;

std::vector<StoredConfiguration> stored(const SearchCatalog& catalog) {
  std::vector<StoredConfiguration> list;
  for (const SearchConfiguration& each : catalog.list()) {
    list.push_back({std::string(each.ns.text()), std::string(each.config.to_value().json_text()),
                    each.analyzer_version, false});
  }
  return list;
}

void await_vector(NamespacePostings& postings, const EntryBlock& block) {
  if (postings.vectors() == nullptr) return;
  const Record record = block.record(Detail::record);
  const SearchConfig& config = postings.indexer().config();
  if (search::vector_step(config, nullptr, &record).awaits) {
    postings.vectors()->awaited.insert(block.created_revision);
  }
}

// The vectors that still hold, out of an index in whose place another one comes.
void keep_vectors(NamespacePostings* from, NamespacePostings* to) {
  if (from == nullptr || to == nullptr) return;
  if (search::keeps_vectors(from->indexer().config(), to->indexer().config())) {
    to->take_vectors(*from);
  }
}

// The index of all that lies in a namespace, but for vectors that are there already; null: none
// governs it.
std::unique_ptr<NamespacePostings> build(const KeyedHash& hash, const NamespaceIndex& ns,
                                         const SearchCatalog& catalog, const Context& context) {
  const ConfiguredNamespace* const governing = catalog.governing(ns.text());
  if (governing == nullptr) return nullptr;
  constexpr std::size_t documents_at_once = 1'000;
  auto postings = std::make_unique<NamespacePostings>(hash, governing->indexer);
  search::DocumentChanges changes;
  const auto flush = [&] {
    std::vector<search::BlockChange> plan = changes.plan(*postings);
    postings->prepare(plan);
    postings->apply(plan);
    changes = {};
    context.check();
  };
  for (RevisionOrder::Position at = ns.by_created.first(); at; at.to_next()) {
    changes.put(at->at, document_of(*governing->indexer, *at->block));
    await_vector(*postings, *at->block);
    if (changes.size() == documents_at_once) flush();
  }
  flush();
  return postings;
}

void check_namespace(const NamespaceIndex& ns, const DocumentIndexer& indexer,
                     SearchCheck& report) {
  search::IndexCheck check(indexer, ns.text(), report);
  for (RevisionOrder::Position at = ns.by_created.first(); at; at.to_next()) {
    check.expect(at->block->record(Detail::record));
  }
  DocumentList documents(indexer.config().fields.size());
  ns.postings->read(search::documents_term, documents);
  check.compare_documents(documents);
  PostingList postings;
  ns.postings->for_each_term([&](std::string_view term) {
    postings.clear();
    ns.postings->read(term, postings);
    check.compare_postings(term, postings);
  });
  if (ns.postings->vectors() != nullptr) {
    check.compare_vectors(ns.postings->vectors()->revisions());
  }
  check.finish();
}

}  // namespace

std::vector<SearchConfiguration> InMemorySearch::configurations(const Context& context) {
  context.check();
  return store_.directory.catalog()->list();
}

template <typename Change>
std::uint64_t InMemorySearch::rebuild(const Namespace& ns, const Change& change,
                                      const Context& context) {
  std::vector<NamespacePin> pins;
  std::vector<NamespaceIndex*> namespaces;
  std::vector<std::unique_ptr<NamespacePostings>> built;  // Then what was there, freed at the end.
  const std::unique_lock gate(store_.directory.gate());
  const std::shared_ptr<const SearchCatalog> before = store_.directory.catalog();
  const std::shared_ptr<const SearchCatalog> after = change(*before);
  if (after == nullptr) return 0;
  const Scope subtree{ns, true};
  std::optional<Directory::From> from;
  while (NamespacePin pin = store_.directory.step(subtree, from, Direction::ascending)) {
    from = Directory::From{pin->text(), false};
    // What another configuration governs stays as it is.
    const bool is_affected = before->is_governed_from(ns.text(), pin->text()) &&
                             after->is_governed_from(ns.text(), pin->text());
    if (!is_affected) continue;
    namespaces.push_back(pin.get());
    pins.push_back(std::move(pin));
  }
  const ExclusiveNamespaces locks(namespaces);
  std::uint64_t documents = 0;
  for (const NamespaceIndex* each : namespaces) {
    built.push_back(build(store_.hash, *each, *after, context));
    documents += each->entries;
  }
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    keep_vectors(namespaces[i]->postings.get(), built[i].get());
    namespaces[i]->postings.swap(built[i]);
  }
  store_.directory.set_catalog(after);
  return documents;
}

bool InMemorySearch::configure(const Namespace& ns, const SearchConfig* config,
                               const Context& context) {
  context.check();
  bool changed = false;
  const auto change = [&](const SearchCatalog& before) -> std::shared_ptr<const SearchCatalog> {
    const ConfiguredNamespace* const own = before.at(ns.text());
    if (config == nullptr ? own == nullptr : own != nullptr && own->indexer->config() == *config) {
      return nullptr;
    }
    std::vector<StoredConfiguration> list = stored(before);
    std::erase_if(list, [&](const StoredConfiguration& each) { return each.ns == ns.text(); });
    if (config != nullptr) list.push_back(search::to_store(ns.text(), *config));
    changed = true;
    return std::make_shared<const SearchCatalog>(list, before);
  };
  rebuild(ns, change, context);
  return changed;
}

std::uint64_t InMemorySearch::reindex(const Namespace& ns, const Context& context) {
  context.check();
  return rebuild(
      ns,
      [&](const SearchCatalog& before) {
        (void)before.require_at(ns.text());
        return store_.directory.catalog();
      },
      context);
}

void InMemorySearch::search(const SearchRequest& request, const RankedSink& sink,
                            const Context& context) {
  with_view(
      request.scope,
      [&](const SearchCatalog& catalog) -> const ConfiguredNamespace& {
        return catalog.require_usable(request.scope.ns.text());
      },
      [&](const ConfiguredNamespace& configured, View& view) {
        search::search(*configured.indexer, request, view, sink, context);
      },
      context);
}

SearchCheck InMemorySearch::check(const Namespace& ns, const Context& context) {
  context.check();
  SearchCheck report;
  const Scope subtree{ns, true};
  ScopeWalk walk(store_.directory, subtree);
  const auto catalog = store_.directory.catalog();
  const ConfiguredNamespace& configured = catalog->require_at(ns.text());
  while (const NamespaceIndex* each = walk.next()) {
    if (catalog->governing(each->text()) != &configured) continue;
    check_namespace(*each, *configured.indexer, report);
    context.check();
  }
  return report;
}

}  // namespace holdfast::in_memory
