// Searching by vectors in an in-memory store, and keeping them.
#include <map>
#include <mutex>

#include "search_view.hpp"

namespace holdfast::in_memory {
namespace {

using search::ConfiguredNamespace;
using search::SearchCatalog;

EntryBlock* find(const NamespaceIndex& ns, std::string_view key) {
  const KeyOrder::Position found =
      ns.by_key.first_where([&](const EntryBlock* each) { return each->key() >= key; });
  return found && (*found)->key() == key ? *found : nullptr;
}

// Whether it was kept. The namespace is locked exclusively.
bool put(NamespaceIndex& ns, const VectorRow& row, std::int64_t now_ms) {
  NamespaceVectors* const vectors = ns.postings == nullptr ? nullptr : ns.postings->vectors();
  if (vectors == nullptr) return false;  // Another configuration has come since it was looked at.
  const SearchEmbedding& embedding = *ns.postings->indexer().config().embedding;
  const bool fits = static_cast<std::size_t>(embedding.dimensions) == row.vector.size() &&
                    (row.model.empty() || embedding.model == row.model);
  if (!fits) return false;
  const EntryBlock* const block = find(ns, row.address.key);
  if (block == nullptr || !block->is_live(now_ms) || block->revision != row.revision) return false;
  const Revision created = block->created_revision;
  const bool is_known = vectors->awaited.contains(created) || !vectors->table.find(created).empty();
  if (!is_known) return false;  // It has no text.
  vectors->table.put(created, created, row.vector);
  vectors->awaited.erase(created);
  return true;
}

}  // namespace

std::uint64_t InMemorySearch::put_vectors(std::span<const VectorRow> vectors,
                                          const Context& context) {
  context.check();
  const std::int64_t now_ms = store_.now_ms(context);
  const auto catalog = store_.directory.catalog();
  std::map<std::string_view, std::vector<const VectorRow*>> by_namespace;
  for (const VectorRow& row : vectors) {
    search::require_vector(*catalog, row);
    by_namespace[row.address.ns].push_back(&row);
  }
  std::uint64_t kept = 0;
  for (const auto& [text, rows] : by_namespace) {
    const NamespacePin pin = store_.directory.pin(text);
    if (!pin) continue;
    const std::unique_lock lock(pin->lock);
    for (const VectorRow* row : rows) kept += put(*pin.get(), *row, now_ms) ? 1U : 0U;
  }
  return kept;
}

void InMemorySearch::without_vector(const Scope& scope, const EntrySink& sink,
                                    const Context& context) {
  with_view(
      scope,
      [&](const SearchCatalog& catalog) -> const ConfiguredNamespace& {
        return search::require_embedding(catalog, scope.ns.text());
      },
      [&](const ConfiguredNamespace&, View& view) {
        bool goes_on = true;
        for (std::size_t ns = 0; goes_on && ns < view.namespaces(); ++ns) {
          const NamespaceVectors* const vectors = view.vectors_of(ns);
          if (vectors == nullptr) continue;
          for (const Revision created : vectors->awaited) {
            static_cast<void>(
                view.read_entry(ns, created, [&](const AddressView& address, const Record& record) {
                  goes_on = sink(address, record);
                }));
            if (!goes_on) break;
          }
        }
      },
      context);
}

void InMemorySearch::vectors(const Scope& scope, const VectorSink& sink, const Context& context) {
  with_view(
      scope,
      [&](const SearchCatalog& catalog) -> const ConfiguredNamespace& {
        return search::require_embedding(catalog, scope.ns.text());
      },
      [&](const ConfiguredNamespace&, View& view) {
        for (std::size_t ns = 0; ns < view.namespaces(); ++ns) {
          const NamespaceVectors* const vectors = view.vectors_of(ns);
          if (vectors == nullptr) continue;
          const bool is_through = view.each_entry(ns, [&](const EntryBlock& block) {
            const auto vector = vectors->table.find(block.created_revision);
            return vector.empty() || sink(block.address(), block.record(Detail::record), vector);
          });
          if (!is_through) return;
        }
      },
      context);
}

void InMemorySearch::nearest(const VectorRequest& request, const RankedSink& sink,
                             const Context& context) {
  with_view(
      request.scope,
      [&](const SearchCatalog& catalog) -> const ConfiguredNamespace& {
        return search::require_vector(catalog, request.scope.ns.text(), request.vector);
      },
      [&](const ConfiguredNamespace&, View& view) {
        search::nearest(request, view, sink, context);
      },
      context);
}

}  // namespace holdfast::in_memory
