// What a search in an in-memory store sees.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "namespace_postings.hpp"
#include "search.hpp"
#include "search/index_search.hpp"
#include "search/vector_search.hpp"

namespace holdfast::in_memory {

// The namespaces of a scope, locked shared.
class InMemorySearch::View final : public search::IndexView, public search::VectorView {
 public:
  View(Store& store, const Scope& scope, const search::ConfiguredNamespace& configured,
       std::int64_t now_ms)
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
  void read_documents(std::size_t ns, search::DocumentList& to) override {
    namespaces_[ns]->postings->read(search::documents_term, to);
  }
  void read_postings(std::size_t ns, std::string_view term, search::PostingList& to) override {
    namespaces_[ns]->postings->read(term, to);
  }
  [[nodiscard]] bool read_entry(std::size_t ns, Revision created,
                                const IndexView::EntrySink& sink) override {
    const RevisionOrder::Position found = namespaces_[ns]->by_created.first_where(
        [&](const ByRevision::Slot& slot) { return slot.at >= created; });
    if (!found || found->at != created || !found->block->is_live(now_ms_)) return false;
    sink(found->block->address(), found->block->record(Detail::record));
    return true;
  }

  void score(std::uint32_t ns, std::span<const float> unit,
             std::vector<search::ScoredVector>& to) override {
    const NamespaceVectors* const vectors = vectors_of(ns);
    if (vectors != nullptr) vectors->table.score(unit, ns, to);
  }
  void read(const search::ScoredVector& vector, const Deliver& deliver) override {
    static_cast<void>(read_entry(vector.ns, vector.created, deliver));
  }
  // Null where there are none.
  [[nodiscard]] const NamespaceVectors* vectors_of(std::size_t ns) const noexcept {
    return namespaces_[ns]->postings->vectors();
  }
  // Calls `visit` with each live entry in the order of creation until it returns false; says
  // whether it never did.
  template <typename Visit>
  bool each_entry(std::size_t ns, const Visit& visit) const {
    for (auto at = namespaces_[ns]->by_created.first(); at; at.to_next()) {
      if (at->block->is_live(now_ms_) && !visit(*at->block)) return false;
    }
    return true;
  }

 private:
  ScopeWalk walk_;
  std::int64_t now_ms_;
  std::vector<NamespaceIndex*> namespaces_;
};

template <typename Require, typename Visit>
void InMemorySearch::with_view(const Scope& scope, const Require& require, const Visit& visit,
                               const Context& context) {
  context.check();
  const std::int64_t now_ms = store_.now_ms(context);
  while (true) {
    const auto catalog = store_.directory.catalog();
    const search::ConfiguredNamespace& configured = require(*catalog);
    View view(store_, scope, configured, now_ms);
    // Whoever changes a configuration waits for the namespaces that it governs.
    if (catalog != store_.directory.catalog()) continue;
    return visit(configured, view);
  }
}

}  // namespace holdfast::in_memory
