// A search by a vector, from what is near to the hits in their order: the same on every store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "holdfast/search.hpp"
#include "search_catalog.hpp"
#include "vector_table.hpp"

namespace holdfast::search {

// What a store has of the namespaces of a scope that one configuration governs. Used by one thread.
class VectorView {
 public:
  virtual ~VectorView() = default;

  [[nodiscard]] virtual std::size_t namespaces() const = 0;
  // Adds all vectors of a namespace, with their products with `unit`; it may add some whose
  // entries are not there any more.
  virtual void score(std::uint32_t ns, std::span<const float> unit,
                     std::vector<ScoredVector>& to) = 0;
  // A hint: those that will be asked for next, in this order, unless the search ends before.
  virtual void expect(std::span<const ScoredVector> vectors) { static_cast<void>(vectors); }
  using Deliver = std::function<void(const AddressView& address, const Record& record)>;
  // Gives the entry of a vector, if the vector is still there and the entry live.
  virtual void read(const ScoredVector& vector, const Deliver& deliver) = 0;
};

// As `SearchIndex::nearest`.
void nearest(const VectorRequest& request, VectorView& view, const RankedSink& sink,
             const Context& context);

// The configuration that a search by vectors in `ns` goes by. `FailedPrecondition` where none
// governs it, or the one that does has no embedding. An index of words that is to be made anew does
// not matter to vectors.
[[nodiscard]] const ConfiguredNamespace& require_embedding(const SearchCatalog& catalog,
                                                           std::string_view ns);
// Of one that is to be kept: `FailedPrecondition` for one of another model too.
void require_vector(const SearchCatalog& catalog, const VectorRow& row);
// The same for one to search by; `InvalidArgument` for a vector of another length.
const ConfiguredNamespace& require_vector(const SearchCatalog& catalog, std::string_view ns,
                                          std::span<const float> vector);

// What becomes of the vector of an entry in a step that gives it another value, or with which it
// comes or goes.
struct VectorStep {
  bool forgets = false;  // The vector of `before`, or that it is to be made.
  bool awaits = false;   // A vector of `after` is to be made.
};
[[nodiscard]] VectorStep vector_step(const SearchConfig& config, const Record* before,
                                     const Record* after);
// Whether vectors made by one configuration hold by the other.
[[nodiscard]] bool keeps_vectors(const SearchConfig& before, const SearchConfig& after);

}  // namespace holdfast::search
