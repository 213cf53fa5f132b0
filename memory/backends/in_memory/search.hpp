// Searching in an in-memory store, and configuring namespaces for it.
#pragma once

#include <memory>

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

 private:
  class View;
  // Gives the catalog that `change` makes of the one that is there, or null, and makes the indexes
  // of all that `ns` governs anew with it; says how many entries that were.
  template <typename Change>
  std::uint64_t rebuild(const Namespace& ns, const Change& change, const Context& context);

  Store& store_;
};

}  // namespace holdfast::in_memory
