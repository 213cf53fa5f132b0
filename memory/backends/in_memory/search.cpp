#include "search.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "index_step.hpp"
#include "namespace_postings.hpp"
#include "search/index_check.hpp"
#include "search/index_search.hpp"

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

// The index of all that lies in a namespace; null: none governs it.
std::unique_ptr<NamespacePostings> build(const NamespaceIndex& ns, const SearchCatalog& catalog,
                                         const Context& context) {
  const ConfiguredNamespace* const governing = catalog.governing(ns.text());
  if (governing == nullptr) return nullptr;
  constexpr std::size_t documents_at_once = 1'000;
  auto postings = std::make_unique<NamespacePostings>(governing->indexer);
  search::DocumentChanges changes;
  const auto flush = [&] {
    std::vector<search::BlockChange> plan = changes.plan(*postings);
    postings->prepare(plan);
    postings->apply(plan);
    changes = {};
    context.check();
  };
  for (EntryBlock* block = ns.by_created.first(); block != nullptr;
       block = CreatedTree::next(block)) {
    changes.put(block->created_revision, document_of(*governing->indexer, *block));
    if (changes.size() == documents_at_once) flush();
  }
  flush();
  return postings;
}

void check_namespace(const NamespaceIndex& ns, const DocumentIndexer& indexer,
                     SearchCheck& report) {
  search::IndexCheck check(indexer, ns.text(), report);
  for (EntryBlock* block = ns.by_created.first(); block != nullptr;
       block = CreatedTree::next(block)) {
    check.expect(block->record(Detail::record));
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
  check.finish();
}

}  // namespace

// The namespaces of a scope, locked shared.
class InMemorySearch::View final : public search::IndexView {
 public:
  View(Store& store, const Scope& scope, const ConfiguredNamespace& configured, std::int64_t now_ms)
      : walk_(store.directory, scope), now_ms_(now_ms) {
    while (NamespaceIndex* ns = walk_.next()) {
      const bool is_governed =
          ns->postings != nullptr && &ns->postings->indexer() == configured.indexer.get();
      if (is_governed) namespaces_.push_back(ns);
    }
    walk_.open_gate();
  }

  void prepare(std::span<const std::string>) override {}
  [[nodiscard]] std::size_t namespaces() const override { return namespaces_.size(); }
  [[nodiscard]] std::vector<Revision> expired(std::size_t ns) override {
    std::vector<Revision> created;
    namespaces_[ns]->deadlines.for_each_expired(
        now_ms_, [&](const EntryBlock& block) { created.push_back(block.created_revision); });
    std::sort(created.begin(), created.end());
    return created;
  }
  void read_documents(std::size_t ns, DocumentList& to) override {
    namespaces_[ns]->postings->read(search::documents_term, to);
  }
  void read_postings(std::size_t ns, std::string_view term, PostingList& to) override {
    namespaces_[ns]->postings->read(term, to);
  }
  [[nodiscard]] bool read_entry(std::size_t ns, Revision created, const EntrySink& sink) override {
    EntryBlock* const block = namespaces_[ns]->by_created.first_where(
        [&](const EntryBlock& each) { return each.created_revision >= created; });
    if (block == nullptr || block->created_revision != created) return false;
    if (!block->is_live(now_ms_)) return false;
    sink(block->address(), block->record(Detail::record));
    return true;
  }

 private:
  ScopeWalk walk_;
  std::int64_t now_ms_;
  std::vector<NamespaceIndex*> namespaces_;
};

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
    built.push_back(build(*each, *after, context));
    documents += each->entries;
  }
  for (std::size_t i = 0; i < namespaces.size(); ++i) namespaces[i]->postings.swap(built[i]);
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
  context.check();
  const std::int64_t now_ms = store_.now_ms(context);
  while (true) {
    const auto catalog = store_.directory.catalog();
    const ConfiguredNamespace& configured = catalog->require_usable(request.scope.ns.text());
    View view(store_, request.scope, configured, now_ms);
    // Whoever changes a configuration waits for the namespaces that it governs.
    if (catalog != store_.directory.catalog()) continue;
    return search::search(*configured.indexer, request, view, sink, context);
  }
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
