// Searching in an in-memory store, and configuring namespaces for it.
#pragma once

#include <cstdint>
#include <span>

#include "holdfast/search.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

class InMemorySearch final : public SearchIndex {
 public:
  // The store must outlive it.
  explicit InMemorySearch(Store& store) noexcept : store_(store) {}

  [[nodiscard]] std::vector<SearchConfiguration> configurations(const Context& context) override;
  bool configure(const Namespace& ns, const SearchConfig* config, const Context& context) override;
  void search(const SearchRequest& request, const RankedSink& sink,
              const Context& context) override;
  std::uint64_t reindex(const Namespace& ns, const Context& context) override;
  [[nodiscard]] SearchCheck check(const Namespace& ns, const Context& context) override;

  std::uint64_t put_vectors(std::span<const VectorRow> vectors, const Context& context) override;
  void without_vector(const Scope& scope, const EntrySink& sink, const Context& context) override;
  void vectors(const Scope& scope, const VectorSink& sink, const Context& context) override;
  void nearest(const VectorRequest& request, const RankedSink& sink,
               const Context& context) override;

 private:
  class View;
  // Gives the catalog that `change` makes of the one that is there, or null, and makes the indexes
  // of all that `ns` governs anew with it; says how many entries that were.
  template <typename Change>
  std::uint64_t rebuild(const Namespace& ns, const Change& change, const Context& context);

  // Calls `visit` with a view of the scope, once it is of the state that the catalog is of.
  // `require` gives the configuration from the catalog.
  template <typename Require, typename Visit>
  void with_view(const Scope& scope, const Require& require, const Visit& visit,
                 const Context& context);

  Store& store_;
};

}  // namespace holdfast::in_memory
