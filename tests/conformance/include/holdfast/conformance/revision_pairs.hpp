/// @file
/// Which revisions of two stores stand for one another.
#pragma once

#include <map>
#include <optional>

#include "holdfast/entry.hpp"

namespace holdfast::conformance {

/// Pairs the revisions of a model, or of a store that others are compared with, with another
/// store's. Gaps do not matter, order and identity do (contract, clause 3.1).
class RevisionPairs {
 public:
  /// Whether `real` can be what the store calls `model`, given all pairs before; remembers it.
  [[nodiscard]] bool agree(Revision model, Revision real);
  /// The store's revision for one of the model's that was seen already.
  [[nodiscard]] std::optional<Revision> real(Revision model) const;
  [[nodiscard]] Revision greatest_real() const;

 private:
  std::map<Revision, Revision> pairs_{{0, 0}};
};

}  // namespace holdfast::conformance
