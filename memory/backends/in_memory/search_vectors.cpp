// Searching by vectors in an in-memory store, and keeping them.
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

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

// Keeps vectors of one namespace, and takes them back unless all were kept.
class Keeping {
 public:
  Keeping(NamespaceVectors& vectors, std::size_t most) : vectors_(vectors) { kept_.reserve(most); }
  ~Keeping() {
    for (; !kept_.empty(); kept_.pop_back()) take_back(kept_.back());
  }
  Keeping(const Keeping&) = delete;
  Keeping& operator=(const Keeping&) = delete;

  void keep(Revision created, std::span<const float> vector) {
    const std::span<const float> old = vectors_.table.find(created);
    Kept kept{created, {old.begin(), old.end()}, {}};
    vectors_.table.put(created, created, vector);
    // Nothing allocates from here on, nor where it is taken back.
    kept.awaited = vectors_.awaited.extract(created);
    kept_.push_back(std::move(kept));
  }
  void finish() noexcept { kept_.clear(); }

 private:
  struct Kept {
    Revision created;
    std::vector<float> old;  // Empty: there was none.
    std::set<Revision>::node_type awaited;
  };

  void take_back(Kept& kept) {
    if (kept.old.empty()) {
      vectors_.table.erase(kept.created);
    } else {
      vectors_.table.put(kept.created, kept.created, kept.old);
    }
    vectors_.awaited.insert(std::move(kept.awaited));
  }

  NamespaceVectors& vectors_;
  std::vector<Kept> kept_;
};

// Whether it was kept. The namespace is locked exclusively.
bool put(const NamespaceIndex& ns, const VectorRow& row, std::int64_t now_ms, Keeping& keeping) {
  const NamespaceVectors* const vectors = ns.postings->vectors();
  const SearchEmbedding& embedding = *ns.postings->indexer().config().embedding;
  const bool fits = static_cast<std::size_t>(embedding.dimensions) == row.vector.size() &&
                    (row.model.empty() || embedding.model == row.model);
  if (!fits) return false;
  const EntryBlock* const block = find(ns, row.address.key);
  if (block == nullptr || !block->is_live(now_ms) || block->revision != row.revision) return false;
  const Revision created = block->created_revision;
  const bool is_known = vectors->awaited.contains(created) || !vectors->table.find(created).empty();
  if (!is_known) return false;  // It has no text.
  keeping.keep(created, row.vector);
  return true;
}

// How many were kept, in one step.
std::uint64_t put_all(NamespaceIndex& ns, const std::vector<const VectorRow*>& rows,
                      std::int64_t now_ms) {
  const std::unique_lock lock(ns.lock);
  NamespaceVectors* const vectors = ns.postings == nullptr ? nullptr : ns.postings->vectors();
  if (vectors == nullptr) return 0;  // Another configuration has come since it was looked at.
  Keeping keeping(*vectors, rows.size());
  std::uint64_t kept = 0;
  for (const VectorRow* row : rows) kept += put(ns, *row, now_ms, keeping) ? 1U : 0U;
  keeping.finish();
  return kept;
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
    if (pin) kept += put_all(*pin.get(), rows, now_ms);
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
